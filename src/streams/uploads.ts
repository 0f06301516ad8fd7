import {
  concat,
  concatMap,
  connect,
  delay,
  endWith,
  filter,
  from,
  ignoreElements,
  map,
  type Observable,
  of,
  pipe,
  takeUntil,
} from 'rxjs';
import type { IngestResult } from '../../supabase/functions/_shared/contract.ts';
import type { Assignment } from '../model/assignment.ts';
import { isDeadLetter, type Outcome } from '../model/outcome.ts';
import type { UploadPolicy } from '../model/policies.ts';
import { type Report, saved, uploaded } from '../model/report.ts';
import type { Deliver, Env, Operator } from '../model/shapes.ts';
import { isShopEvent, type ShopEvent } from '../model/shopEvent.ts';
import type { Upload } from '../model/upload.ts';
import { fanOut } from '../operators/fanOut.ts';
import { cursorSink } from '../sinks/cursorSink.ts';
import { failedUploadsSink } from '../sinks/failedUploadsSink.ts';
import { uploadSink } from '../sinks/uploadSink.ts';

export interface UploadStage {
  readonly deliver: Deliver<Upload, IngestResult>;
  readonly newBatchId: () => string;
  /** Remembers the last assignment whose upload is settled. */
  readonly saveCursor: Deliver<Assignment>;
  /** Saved before this start, but not settled: sent first. */
  readonly unsettled: ReadonlyArray<Assignment>;
}

/** How long the last uploads may take once the source has ended; the cursor knows the rest. */
const DRAIN_MS = 60_000;

/** Completes at the latest {@link DRAIN_MS} after its source has. */
const drainInTime =
  <A, B>(operator: Operator<A, B>, { scheduler }: Pick<Env, 'scheduler'>): Operator<A, B> =>
  (items$) =>
    items$.pipe(
      connect((shared$) =>
        shared$.pipe(
          operator,
          takeUntil(shared$.pipe(ignoreElements(), endWith(true), delay(DRAIN_MS, scheduler))),
        ),
      ),
    );

/**
 * Assignments and dwells go to the database in batches, oldest first; what fails for good to
 * failed_uploads, and only then the cursor moves on. The files are the journal: every saved
 * assignment is settled, across kills. When the source ends, uploads have a minute to settle.
 */
export const uploads = (
  { deliver, newBatchId, saveCursor, unsettled }: UploadStage,
  appendFailed: Deliver<ReadonlyArray<string>>,
  policy: UploadPolicy,
  env: Env,
): Operator<ShopEvent, Report> => {
  const settle = (outcome: Outcome<Upload, IngestResult>): Observable<Report> =>
    concat(
      of(outcome).pipe(filter(isDeadLetter), failedUploadsSink(appendFailed, env), map(saved)),
      of(outcome).pipe(cursorSink(saveCursor, env), ignoreElements()),
    );
  const upload: Operator<ShopEvent, Report> = pipe(
    filter(isShopEvent('Assignment', 'Dwell')),
    uploadSink(deliver, newBatchId, policy, env),
    fanOut<Outcome<Upload, IngestResult>, Report>(map(uploaded), concatMap(settle)),
  );
  const left$ = from(unsettled).pipe(map((value): ShopEvent => ({ _tag: 'Assignment', value })));
  return drainInTime((live$) => concat(left$, live$).pipe(upload), env);
};
