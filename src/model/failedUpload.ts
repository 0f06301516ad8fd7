import * as t from 'io-ts';
import { SCHEMA_VERSION } from '../../supabase/functions/_shared/contract.ts';
import type { DeadLetter } from './outcome.ts';
import { Upload } from './upload.ts';

/** A line of failed_uploads.jsonl: the whole upload, why it failed, when (Unix seconds). */
export const FailedUpload = t.intersection(
  [
    t.strict({
      schema_version: t.literal(SCHEMA_VERSION),
      upload: Upload,
      attempts: t.number,
      first_attempt_at: t.number,
      failed_at: t.number,
      retryable: t.boolean,
      reason: t.string,
    }),
    t.partial({ status: t.number, answer: t.string }),
  ],
  'FailedUpload',
);
export type FailedUpload = t.TypeOf<typeof FailedUpload>;

export const failedUpload = ({
  item,
  attempts,
  error,
  firstAttemptAt,
  failedAt,
}: DeadLetter<Upload>): FailedUpload => ({
  schema_version: SCHEMA_VERSION,
  upload: item,
  attempts,
  first_attempt_at: firstAttemptAt / 1000,
  failed_at: failedAt / 1000,
  retryable: error._tag === 'Transient',
  reason: error.reason,
  ...(error.status === undefined ? {} : { status: error.status }),
  ...(error.answer === undefined ? {} : { answer: error.answer }),
});
