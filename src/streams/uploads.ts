import { filter, ignoreElements, map, pipe, startWith } from 'rxjs';
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

/**
 * Assignments and dwells go to the database in batches, oldest first; what fails for good to
 * failed_uploads. The files are the journal: every saved assignment is settled once, across kills.
 */
export const uploads = (
  { deliver, newBatchId, saveCursor, unsettled }: UploadStage,
  appendFailed: Deliver<ReadonlyArray<string>>,
  policy: UploadPolicy,
  env: Env,
): Operator<ShopEvent, Report> =>
  pipe(
    startWith<ShopEvent>(...unsettled.map((value) => ({ _tag: 'Assignment', value }) as const)),
    filter(isShopEvent('Assignment', 'Dwell')),
    uploadSink(deliver, newBatchId, policy, env),
    fanOut<Outcome<Upload, IngestResult>, Report>(
      map(uploaded),
      pipe(filter(isDeadLetter), failedUploadsSink(appendFailed, env), map(saved)),
      pipe(cursorSink(saveCursor, env), ignoreElements()),
    ),
  );
