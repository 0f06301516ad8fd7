import { either as E } from 'fp-ts';
import { defer, map } from 'rxjs';
import { isHeard, type Signal } from '../model/heard.ts';
import type { Identity } from '../model/reading.ts';
import type { Received } from '../model/received.ts';
import type { Rejected } from '../model/rejected.ts';
import type { Operator } from '../model/shapes.ts';
import { recentReadings } from './recentReadings.ts';

/**
 * Marks as repeated what was among the last `capacity` readings before: a broker delivers again
 * what it holds no acknowledgement for. Readings without a time of their own are never repeated.
 *
 * @param known what the journal holds already, oldest first
 */
export const countOnce =
  (
    capacity: number,
    known: Iterable<Identity> = [],
  ): Operator<E.Either<Rejected, Signal>, Received> =>
  (heard$) =>
    defer(() => {
      const isNew = recentReadings(capacity);
      for (const identity of known) isNew(identity);
      return heard$.pipe(
        map((heard): Received => {
          if (E.isLeft(heard)) {
            const { acknowledge, ...value } = heard.left;
            return { _tag: 'Rejected', value, ...(acknowledge && { acknowledge }) };
          }
          if (!isHeard(heard.right)) {
            if (heard.right._tag === 'NonPhone') return heard.right;
            const { acknowledge, ...value } = heard.right;
            return { _tag: 'Status', value, ...(acknowledge && { acknowledge }) };
          }
          const { reading: value, isUntimed, acknowledge } = heard.right;
          const counts = isUntimed === true || isNew(value);
          return {
            ...(counts ? { _tag: 'Reading', value } : { _tag: 'Repeated' }),
            ...(acknowledge && { acknowledge }),
          };
        }),
      );
    });
