import { mergeMap, type Observable } from 'rxjs';
import type { IngestResult, RowRejection } from '../../supabase/functions/_shared/contract.ts';
import {
  type DeadLetter,
  type DeliveryError,
  isDelivered,
  type Outcome,
} from '../model/outcome.ts';
import type { Deliver, Env, RetryPolicy } from '../model/shapes.ts';
import { halvesOf, partId, sizeOf, type Upload } from '../model/upload.ts';
import { bisect } from '../operators/bisect.ts';
import { attemptDelivery } from '../operators/deliverWith.ts';
import { EXCERPT_CHARS } from './judge.ts';

export type Uploaded = Outcome<Upload, IngestResult>;

/** Enough for three bad rows among 500; what is too large is divided until it fits. */
const MAX_PARTS = { rows: 64, size: Number.POSITIVE_INFINITY };

/** Why each refused row was refused, by list and index: `unknown_zone`, or several codes. */
const reasonsOf = (rejections: ReadonlyArray<RowRejection>): ReadonlyMap<string, string> => {
  const codes = new Map<string, Set<string>>();
  for (const { list, index, code } of rejections) {
    const row = `${list} ${index}`;
    codes.set(row, (codes.get(row) ?? new Set()).add(code));
  }
  return new Map([...codes].map(([row, all]) => [row, [...all].sort().join(', ')]));
};

/** What the function holds against the rows, where it says so. */
const answered = (rejections: ReadonlyArray<RowRejection>): Pick<DeliveryError, 'answer'> => {
  const reasons = new Set(rejections.flatMap(({ reason }) => reason ?? []));
  return reasons.size === 0 ? {} : { answer: [...reasons].join('\n').slice(0, EXCERPT_CHARS) };
};

/**
 * The rows that the database refused, as dead letters: nothing disappears. Those that were refused
 * for the same reason share one, so that a zone that is missing does not make thousands.
 */
const refusals = (
  { item, receipt, sink, attempts, latencyMs }: Uploaded & { _tag: 'Delivered' },
  nowMs: number,
): ReadonlyArray<DeadLetter<Upload>> => {
  const reasons = reasonsOf(receipt.rejections);
  const refused = <A>(rows: ReadonlyArray<A>, list: RowRejection['list'], reason: string) =>
    rows.filter((_, row) => reasons.get(`${list} ${row}`) === reason);
  return [...new Set(reasons.values())]
    .map(
      (reason): DeadLetter<Upload> => ({
        _tag: 'DeadLetter',
        sink,
        item: {
          batch_id: partId(item.batch_id, `refused: ${reason}`),
          assignments: refused(item.assignments, 'readings', reason),
          dwells: refused(item.dwells, 'dwells', reason),
        },
        attempts,
        error: {
          _tag: 'Permanent',
          reason: `refused by the database: ${reason}`,
          ...answered(
            receipt.rejections.filter((no) => reasons.get(`${no.list} ${no.index}`) === reason),
          ),
        },
        firstAttemptAt: nowMs - latencyMs,
        failedAt: nowMs,
      }),
    )
    .filter((letter) => sizeOf(letter.item) > 0);
};

/**
 * Sends one upload, with retries, and emits what became of it: one outcome, or one for each part
 * where the whole was refused for its size or its rows, and before an outcome dead letters with the rows that
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
            ? [...refusals(outcome, env.scheduler.now()), outcome]
            : [outcome],
      ),
    );
};
