import { mergeMap, type Observable } from 'rxjs';
import type { IngestResult, RowRejection } from '../../supabase/functions/_shared/contract.ts';
import {
  type DeadLetter,
  type DeliveryError,
  isDelivered,
  type Outcome,
} from '../model/outcome.ts';
import type { Deliver, Env, RetryPolicy } from '../model/shapes.ts';
import { halvesOf, partId, type Upload } from '../model/upload.ts';
import { bisect } from '../operators/bisect.ts';
import { attemptDelivery } from '../operators/deliverWith.ts';
import { EXCERPT_CHARS } from './judge.ts';

export type Uploaded = Outcome<Upload, IngestResult>;

/** Enough for three bad rows among 500; what is too large is divided until it fits. */
const MAX_PARTS = { rows: 64, size: Number.POSITIVE_INFINITY };

const refusedRows = <A>(
  rows: ReadonlyArray<A>,
  list: RowRejection['list'],
  rejections: ReadonlyArray<RowRejection>,
): ReadonlyArray<A> =>
  rows.filter((_, row) => rejections.some((no) => no.list === list && no.index === row));

const distinct = (texts: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(texts)];

/** What the function holds against the rows, where it says so. */
const answered = (rejections: ReadonlyArray<RowRejection>): Pick<DeliveryError, 'answer'> => {
  const reasons = distinct(rejections.flatMap(({ reason }) => reason ?? []));
  return reasons.length === 0 ? {} : { answer: reasons.join('\n').slice(0, EXCERPT_CHARS) };
};

/** The rows that the database refused, as a dead letter of their own: nothing disappears. */
const refusals = (
  { item, receipt, sink, attempts, latencyMs }: Uploaded & { _tag: 'Delivered' },
  nowMs: number,
): DeadLetter<Upload> => ({
  _tag: 'DeadLetter',
  sink,
  item: {
    batch_id: partId(item.batch_id, 'refused rows'),
    assignments: refusedRows(item.assignments, 'readings', receipt.rejections),
    dwells: refusedRows(item.dwells, 'dwells', receipt.rejections),
  },
  attempts,
  error: {
    _tag: 'Permanent',
    reason: `refused by the database: ${distinct(receipt.rejections.map((no) => no.code)).join(', ')}`,
    ...answered(receipt.rejections),
  },
  firstAttemptAt: nowMs - latencyMs,
  failedAt: nowMs,
});

/**
 * Sends one upload, with retries, and emits what became of it: one outcome, or one for each part
 * where the whole was refused for its size or its rows, and before an outcome a dead letter with the rows that
 * the database refused of it. Parts and refused rows have ids of their own, the same each time.
 */
export const sendUpload = (
  deliver: Deliver<Upload, IngestResult>,
  retry: RetryPolicy,
  env: Env,
): ((upload: Upload) => Observable<Uploaded>) => {
  const send = bisect(attemptDelivery('upload', deliver, retry, env), {
    divide: halvesOf,
    maxParts: ({ blames }) => (blames ? MAX_PARTS[blames] : 0),
  });
  return (upload) =>
    send(upload).pipe(
      mergeMap(
        (outcome): ReadonlyArray<Uploaded> =>
          isDelivered(outcome) && outcome.receipt.rejections.length > 0
            ? [refusals(outcome, env.scheduler.now()), outcome]
            : [outcome],
      ),
    );
};
