import { concatMap, defer, interval, map, of, takeUntil, throwError, timer } from 'rxjs';
import type { Commit } from '../../../src/model/checkpoint.ts';
import { EMPTY_SNAPSHOT } from '../../../src/model/checkpoint.ts';
import type { Env } from '../../../src/model/shapes.ts';
import type { ShopEventOf } from '../../../src/model/shopEvent.ts';
import { recordSink } from '../../../src/sinks/recordSink.ts';
import { uploads } from '../../../src/streams/uploads.ts';
import { emittedBy } from '../../support/marbles.ts';
import { assignment } from '../../support/readings.ts';
import { ingested, memoryJournal, stageOf, uploadPolicy } from '../../support/uploads.ts';

const MINUTE_MS = 60_000;
const ROWS_A_FLUSH = 100;
const policy = uploadPolicy({
  batch: { maxItems: 50, maxWaitMs: 30_000 },
  retry: { maxRetries: 3, initialDelayMs: 1_000, maxDelayMs: 60_000 },
});

type Row = ShopEventOf<'Assignment' | 'Dwell'>;

/** Minutes from and to. */
type Span = readonly [from: number, to: number];
interface Faults {
  readonly diskFull: Span;
  readonly pathDown?: Span;
  /** A row of the first upload under the full disk is refused: its dead letter cannot be written. */
  readonly refusesOne?: boolean;
}

const isWithin = ([from, to]: Span, { scheduler }: Env): boolean =>
  scheduler.now() >= from * MINUTE_MS && scheduler.now() < to * MINUTE_MS;

/** 20 rows a second for half an hour through recordSink and uploads; what arrived, or is a dead letter. */
const play = ({ diskFull, pathDown = [0, 0], refusesOne = false }: Faults) => {
  const journal = memoryJournal();
  const settled = new Set<number>();
  const ended: string[] = [];
  let made = 0;
  let refusals = refusesOne ? 1 : 0;
  const bury = (line: string): void => {
    for (const { ts } of JSON.parse(line).upload.assignments) settled.add(ts);
  };
  emittedBy((virtual) => {
    const env: Env = { ...virtual, log: ({ event }) => ended.push(event) };
    const written = <A>(write: () => A) =>
      defer(() => (isWithin(diskFull, env) ? throwError(() => new Error('ENOSPC')) : of(write())));
    const stage = stageOf(
      (item) =>
        timer(200, env.scheduler).pipe(
          map(() => {
            if (isWithin(pathDown, env)) throw { _tag: 'Transient', reason: 'no answer' };
            for (const { ts } of item.assignments) settled.add(ts);
            if (refusals === 0 || !isWithin(diskFull, env)) return ingested(item);
            refusals -= 1;
            return ingested(item, [{ list: 'readings', index: 0, code: 'unknown_zone' }]);
          }),
        ),
      {
        journal: journal.open(),
        probe: defer(() => (isWithin(pathDown, env) ? throwError(() => 'no answer') : of(true))),
      },
    );
    const rowsOf = new Map<Commit, ReadonlyArray<Row>>();
    const record = recordSink<ReadonlyArray<Row>>(
      (flushes) => {
        const commit: Commit = { lines: {}, state: EMPTY_SNAPSHOT };
        rowsOf.set(commit, flushes.flat());
        return commit;
      },
      {
        append: () => () => written(() => undefined),
        commit: (one) => written(() => rowsOf.get(one)?.forEach(journal.save)),
      },
      env,
    );
    const flush = (): ReadonlyArray<Row> =>
      Array.from({ length: ROWS_A_FLUSH }, () => {
        made += 1;
        return { _tag: 'Assignment', value: assignment(made) };
      });
    return interval(5_000, env.scheduler).pipe(
      takeUntil(timer(30 * MINUTE_MS, env.scheduler)),
      map(() => ({ _tag: 'Flush' as const, flush: flush() })),
      record,
      concatMap((one) => (one._tag === 'Released' ? one.flush : [])),
      uploads(stage, (lines) => written(() => lines.forEach(bury)), policy, env),
    );
  });
  const lost = Array.from({ length: made }, (_, n) => n + 1).filter((ts) => !settled.has(ts));
  return { made, lost, cursor: journal.settled().assignments.offset, ended };
};

describe('uploads while the disk is full', () => {
  it.each<[string, Faults]>([
    ['nothing else is wrong', { diskFull: [2, 9] }],
    ['a dead letter cannot be written', { diskFull: [2, 9], refusesOne: true }],
    ['the path is down before', { diskFull: [4, 15], pathDown: [1, 9] }],
    ['the path is down meanwhile', { diskFull: [2, 20], pathDown: [5, 12] }],
    ['the path is down behind it', { diskFull: [4, 9], pathDown: [8, 16] }],
  ])('lose no row, and come to the end of the files: %s', (_what, faults) => {
    const { made, lost, cursor, ended } = play(faults);

    expect(lost).toEqual([]);
    expect(cursor).toBe(made);
    const begun = ended.filter((event) => event === 'catching up begun').length;
    expect(ended.filter((event) => event === 'catching up ended')).toHaveLength(begun);
  });
});
