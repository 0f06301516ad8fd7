import {
  BehaviorSubject,
  concat,
  concatMap,
  defer,
  finalize,
  first,
  from,
  ignoreElements,
  map,
  type Observable,
  of,
  pipe,
  skip,
  tap,
} from 'rxjs';
import type { IngestResult } from '../../supabase/functions/_shared/contract.ts';
import type { UploadPolicy } from '../model/policies.ts';
import { type Report, uploadPath } from '../model/report.ts';
import type { LeftOut, ScriptLine, ScriptRow } from '../model/scriptRow.ts';
import type { Deliver, Env, Operator, RetryPolicy } from '../model/shapes.ts';
import { toUpload, type Upload } from '../model/upload.ts';
import { adaptiveLimit } from '../operators/adaptiveLimit.ts';
import { batch } from '../operators/batch.ts';
import { circuitBreaker } from '../operators/circuitBreaker.ts';
import { fanOut } from '../operators/fanOut.ts';
import { accompaniedBy } from '../operators/lifetime.ts';
import { oneAtATime } from '../operators/oneAtATime.ts';
import { pull } from '../operators/pull.ts';
import { retryBackoff } from '../operators/retryBackoff.ts';
import { splitEither } from '../operators/splitEither.ts';
import { keepDeadLetters } from '../sinks/keepDeadLetters.ts';
import { sendUpload } from '../sinks/sendUpload.ts';
import { settleRows } from '../sinks/settleRows.ts';
import { scriptRows } from './scriptRows.ts';

/** The files that are followed. */
export interface ScriptSource {
  /** Some of the lines behind those that it gave before; completes without a value at the end. Cold. */
  readonly read: () => Observable<ReadonlyArray<ScriptLine>>;
  /** Remembers, across kills, that these rows and all before them are settled. */
  readonly settle: Deliver<ReadonlyArray<ScriptRow>>;
}

export interface ImportStage {
  readonly source: ScriptSource;
  readonly deliver: Deliver<Upload, IngestResult>;
  /** Passes where an upload can be expected to. */
  readonly probe: Observable<unknown>;
  readonly newBatchId: () => string;
  readonly appendFailed: Deliver<ReadonlyArray<string>>;
}

export interface ImportPolicy extends Pick<UploadPolicy, 'batch' | 'retry' | 'breaker'> {
  /** How often a file that cannot be read is tried again; then the stream ends with the error. */
  readonly readRetry: RetryPolicy;
  /** Of one phone one row in so long. */
  readonly windowMs: number;
  /** Uploads under way at most. */
  readonly concurrency: number;
  /** Rows that are read and not settled at most; beyond, reading waits. */
  readonly waitingRows: number;
}

export type ImportReport =
  | Report
  | { readonly _tag: 'LeftOut'; readonly value: LeftOut }
  /** Lines were read, up to the last of these. */
  | { readonly _tag: 'Read'; readonly lines: ReadonlyArray<ScriptLine> };

/** All that can be read now is read at each wake-up, for as long as there is room for it. */
const readLines = (
  { read }: ScriptSource,
  readRetry: RetryPolicy,
  hasRoom$: Observable<unknown>,
  env: Env,
): Operator<unknown, ReadonlyArray<ScriptLine>> => {
  const next = () => defer(read).pipe(retryBackoff(readRetry, env, 'reading retried'));
  const handOver = (lines: ReadonlyArray<ScriptLine>) =>
    concat(of(lines), hasRoom$.pipe(ignoreElements()));
  return (wake$) => pull({ next, wake$ }, handOver, () => 1);
};

/** Rows in batches, as many under way as the receiver bears, settled in the order of the files. */
const uploadRows = (
  { source, deliver, probe, newBatchId, appendFailed }: ImportStage,
  { batch: whole, retry, breaker: rest, concurrency }: ImportPolicy,
  onSettled: (rows: number) => void,
  env: Env,
): Operator<ScriptRow, Report> => {
  const limit = adaptiveLimit(concurrency, env);
  const breaker = circuitBreaker('import', probe, rest, env);
  const send = sendUpload(breaker.guard(limit.observe(deliver)), retry, env);
  const keep = keepDeadLetters(oneAtATime(appendFailed), env);
  const sendRows = (rows: ReadonlyArray<ScriptRow>): Observable<Report> =>
    send(
      toUpload(
        newBatchId(),
        rows.map(({ item }) => item),
      ),
    ).pipe(keep);
  const settled = settleRows(sendRows, source.settle, env);
  const work = (rows: ReadonlyArray<ScriptRow>) =>
    settled(rows).pipe(finalize(() => onSettled(rows.length)));
  const waiting: Array<ReadonlyArray<ScriptRow>> = [];
  const next = () => from(waiting.splice(0, 1));
  return (rows$) => {
    const wake$ = rows$.pipe(
      batch<ScriptRow>(whole, env),
      tap((rows) => waiting.push(rows)),
    );
    return pull({ next, wake$ }, work, limit.current).pipe(
      accompaniedBy<Report>(breaker.path$.pipe(skip(1), map(uploadPath))),
    );
  };
};

/**
 * Follows the script's files: at each item of the source all that stands there by then is read,
 * thinned, and sent through the same encoding, batches, retries, breaker and dead letters as what
 * this pipeline assigns itself. Completes when the source has and every row is settled: in the
 * database, or in failed_uploads. Memory is bounded: reading waits for uploads.
 */
export const imports =
  (stage: ImportStage, policy: ImportPolicy, env: Env): Operator<unknown, ImportReport> =>
  (wake$) =>
    defer(() => {
      const unsettled$ = new BehaviorSubject(0);
      const add = (rows: number): void => unsettled$.next(unsettled$.value + rows);
      const hasRoom$ = unsettled$.pipe(first((rows) => rows < policy.waitingRows));
      return wake$.pipe(
        readLines(stage.source, policy.readRetry, hasRoom$, env),
        fanOut<ReadonlyArray<ScriptLine>, ImportReport>(
          map((lines) => ({ _tag: 'Read', lines })),
          pipe(
            concatMap((lines) => lines),
            scriptRows(policy.windowMs),
            splitEither<LeftOut, ScriptRow, ImportReport>(
              map((value) => ({ _tag: 'LeftOut', value })),
              pipe(
                tap(() => add(1)),
                uploadRows(stage, policy, (rows) => add(-rows), env),
              ),
            ),
          ),
        ),
      );
    });
