import { concat, defer, mergeMap, type Observable, of } from 'rxjs';
import { type DeliveryError, isDeadLetter, type Outcome } from '../model/outcome.ts';

export interface BisectPolicy<A> {
  /** The parts of an item, in order; none where it cannot be divided. */
  readonly divide: (item: A) => ReadonlyArray<A>;
  /** How many parts of one item may be tried where the whole failed like this; 0: it stays whole. */
  readonly maxParts: (error: DeliveryError) => number;
}

/**
 * Divides an item that fails as a whole until what is bad in it stands alone: emits one outcome for
 * each part that arrived or failed, in order, and completes. One bad row among n costs about
 * 2 · log2(n) attempts; when too many parts were tried, what still fails does so undivided.
 */
export const bisect =
  <A, R>(attempt: (item: A) => Observable<Outcome<A, R>>, policy: BisectPolicy<A>) =>
  (item: A): Observable<Outcome<A, R>> =>
    defer(() => {
      let tried = 0;
      const settle = (whole: A): Observable<Outcome<A, R>> =>
        attempt(whole).pipe(
          mergeMap((outcome) => {
            if (!isDeadLetter(outcome)) return of(outcome);
            const parts = policy.divide(whole);
            const fits = tried + parts.length <= policy.maxParts(outcome.error);
            if (parts.length === 0 || !fits) return of(outcome);
            tried += parts.length;
            return concat(...parts.map(settle));
          }),
        );
      return settle(item);
    });
