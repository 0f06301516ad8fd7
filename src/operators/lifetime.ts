import { connect, delay, endWith, ignoreElements, merge, type Observable, takeUntil } from 'rxjs';
import type { Env, Operator } from '../model/shapes.ts';

/** Emits when the source completes. */
export const completion = <A>(source$: Observable<A>): Observable<boolean> =>
  source$.pipe(ignoreElements(), endWith(true));

/** The operator, but completing at the latest `mostMs` after the source has; what it still does is released. */
export const drainIn =
  <A, B>(
    mostMs: number,
    operator: Operator<A, B>,
    { scheduler }: Pick<Env, 'scheduler'>,
  ): Operator<A, B> =>
  (items$) =>
    items$.pipe(
      connect((shared$) =>
        shared$.pipe(operator, takeUntil(completion(shared$).pipe(delay(mostMs, scheduler)))),
      ),
    );

/** Merges in what `others` emit for as long as the source runs, and completes with the source. */
export const accompaniedBy =
  <A>(...others: ReadonlyArray<Observable<A>>): Operator<A, A> =>
  (source$) =>
    source$.pipe(
      connect((shared$) =>
        merge(...others.map((other$) => other$.pipe(takeUntil(completion(shared$)))), shared$),
      ),
    );
