import { concat, defer, EMPTY, ignoreElements, merge, type Observable, of, tap } from 'rxjs';
import type { Commit } from '../model/checkpoint.ts';
import { jsonLine } from '../model/json.ts';
import type { JournalFile } from '../model/jsonlFile.ts';
import { toDeliveryError } from '../model/outcome.ts';
import type { Received } from '../model/received.ts';
import type { Rejected } from '../model/rejected.ts';
import type { Deliver, Env, Operator } from '../model/shapes.ts';
import { attemptDelivery } from '../operators/deliverWith.ts';
import { gather } from '../operators/gather.ts';
import { UNTIL_SAVED } from './jsonlSink.ts';
import { type Release, type ReleaseGate, releaseGate } from './releaseGate.ts';

/** What is to be written, in the order in which it must be found after a crash. */
export type Entry<F> = Received | { readonly _tag: 'Flush'; readonly flush: F };

/** What became of it. */
export type Recorded<F> =
  /** Safe in the journal: may be acknowledged. */
  { readonly _tag: 'Journalled'; readonly received: ReadonlyArray<Received> } | Release<F>;

export interface RecordPorts {
  /** Appends whole lines or none; they are safe when it emits. */
  readonly append: (file: JournalFile) => Deliver<ReadonlyArray<string>>;
  /** Writes all or nothing, behind the journal's lines so far. */
  readonly commit: Deliver<Commit>;
}

const readingLines = (received: ReadonlyArray<Received>) =>
  received.flatMap((one) => (one._tag === 'Reading' ? [jsonLine(one.value)] : []));

const rejectionLine = ({ topic, reasons, received_at, payload }: Rejected): string =>
  jsonLine({ topic, reasons, received_at, payload });

const rejectionLines = (received: ReadonlyArray<Received>) =>
  received.flatMap((one) =>
    one._tag === 'Rejected' || one._tag === 'Condensed' ? [rejectionLine(one.value)] : [],
  );

/** Tries until it is written, through `gate`'s eyes; emits nothing and completes. */
const written = <A>(
  name: string,
  write: Deliver<A>,
  item: A,
  gate: Pick<ReleaseGate<unknown>, 'failed' | 'worked'>,
  env: Env,
): Observable<never> => {
  const watched: Deliver<A> = (again) =>
    write(again).pipe(
      tap({
        next: gate.worked,
        error: (thrown: unknown) => gate.failed(toDeliveryError(thrown).reason),
      }),
    );
  return attemptDelivery(name, watched, UNTIL_SAVED, env)(item).pipe(ignoreElements());
};

const split = <F>(entries: ReadonlyArray<Entry<F>>) => {
  const last = entries.findLastIndex(({ _tag }) => _tag === 'Flush');
  const received = (from: number, to?: number): ReadonlyArray<Received> =>
    entries.slice(from, to).filter((entry): entry is Received => entry._tag !== 'Flush');
  return {
    before: received(0, last + 1),
    flushes: entries.flatMap((entry) => (entry._tag === 'Flush' ? [entry.flush] : [])),
    after: received(last + 1),
  };
};

/**
 * Writes down what was received and what follows from it, in order and in groups: what arrives
 * during one write is the next. A flush is committed behind the readings that it is made of.
 *
 * A failing disk is tried again until it heals; meanwhile nothing is journalled, so nothing is
 * acknowledged, and flushes are released as they come: uploading goes on. Completes when all is
 * written.
 *
 * @param commitOf what a run of flushes, oldest first, changes in all
 */
export const recordSink =
  <F>(
    commitOf: (flushes: ReadonlyArray<F>) => Commit,
    { append, commit }: RecordPorts,
    env: Env,
  ): Operator<Entry<F>, Recorded<F>> =>
  (entries$) =>
    defer(() => {
      const gate = releaseGate<F>(env);
      const add = (file: JournalFile, lines: ReadonlyArray<string>): Observable<never> =>
        lines.length === 0 ? EMPTY : written(file, append(file), lines, gate, env);
      const journal = (received: ReadonlyArray<Received>): Observable<Recorded<F>> =>
        received.length === 0
          ? EMPTY
          : concat(
              add('rssi_readings', readingLines(received)),
              add('rejected_messages', rejectionLines(received)),
              of<Recorded<F>>({ _tag: 'Journalled', received }),
            );
      const commitAll = (flushes: ReadonlyArray<F>): Observable<never> =>
        flushes.length === 0
          ? EMPTY
          : written('flush', commit, commitOf(flushes), gate, env).pipe(
              tap({ complete: () => gate.committed(flushes) }),
            );
      return merge(
        gate.out$,
        entries$.pipe(
          tap((entry) => {
            if (entry._tag === 'Flush') gate.entered(entry.flush);
          }),
          gather((entries) => {
            const { before, flushes, after } = split(entries);
            return concat(journal(before), commitAll(flushes), journal(after));
          }),
          tap({ complete: gate.close }),
        ),
      );
    });
