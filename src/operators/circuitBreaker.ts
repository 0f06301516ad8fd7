import {
  BehaviorSubject,
  catchError,
  defer,
  finalize,
  first,
  map,
  merge,
  mergeMap,
  type Observable,
  of,
  repeat,
  retry,
  share,
  take,
  tap,
  throwError,
  timer,
} from 'rxjs';
import { patienceMs } from '../model/backoff.ts';
import { type DeliveryError, toDeliveryError } from '../model/outcome.ts';
import type { BreakerPolicy, Path } from '../model/path.ts';
import type { Deliver, Env } from '../model/shapes.ts';

export interface CircuitBreaker {
  /** Holds deliveries while the path is not closed; errors pass, but for mistakes of configuration. */
  readonly guard: <A, R>(deliver: Deliver<A, R>) => Deliver<A, R>;
  /** The path as it is, and each change. Never completes. */
  readonly path$: Observable<Path>;
}

const CLOSED: Path = { _tag: 'Closed' };
const HALF_OPEN: Path = { _tag: 'HalfOpen' };

/**
 * One breaker for all deliveries of one path. After `failures` transient failures in a row, or as
 * soon as the receiver asks for patience, deliveries wait; `probe` is tried at growing intervals, and when it
 * passes one delivery goes ahead: if it fails the path opens again, any success closes it. A
 * delivery that fails as `Misconfigured` does not error: it waits for the setting to be mended, like all others.
 * Nothing runs while nobody waits.
 */
export const circuitBreaker = (
  sink: string,
  probe: Observable<unknown>,
  policy: BreakerPolicy,
  env: Env,
): CircuitBreaker => {
  const path$ = new BehaviorSubject<Path>(CLOSED);
  let failures = 0;
  let openings = 0;
  let isTrialUnderWay = false;

  const open = ({ reason, retryAfterMs }: DeliveryError): void => {
    openings += 1;
    const delayMs = patienceMs(policy, openings, retryAfterMs, env.random);
    env.log({ level: 'warn', event: 'path opened', sink, reason, delayMs });
    path$.next({ _tag: 'Open', reason, retryAt: env.scheduler.now() + delayMs });
  };
  const park = ({ reason, advice = 'check the settings' }: DeliveryError): void => {
    env.log({ level: 'error', event: 'path parked', sink, reason, advice });
    path$.next({
      _tag: 'Parked',
      reason,
      advice,
      retryAt: env.scheduler.now() + policy.parkedMs,
    });
  };
  const close = (): void => {
    failures = 0;
    openings = 0;
    if (path$.value._tag === 'Closed') return;
    env.log({ level: 'info', event: 'path closed', sink });
    path$.next(CLOSED);
  };
  /** What a failure says of the path; a delivery that began before others failed says nothing new. */
  const judge = (error: DeliveryError, wasTrial: boolean): void => {
    if (error._tag === 'Permanent') {
      // An answer, though a refusal; without a status nobody was asked.
      if (error.status !== undefined) close();
      return;
    }
    if (error._tag === 'Misconfigured') {
      if (path$.value._tag !== 'Parked') park(error);
      return;
    }
    failures += 1;
    const isWorn = failures >= policy.failures || error.retryAfterMs !== undefined;
    if (wasTrial || (path$.value._tag === 'Closed' && isWorn)) open(error);
  };

  const isProbed$ = defer(() => {
    const { value } = path$;
    const waitMs = 'retryAt' in value ? value.retryAt - env.scheduler.now() : 0;
    return timer(Math.max(0, waitMs), env.scheduler);
  }).pipe(
    mergeMap(() =>
      probe.pipe(
        take(1),
        map(() => true),
        catchError((thrown: unknown) => {
          const error = toDeliveryError(thrown);
          if (error._tag === 'Transient') open(error);
          else park(error);
          return of(false);
        }),
      ),
    ),
    repeat(),
    first((passed) => passed),
    tap(() => path$.next(HALF_OPEN)),
    share(),
  );
  const changed$ = path$.pipe(first(({ _tag }) => _tag !== 'HalfOpen' || !isTrialUnderWay));
  const isClosed$ = path$.pipe(first(({ _tag }) => _tag === 'Closed'));
  /** Emits once, when a delivery may go ahead: true where it is the trial. */
  const admission = (): Observable<boolean> =>
    defer(() => {
      const { _tag } = path$.value;
      if (_tag === 'Closed') return of(false);
      if (_tag !== 'HalfOpen')
        return merge(isProbed$, isClosed$).pipe(take(1), mergeMap(admission));
      if (isTrialUnderWay) return changed$.pipe(mergeMap(admission));
      isTrialUnderWay = true;
      return of(true);
    });
  const guard =
    <A, R>(deliver: Deliver<A, R>): Deliver<A, R> =>
    (item) =>
      admission().pipe(
        mergeMap((isTrial) =>
          deliver(item).pipe(
            tap(close),
            catchError((thrown: unknown) => {
              const error = toDeliveryError(thrown);
              judge(error, isTrial);
              return throwError(() => error);
            }),
            finalize(() => {
              if (!isTrial) return;
              isTrialUnderWay = false;
              if (path$.value._tag === 'HalfOpen') path$.next(HALF_OPEN);
            }),
          ),
        ),
        retry({
          delay: (error: DeliveryError) =>
            error._tag === 'Misconfigured' ? of(true) : throwError(() => error),
        }),
      );
  return { guard, path$: path$.asObservable() };
};
