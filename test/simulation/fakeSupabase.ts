import { either as E } from 'fp-ts';
import { Observable } from 'rxjs';
import type { Random } from '../../src/embedded/shop/random.ts';
import type { DeliveryError } from '../../src/model/outcome.ts';
import type { Deliver, Env } from '../../src/model/shapes.ts';
import type { ZoneUuids } from '../../src/sinks/encodeUpload.ts';
import { judgeReceipt, judgeRefusal } from '../../src/sinks/judge.ts';
import {
  type IngestResult,
  type RowRejection,
  UploadBatch,
} from '../../supabase/functions/_shared/contract.ts';
import { ingested, uuid } from '../support/uploads.ts';
import type { VirtualTime } from './virtualTime.ts';

/** What a request may meet. */
const FAULTS = [
  ...['nobody', 'busy', 'broken', 'overloaded', 'unauthorised', 'cut off'],
  ...['half an answer', 'no answer', 'no request'],
] as const;
export type UploadFault = (typeof FAULTS)[number];

export interface FakeSupabase {
  readonly lookUpZones: (env: Pick<Env, 'scheduler'>) => Observable<ZoneUuids>;
  readonly invoke: (env: Pick<Env, 'scheduler'>) => Deliver<UploadBatch, IngestResult>;
  /** Each request meets one of these; with none all is well. */
  readonly behave: (faults: ReadonlyArray<UploadFault>) => void;
  /** Every row that arrived, as it came. */
  readonly rows: ReadonlySet<string>;
}

export const UPLOAD_FAULTS: ReadonlyArray<UploadFault> = FAULTS;
export const ZONES: ZoneUuids = new Map(
  Array.from({ length: 200 }, (_, zone) => [zone, uuid(zone)]),
);
const TIMEOUT_MS = 5_000;

const NO_ANSWER: DeliveryError = { _tag: 'Transient', reason: 'no answer in time' };
const CUT: DeliveryError = { _tag: 'Transient', reason: 'no answer: ECONNRESET' };

const refused = (status: number, nowMs: number, retryAfter: string | null = null): DeliveryError =>
  judgeRefusal({ status, retryAfter, body: '' }, nowMs);

/**
 * The function and its database: rows are known by all that they say, so that sending one twice
 * adds nothing and sending two versions of one does. `isPoison` rows are refused: one by one, or
 * with the whole batch that they are in.
 */
export const fakeSupabase = (
  time: VirtualTime,
  random: Random,
  isPoison: (row: string) => boolean,
  spoilsBatch: boolean,
): FakeSupabase => {
  const rows = new Set<string>();
  let faults: ReadonlyArray<UploadFault> = [];

  const take = (list: RowRejection['list'], all: ReadonlyArray<unknown>) =>
    all.flatMap((one, index): ReadonlyArray<RowRejection> => {
      const row = JSON.stringify(one);
      if (isPoison(row)) return [{ list, index, code: 'invalid_row' }];
      rows.add(row);
      return [];
    });
  const isSpoilt = ({ readings, dwells }: UploadBatch): boolean =>
    spoilsBatch && [...readings, ...dwells].some((row) => isPoison(JSON.stringify(row)));
  const ingest = (batch: UploadBatch): E.Either<DeliveryError, IngestResult> =>
    isSpoilt(batch)
      ? E.left(refused(422, time.now()))
      : E.right(
          ingested(batch, [...take('readings', batch.readings), ...take('dwells', batch.dwells)]),
        );

  /** What becomes of a request that arrives; undefined where its answer never does. */
  const answer = <A>(fault: UploadFault | undefined, serve: () => E.Either<DeliveryError, A>) => {
    const nowMs = time.now();
    switch (fault) {
      case 'nobody':
        return E.left(CUT);
      case 'busy':
        return E.left(refused(429, nowMs, '2'));
      case 'broken':
        return E.left(refused(500, nowMs));
      case 'overloaded':
        return E.left(refused(503, nowMs));
      case 'unauthorised':
        return E.left(refused(401, nowMs));
      case 'no request':
        return undefined;
      default: {
        const served = serve();
        if (fault === 'no answer') return undefined;
        return fault === 'cut off' ? E.left(CUT) : served;
      }
    }
  };
  const request = <A, B>(
    env: Pick<Env, 'scheduler'>,
    serve: () => E.Either<DeliveryError, A>,
    read: (answer: unknown) => E.Either<DeliveryError, B>,
  ): Observable<B> =>
    new Observable((subscriber) => {
      const fault = faults.length > 0 ? random.pick(faults) : undefined;
      // It arrives, whatever becomes meanwhile of who sent it.
      time.after(random.integer(5, 60), () => {
        const answered = answer(fault, serve);
        const isHalf = fault === 'half an answer';
        if (answered === undefined) return;
        const judged = E.chain((whole: A) => read(isHalf ? { batch_id: '' } : whole))(answered);
        env.scheduler.schedule(
          () => {
            if (E.isLeft(judged)) return subscriber.error(judged.left);
            subscriber.next(judged.right);
            subscriber.complete();
          },
          random.integer(5, 400),
        );
      });
      return env.scheduler.schedule(() => subscriber.error(NO_ANSWER), TIMEOUT_MS);
    });
  const contract = (batch: UploadBatch): UploadBatch => {
    if (E.isLeft(UploadBatch.decode(batch))) throw new Error('not of the contract');
    return batch;
  };
  return {
    lookUpZones: (env) =>
      request(
        env,
        () => E.right(ZONES),
        () => E.right(ZONES),
      ),
    invoke: (env) => (batch) => request(env, () => ingest(contract(batch)), judgeReceipt),
    behave: (how) => {
      faults = how;
    },
    rows,
  };
};
