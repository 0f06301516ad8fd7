import * as t from 'io-ts';
import { SCHEMA_VERSION } from '../../supabase/functions/_shared/contract.ts';
import type { DeadLetter } from './outcome.ts';
import { Upload } from './upload.ts';

/** A line of failed_uploads.jsonl: the whole upload, why it failed, when (Unix seconds). What is `retryable` is sent again by itself. */
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
  retryable: error._tag !== 'Permanent',
  reason: error.reason,
  ...(error.status === undefined ? {} : { status: error.status }),
  ...(error.answer === undefined ? {} : { answer: error.answer }),
});

/** A dead letter without its rows: enough to choose by, and where to find the whole. */
export interface WaitingLetter extends Omit<FailedUpload, 'upload' | 'answer'> {
  readonly batch_id: string;
  readonly rows: number;
  readonly path: string;
  readonly offset: number;
}

/** A line of redriven_uploads.jsonl: this dead letter has arrived, or is replaced by others. Unix seconds. */
export const RedrivenUpload = t.strict({ batch_id: t.string, redriven_at: t.number });
export type RedrivenUpload = t.TypeOf<typeof RedrivenUpload>;
