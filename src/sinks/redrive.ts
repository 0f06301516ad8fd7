import {
  catchError,
  concat,
  concatMap,
  defer,
  delay,
  EMPTY,
  filter,
  from,
  ignoreElements,
  map,
  mergeMap,
  type Observable,
  of,
  tap,
  toArray,
} from 'rxjs';
import type { IngestResult } from '../../supabase/functions/_shared/contract.ts';
import {
  type FailedUpload,
  failedUpload,
  type RedrivenUpload,
  type WaitingLetter,
} from '../model/failedUpload.ts';
import {
  type DeadLetter,
  type DeliveryError,
  isDeadLetter,
  toDeliveryError,
} from '../model/outcome.ts';
import type { RedrivePolicy } from '../model/policies.ts';
import type { Deliver, Env } from '../model/shapes.ts';
import { halvesOf, type Upload } from '../model/upload.ts';
import { jsonlSink } from './jsonlSink.ts';
import type { Uploaded } from './sendUpload.ts';

export type Redrive = (letters: ReadonlyArray<WaitingLetter>) => Observable<Uploaded>;

/** Where dead letters lie. */
export interface DeadLetterBox {
  /**
   * The letters that wait, oldest first; keeps every other redrive out while it is subscribed to, and does not
   * complete. Errors where another one is at it.
   */
  readonly letters$: Observable<ReadonlyArray<WaitingLetter>>;
  readonly load: Deliver<WaitingLetter, FailedUpload>;
  readonly appendFailed: Deliver<ReadonlyArray<string>>;
  readonly appendRedriven: Deliver<ReadonlyArray<string>>;
}

/** A letter that failed again, though it may only have met an outage. */
interface Suspect {
  readonly letter: WaitingLetter;
  readonly failure: Omit<DeadLetter<Upload>, 'item'>;
}

/** What is to be written about a letter: first the failures, then, where it is done with, that. */
interface Verdict {
  readonly failures: ReadonlyArray<FailedUpload>;
  readonly isDone: boolean;
}

/** Knows when something last arrived, letter or not: that tells a bad letter from a bad path. */
export const watchArrivals = (
  deliver: Deliver<Upload, IngestResult>,
  { scheduler }: Pick<Env, 'scheduler'>,
) => {
  let lastAt = Number.NEGATIVE_INFINITY;
  const watched: Deliver<Upload, IngestResult> = (upload) =>
    deliver(upload).pipe(
      tap(() => {
        lastAt = scheduler.now();
      }),
    );
  return { deliver: watched, lastArrivalAt: (): number => lastAt };
};

/** The letter's own history goes on. */
const failedAgain = (before: FailedUpload, dead: DeadLetter<Upload>): FailedUpload => ({
  ...failedUpload(dead),
  attempts: before.attempts + dead.attempts,
  first_attempt_at: before.first_attempt_at,
});

/** A receiver that asks for patience has nothing against what it was sent. */
const asksForPatience = ({ status, retryAfterMs }: DeliveryError): boolean =>
  status === 429 || retryAfterMs !== undefined;

/** Halves find out which rows are bad; a row that fails alone while others arrive is bad itself in the end. */
const blamed = (before: FailedUpload, dead: DeadLetter<Upload>, triesToBlame: number): Verdict => {
  const halves = halvesOf(dead.item);
  const again = failedAgain(before, dead);
  return halves.length === 0
    ? { failures: [{ ...again, retryable: again.attempts < triesToBlame }], isDone: false }
    : { failures: halves.map((upload) => ({ ...again, upload })), isDone: true };
};

/**
 * Sends letters again, one at a time, and emits what became of each. What arrived is written down,
 * after anything of it that failed: a kill in between sends it again, under the ids that it had. A
 * letter that fails while others arrive is replaced by its halves, and ends, `triesToBlame` later, as
 * single rows that only a redrive by hand sends; one that fails when nothing arrives, or with a request
 * for patience, stays as it is.
 */
export const redrive = (
  send: (upload: Upload) => Observable<Uploaded>,
  box: Omit<DeadLetterBox, 'letters$'>,
  lastArrivalAt: () => number,
  { intervalMs, triesToBlame }: Omit<RedrivePolicy, 'restMs'>,
  env: Env,
): Redrive => {
  const write = (batch_id: string, { failures, isDone }: Verdict): Observable<never> => {
    const arrived: RedrivenUpload = { batch_id, redriven_at: env.scheduler.now() / 1000 };
    return concat(
      from(failures).pipe(jsonlSink('failed_uploads', box.appendFailed, env)),
      from(isDone ? [arrived] : []).pipe(jsonlSink('redriven_uploads', box.appendRedriven, env)),
    ).pipe(ignoreElements());
  };
  return (letters) =>
    defer(() => {
      const suspects: Suspect[] = [];

      const settle = (
        letter: WaitingLetter,
        before: FailedUpload,
        outcomes: ReadonlyArray<Uploaded>,
      ) => {
        const dead = outcomes.filter(isDeadLetter);
        const whole = dead.find(({ item }) => item.batch_id === letter.batch_id);
        if (whole && whole.error._tag !== 'Permanent') {
          const { item: _loadedAgain, ...failure } = whole;
          suspects.push({ letter, failure });
          return EMPTY;
        }
        const failures = dead.map((one) => failedAgain(before, one));
        return write(letter.batch_id, { failures, isDone: whole === undefined });
      };
      const redriveOne = (letter: WaitingLetter): Observable<Uploaded> =>
        box.load(letter).pipe(
          mergeMap((before) =>
            send(before.upload).pipe(
              toArray(),
              mergeMap((outcomes) => concat(settle(letter, before, outcomes), outcomes)),
            ),
          ),
          catchError((thrown: unknown) => {
            const { reason } = toDeliveryError(thrown);
            env.log({
              level: 'warn',
              event: 'dead letter left alone',
              batch_id: letter.batch_id,
              reason,
            });
            return EMPTY;
          }),
        );
      const judge = ({ letter, failure }: Suspect): Observable<never> =>
        box.load(letter).pipe(
          map((before) => blamed(before, { ...failure, item: before.upload }, triesToBlame)),
          mergeMap((verdict) => write(letter.batch_id, verdict)),
        );
      return concat(
        from(letters).pipe(
          concatMap((letter) =>
            of(letter).pipe(delay(intervalMs, env.scheduler), mergeMap(redriveOne)),
          ),
        ),
        defer(() => from(suspects)).pipe(
          filter(
            ({ failure: { error, firstAttemptAt } }) =>
              error._tag === 'Transient' &&
              !asksForPatience(error) &&
              lastArrivalAt() > firstAttemptAt,
          ),
          concatMap(judge),
        ),
      );
    });
};
