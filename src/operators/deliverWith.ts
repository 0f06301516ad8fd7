import { catchError, defer, map, mergeMap, type Observable, of, take, throwIfEmpty } from 'rxjs';
import { type DeliveryError, type Outcome, toDeliveryError } from '../model/outcome.ts';
import type { Deliver, Env, Operator, RetryPolicy } from '../model/shapes.ts';
import { retryBackoff } from './retryBackoff.ts';

const noReceipt = (): DeliveryError => ({ _tag: 'Transient', reason: 'no receipt' });

/**
 * One delivery with its retries, as a value: emits one {@link Outcome}, completes, never errors.
 * `sink` is the name under which logs, statistics and dead letters speak of it.
 */
export const attemptDelivery =
  <A, R>(sink: string, deliver: Deliver<A, R>, policy: RetryPolicy, env: Env) =>
  (item: A): Observable<Outcome<A, R>> =>
    defer(() => {
      const firstAttemptAt = env.scheduler.now();
      let attempts = 0;
      return defer(() => {
        attempts += 1;
        return deliver(item).pipe(take(1), throwIfEmpty(noReceipt));
      }).pipe(
        retryBackoff(policy, { ...env, log: (event) => env.log({ ...event, sink }) }),
        map((receipt): Outcome<A, R> => {
          const latencyMs = env.scheduler.now() - firstAttemptAt;
          return { _tag: 'Delivered', sink, item, receipt, attempts, latencyMs };
        }),
        catchError((thrown: unknown) => {
          const error = toDeliveryError(thrown);
          const failedAt = env.scheduler.now();
          const { _tag, ...details } = error;
          env.log({ level: 'warn', event: 'delivery failed', sink, attempts, ...details });
          return of<Outcome<A, R>>({
            _tag: 'DeadLetter',
            sink,
            item,
            attempts,
            error,
            firstAttemptAt,
            failedAt,
          });
        }),
      );
    });

/**
 * Delivers each item, at most `concurrency` at a time, and emits what became of it. An item that
 * fails for good costs its neighbours nothing. Completes when the last delivery is settled.
 */
export const deliverWith = <A, R>(
  sink: string,
  deliver: Deliver<A, R>,
  policy: RetryPolicy,
  env: Env,
  concurrency = 1,
): Operator<A, Outcome<A, R>> => mergeMap(attemptDelivery(sink, deliver, policy, env), concurrency);
