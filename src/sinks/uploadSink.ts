import { concatMap, map, pipe } from 'rxjs';
import type { IngestResult, RowRejection } from '../../supabase/functions/_shared/contract.ts';
import { type DeadLetter, isDelivered, type Outcome } from '../model/outcome.ts';
import type { UploadPolicy } from '../model/policies.ts';
import type { Deliver, Env, RetryPolicy, Sink } from '../model/shapes.ts';
import type { Upload, UploadItem } from '../model/upload.ts';
import { batch } from '../operators/batch.ts';
import { deliverWith } from '../operators/deliverWith.ts';

type Uploaded = Outcome<Upload, IngestResult>;

const toUpload = (batch_id: string, items: ReadonlyArray<UploadItem>): Upload => ({
  batch_id,
  assignments: items.flatMap((item) => (item._tag === 'Assignment' ? [item.value] : [])),
  dwells: items.flatMap((item) => (item._tag === 'Dwell' ? [item.value] : [])),
});

const refusedRows = <A>(
  rows: ReadonlyArray<A>,
  list: RowRejection['list'],
  rejections: ReadonlyArray<RowRejection>,
): ReadonlyArray<A> =>
  rows.filter((_, row) => rejections.some((no) => no.list === list && no.index === row));

/** The rows that the database refused, as a dead letter of their own: nothing disappears. */
const refusals = (
  { item, receipt, sink, attempts, latencyMs }: Uploaded & { _tag: 'Delivered' },
  newBatchId: () => string,
  nowMs: number,
): DeadLetter<Upload> => ({
  _tag: 'DeadLetter',
  sink,
  item: {
    batch_id: newBatchId(),
    assignments: refusedRows(item.assignments, 'readings', receipt.rejections),
    dwells: refusedRows(item.dwells, 'dwells', receipt.rejections),
  },
  attempts,
  error: {
    _tag: 'Permanent',
    reason: `refused by the database: ${[...new Set(receipt.rejections.map((no) => no.code))].join(', ')}`,
  },
  firstAttemptAt: nowMs - latencyMs,
  failedAt: nowMs,
});

/**
 * Delivers uploads in order, with retries, and emits what became of each: one outcome an upload, and before it
 * a dead letter, under an id of its own, with the rows that the database refused of it.
 */
export const sendUploads = (
  deliver: Deliver<Upload, IngestResult>,
  newBatchId: () => string,
  retry: RetryPolicy,
  env: Env,
): Sink<Upload, Uploaded> =>
  pipe(
    deliverWith('upload', deliver, retry, env),
    concatMap(
      (outcome): ReadonlyArray<Uploaded> =>
        isDelivered(outcome) && outcome.receipt.rejections.length > 0
          ? [refusals(outcome, newBatchId, env.scheduler.now()), outcome]
          : [outcome],
    ),
  );

/** Batches items, gives each batch its id once, and sends it. */
export const uploadSink = (
  deliver: Deliver<Upload, IngestResult>,
  newBatchId: () => string,
  policy: UploadPolicy,
  env: Env,
): Sink<UploadItem, Uploaded> =>
  pipe(
    batch<UploadItem>(policy.batch, env),
    map((items) => toUpload(newBatchId(), items)),
    sendUploads(deliver, newBatchId, policy.retry, env),
  );
