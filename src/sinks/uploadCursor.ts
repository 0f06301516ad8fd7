import {
  catchError,
  concat,
  defer,
  EMPTY,
  ignoreElements,
  mergeMap,
  type Observable,
  of,
} from 'rxjs';
import type { Journal, Mark } from '../model/journal.ts';
import { toDeliveryError } from '../model/outcome.ts';
import type { Env } from '../model/shapes.ts';
import type { Upload } from '../model/upload.ts';
import { attemptDelivery } from '../operators/deliverWith.ts';
import { oneAtATime } from '../operators/oneAtATime.ts';
import { lowWaterMark } from './lowWaterMark.ts';

/** An upload, and where in the files its rows end; what comes live is looked for when it is settled. */
export interface Sending {
  readonly upload: Upload;
  readonly ends: 'looked up' | 'nowhere' | Mark;
}

export interface UploadCursor {
  /** Behind everything that is settled, with all before it. */
  readonly position: () => Mark;
  /** In the order of the files. */
  readonly begin: (sending: Sending) => void;
  /** Moves on as far as all is settled, remembers it, and completes. Never errors. */
  readonly settle: (sending: Sending) => Observable<never>;
}

/** The next settled upload brings a newer cursor: a failed save is not worth repeating. */
const ONCE = { maxRetries: 0, initialDelayMs: 0, maxDelayMs: 0 };

/**
 * Keeps where uploads stand in the files: uploads may be settled in any order, the cursor moves
 * behind the oldest that is not. What is sent twice after a kill adds nothing to the database.
 */
export const uploadCursor = (journal: Journal, env: Env): UploadCursor => {
  let position = journal.settled;
  const begun = lowWaterMark<Sending>();
  const save = attemptDelivery('upload_cursor', journal.settle, ONCE, env);

  const endOf = ({ ends, upload }: Sending): Observable<Mark> => {
    if (ends === 'nowhere') return EMPTY;
    return ends === 'looked up' ? journal.find(position, upload) : of(ends);
  };
  const move = (sending: Sending): Observable<never> =>
    defer(() => endOf(sending)).pipe(
      mergeMap((mark) => {
        position = mark;
        return EMPTY;
      }),
      catchError((thrown: unknown) => {
        const { reason } = toDeliveryError(thrown);
        env.log({ level: 'warn', event: 'upload cursor stayed', reason });
        return EMPTY;
      }),
    );
  const moveAll = oneAtATime<ReadonlyArray<Sending>, never>((below) => {
    const before = position;
    return concat(
      ...below.map(move),
      defer(() => (position === before ? EMPTY : save(position).pipe(ignoreElements()))),
    );
  });
  return {
    position: () => position,
    begin: begun.begin,
    settle: (sending) => defer(() => moveAll(begun.settle(sending))),
  };
};
