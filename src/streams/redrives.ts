import {
  catchError,
  concat,
  defer,
  EMPTY,
  exhaustMap,
  filter,
  ignoreElements,
  of,
  pipe,
  switchMap,
  takeWhile,
  tap,
  timer,
} from 'rxjs';
import { isDeadLetter, isDelivered, toDeliveryError } from '../model/outcome.ts';
import type { RedrivePolicy } from '../model/policies.ts';
import type { Env, Operator } from '../model/shapes.ts';
import type { DeadLetterBox, Redrive } from '../sinks/redrive.ts';
import type { Uploaded } from '../sinks/sendUpload.ts';

const OVER = { _tag: 'Over' } as const;

/**
 * What became of live uploads → what became of dead letters that were sent again. Letters that may
 * arrive after all are sent when something else has just arrived: at first, and as long as there
 * are any. One round at a time, with a rest behind it; where another process redrives, or
 * letters cannot be read, later.
 */
export const redrives = (
  letters$: DeadLetterBox['letters$'],
  redrive: Redrive,
  { restMs }: RedrivePolicy,
  env: Env,
): Operator<Uploaded, Uploaded> => {
  let isDue = true;
  const round$ = letters$.pipe(
    switchMap((letters) => {
      const chosen = letters.filter(({ retryable }) => retryable);
      isDue = chosen.length > 0;
      if (isDue) env.log({ level: 'info', event: 'redrive begun', letters: chosen.length });
      return concat(redrive(chosen), of(OVER));
    }),
    takeWhile((one): one is Uploaded => one._tag !== 'Over'),
    catchError((thrown: unknown) => {
      const { reason, advice } = toDeliveryError(thrown);
      const level = advice === undefined ? 'info' : 'warn';
      env.log({ level, event: 'redrive put off', reason, ...(advice && { advice }) });
      return EMPTY;
    }),
  );
  const rest$ = defer(() => timer(restMs, env.scheduler)).pipe(ignoreElements());
  return pipe(
    tap((outcome) => {
      if (isDeadLetter(outcome) && outcome.error._tag !== 'Permanent') isDue = true;
    }),
    filter((outcome) => isDelivered(outcome) && isDue),
    exhaustMap(() => concat(round$, rest$)),
  );
};
