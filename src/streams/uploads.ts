import { filter, map, pipe } from 'rxjs';
import type { IngestResult } from '../../supabase/functions/_shared/contract.ts';
import { isDeadLetter, type Outcome } from '../model/outcome.ts';
import type { UploadPolicy } from '../model/policies.ts';
import { type Report, saved, uploaded } from '../model/report.ts';
import type { Deliver, Env, Operator } from '../model/shapes.ts';
import { isShopEvent, type ShopEvent } from '../model/shopEvent.ts';
import type { Upload } from '../model/upload.ts';
import { fanOut } from '../operators/fanOut.ts';
import { failedUploadsSink } from '../sinks/failedUploadsSink.ts';
import { uploadSink } from '../sinks/uploadSink.ts';

export interface UploadStage {
  readonly deliver: Deliver<Upload, IngestResult>;
  readonly newBatchId: () => string;
}

/** Assignments and dwells go to the database in batches; what fails for good to failed_uploads. */
export const uploads = (
  { deliver, newBatchId }: UploadStage,
  appendFailed: Deliver<ReadonlyArray<string>>,
  policy: UploadPolicy,
  env: Env,
): Operator<ShopEvent, Report> =>
  pipe(
    filter(isShopEvent('Assignment', 'Dwell')),
    uploadSink(deliver, newBatchId, policy, env),
    fanOut<Outcome<Upload, IngestResult>, Report>(
      map(uploaded),
      pipe(filter(isDeadLetter), failedUploadsSink(appendFailed, env), map(saved)),
    ),
  );
