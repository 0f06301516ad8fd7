import { concat, defer, EMPTY, ignoreElements, type Observable } from 'rxjs';
import type { ScriptRow } from '../model/scriptRow.ts';
import type { Deliver, Env } from '../model/shapes.ts';
import { attemptDelivery } from '../operators/deliverWith.ts';
import { oneAtATime } from '../operators/oneAtATime.ts';
import { lowWaterMark } from './lowWaterMark.ts';

type Rows = ReadonlyArray<ScriptRow>;

/** The next batch brings a newer cursor: a failed save is not worth repeating. */
const ONCE = { maxRetries: 0, initialDelayMs: 0, maxDelayMs: 0 };

/**
 * Sends batches of rows with `send` and then remembers up to where all are settled, whatever the
 * order in which they are. What is sent again after a kill adds nothing to the database.
 */
export const settleRows = <A>(
  send: (rows: Rows) => Observable<A>,
  settle: Deliver<Rows>,
  env: Env,
): ((rows: Rows) => Observable<A>) => {
  const begun = lowWaterMark<Rows>();
  const save = oneAtATime(attemptDelivery('import cursor', settle, ONCE, env));
  return (rows) => {
    begun.begin(rows);
    const settled$ = defer(() => {
      const below = begun.settle(rows).flat();
      return below.length === 0 ? EMPTY : save(below);
    });
    return concat(send(rows), settled$.pipe(ignoreElements()));
  };
};
