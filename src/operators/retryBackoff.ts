import { type MonoTypeOperatorFunction, retry, throwError, timer } from 'rxjs';
import { patienceMs } from '../model/backoff.ts';
import { toDeliveryError } from '../model/outcome.ts';
import type { Env, RetryPolicy } from '../model/shapes.ts';

/**
 * Subscribes again after a transient error: exponential back-off with full jitter, and before
 * it what the receiver asked for (Retry-After, up to five minutes). An error that time does not
 * heal, and the one after the last retry, pass through. (`retry({ count, delay })` is what `retryWhen` was deprecated for.)
 */
export const retryBackoff = <A>(
  policy: RetryPolicy,
  env: Pick<Env, 'scheduler' | 'random' | 'log'>,
  event = 'delivery retried',
): MonoTypeOperatorFunction<A> =>
  retry({
    count: policy.maxRetries,
    delay: (thrown, failedTries) => {
      const error = toDeliveryError(thrown);
      if (error._tag !== 'Transient') return throwError(() => error);
      const delayMs = patienceMs(policy, failedTries, error.retryAfterMs, env.random);
      env.log({ level: 'warn', event, reason: error.reason, delayMs });
      return timer(delayMs, env.scheduler);
    },
  });
