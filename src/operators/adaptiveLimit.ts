import { catchError, defer, tap, throwError } from 'rxjs';
import { toDeliveryError } from '../model/outcome.ts';
import type { Deliver, Env } from '../model/shapes.ts';

export interface AdaptiveLimit {
  /** Learns from each attempt; passes it on unchanged. */
  readonly observe: <A, R>(deliver: Deliver<A, R>) => Deliver<A, R>;
  /** How many deliveries may be under way now, from 1. */
  readonly current: () => number;
}

/** An answer that takes this many times as long as usual is a sign of congestion. */
const SLOW = 2;
const WEIGHT_OF_NEWEST = 0.2;

/**
 * How many deliveries a receiver bears, found as TCP does: one more after each round of successes
 * (additive increase), half as many after a transient failure or an answer that is {@link SLOW}
 * times as slow as usual (multiplicative decrease), the latter once in the time of an answer.
 *
 * @see https://vector.dev/blog/adaptive-request-concurrency/
 */
export const adaptiveLimit = (most: number, env: Pick<Env, 'scheduler'>): AdaptiveLimit => {
  let limit = 1;
  let usualMs: number | undefined;
  let shrunkAt = Number.NEGATIVE_INFINITY;

  const shrink = (): void => {
    const now = env.scheduler.now();
    if (now - shrunkAt < (usualMs ?? 0)) return;
    shrunkAt = now;
    limit = Math.max(1, limit / 2);
  };
  const learn = (latencyMs: number): void => {
    const usual = usualMs ?? latencyMs;
    if (latencyMs > SLOW * usual) shrink();
    else limit = Math.min(most, limit + 1 / limit);
    usualMs = usual + WEIGHT_OF_NEWEST * (latencyMs - usual);
  };
  return {
    current: () => Math.floor(limit),
    observe: (deliver) => (item) =>
      defer(() => {
        const startedAt = env.scheduler.now();
        return deliver(item).pipe(
          tap(() => learn(env.scheduler.now() - startedAt)),
          catchError((thrown: unknown) => {
            const error = toDeliveryError(thrown);
            if (error._tag === 'Transient') shrink();
            return throwError(() => error);
          }),
        );
      }),
  };
};
