import { map, pipe } from 'rxjs';
import { type FailedUpload, failedUpload } from '../model/failedUpload.ts';
import type { DeadLetter, Outcome } from '../model/outcome.ts';
import type { Deliver, Env, Operator } from '../model/shapes.ts';
import type { Upload } from '../model/upload.ts';
import { jsonlSink } from './jsonlSink.ts';

/** Keeps what could not be uploaded in failed_uploads.jsonl, complete, for `npm run redrive`. */
export const failedUploadsSink = (
  append: Deliver<ReadonlyArray<string>>,
  env: Env,
): Operator<DeadLetter<Upload>, Outcome<ReadonlyArray<FailedUpload>>> =>
  pipe(map(failedUpload), jsonlSink<FailedUpload>('failed_uploads', append, env));
