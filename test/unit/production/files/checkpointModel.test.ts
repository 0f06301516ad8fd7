import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { lastValueFrom } from 'rxjs';
import { EMPTY_SNAPSHOT, type Snapshot } from '../../../../src/model/checkpoint.ts';
import { jsonLine } from '../../../../src/model/json.ts';
import { OUTPUT_FILES, type OutputFile } from '../../../../src/model/jsonlFile.ts';
import { windowKey } from '../../../../src/model/openWindow.ts';
import { readCheckpoint } from '../../../../src/production/files/checkpointFile.ts';
import { jsonlFiles } from '../../../../src/production/files/jsonlFiles.ts';
import { recover } from '../../../../src/production/files/recovery.ts';
import { DIRECTORY, type DiskFault } from '../../../simulation/fakeDisk.ts';
import {
  DAY_MS,
  type Death,
  death,
  type Fault,
  fault,
  type Midnight,
  MODEL_RUNS,
  maxBytes,
  midnight,
  tagged,
} from '../../../support/arbitraryMisfortune.ts';
import { linesIn } from '../../../support/fakeFiles.ts';
import { machine } from '../../../support/mortalProcesses.ts';
import { reading } from '../../../support/readings.ts';

type Action =
  | { readonly _tag: 'Append'; readonly readings: number }
  /** So many lines for each output file. */
  | { readonly _tag: 'Commit'; readonly lines: ReadonlyArray<number> }
  | Fault
  | Death
  | Midnight;

const append = fc.record({ _tag: tagged('Append'), readings: fc.integer({ min: 1, max: 4 }) });
const commitment = fc.record({
  _tag: tagged('Commit'),
  lines: fc.array(fc.nat(3), { minLength: 5, maxLength: 5 }),
});
const action = fc.oneof<fc.WeightedArbitrary<Action>[]>(
  { weight: 2, arbitrary: append },
  { weight: 6, arbitrary: commitment },
  { weight: 2, arbitrary: fault },
  { weight: 2, arbitrary: death(50) },
  { weight: 1, arbitrary: midnight },
);

/** A state, what the outputs hold with it, and how many lines of the journal have become them. */
interface Cut {
  readonly id: number;
  readonly outputs: Readonly<Record<OutputFile, ReadonlyArray<string>>>;
  readonly journalled: number;
}

const NONE: Cut = {
  id: 0,
  outputs: {
    rssi_vectors: [],
    zone_assignments: [],
    zone_transitions: [],
    dwells: [],
    visits: [],
    infrastructure: [],
  },
  journalled: 0,
};
const log = () => undefined;

const PHONES = Array.from({ length: 12 }, (_, n) => `a8:76:50:e9:28:${10 + n}`);
/** The same object for the same value: what did not change is not written again. */
const believed = Array.from({ length: 1_000 }, (_, ts) => ({ ts, belief: `of ${ts}` }));

/**
 * Large enough to be written in parts, and different in each of them. Phones come, change and go, each
 * at its own pace.
 */
const stateOf = (id: number): Snapshot => {
  const there = PHONES.flatMap((phone, n) => ((id + n) % 5 === 0 ? [] : [[phone, n] as const]));
  const valueAt = (n: number) => believed[Math.floor((id * 7) / (n + 1)) % 1_000];
  const of = <A>(make: (phone_id: string, value: (typeof believed)[number]) => A) =>
    new Map(
      there.flatMap(([phone, n]) => {
        const value = valueAt(n);
        return value ? [[phone, make(phone, value)] as const] : [];
      }),
    );
  const windows = of((phone_id, { ts }) => ({ phone_id, window_start: 5, ts, rssi: {} }));
  return {
    windows: new Map([...windows.values()].map((window) => [windowKey(window), window])),
    beliefs: of((_phone, value) => value),
    sensors: new Map(Array.from({ length: 1 + (id % 30) }, (_, n) => [`pi${n}`, id])),
    tracks: of((phone_id, { ts }) => ({
      phone_id,
      enter_ts: 1,
      heard_ts: ts,
      zones: [1],
      zone_id: 1,
    })),
    presences: of((_phone, { ts }) => ({ firstTs: 1, lastTs: ts, isResident: false })),
  };
};

const grown = (before: Cut['outputs'], id: number, counts: ReadonlyArray<number>) => {
  const lines: Record<OutputFile, ReadonlyArray<string>> = { ...NONE.outputs };
  const outputs = { ...before };
  OUTPUT_FILES.forEach((file, at) => {
    const added = Array.from({ length: counts[at] ?? 0 }, (_, n) => `{"${file}":${id},"n":${n}}`);
    lines[file] = added.map((line) => `${line}\n`);
    outputs[file] = [...before[file], ...added];
  });
  return { lines, outputs };
};

/** Commits through all of it, compared with a list of what they should have left. */
const play = async (seed: number, maxBytes: number, actions: ReadonlyArray<Action>) => {
  const { time, disk, start, pass } = machine(seed);
  let fault: DiskFault | undefined;
  let process = start();
  let files: ReturnType<typeof jsonlFiles> | undefined;
  let ids = 0;
  let readings = 0;
  /** Oldest first. The last one counts; those before it may only come back with a loss of power. */
  let cuts: ReadonlyArray<Cut> = [NONE];
  /** Under way when the process died, or failed on a disk that may hold it all the same. */
  let next: Cut | undefined;

  const last = (): Cut => cuts.at(-1) ?? NONE;
  /** The cut of the checkpoint that is found: one that is possible, and whole. */
  const found = (possible: ReadonlyArray<Cut>): Cut => {
    const read = readCheckpoint(
      DIRECTORY,
      disk.mount(() => true, log),
    );
    if (read !== undefined && E.isLeft(read)) throw new Error(read.left);
    const state = read?.right.state ?? EMPTY_SNAPSHOT;
    const cut = possible.find(({ id }) => state.sensors.get('pi0') === (id === 0 ? undefined : id));
    const isWhole =
      cut && isDeepStrictEqual(state, cut.id === 0 ? EMPTY_SNAPSHOT : stateOf(cut.id));
    if (!isWhole) expect(state).toEqual(possible.map(({ id }) => stateOf(id)));
    return cut ?? NONE;
  };
  const journal = () => linesIn(disk.texts(), 'rssi_readings').lines;

  const commit = async (counts: ReadonlyArray<number>): Promise<void> => {
    const current = files;
    if (!current) return;
    ids += 1;
    const { lines, outputs } = grown(last().outputs, ids, counts);
    const cut = { id: ids, outputs, journalled: readings };
    const ending = await process.run(() =>
      lastValueFrom(current.commit({ lines, state: stateOf(cut.id) })),
    );
    if (!fault && ending._tag === 'Failed') throw new Error('a disk that is well failed');
    // A directory that could not be synced may still lose the new name of what is safe.
    if (ending._tag === 'Done') cuts = fault === 'failing' ? [...cuts, cut] : [cut];
    next = ending._tag === 'Done' ? undefined : cut;
    found(ending._tag === 'Done' ? [cut] : [...cuts, cut]);
  };
  /** As the pipeline starts: it recovers, and begins with a checkpoint of that. */
  const begin = async (): Promise<void> => {
    if (files && process.isAlive()) return;
    files = undefined;
    if (!process.isAlive()) process = start();
    const possible = [...cuts, ...(next ? [next] : [])];
    const cut = found(possible);
    const ending = await process.run(() => recover(DIRECTORY, log, process.disk));
    if (!fault && ending._tag === 'Failed') throw new Error('a disk that is well failed');
    if (ending._tag === 'Failed') process.dieIn(0, 'kill');
    if (ending._tag !== 'Done') return;
    if (found(possible) !== cut) throw new Error('a start changed the checkpoint');
    cuts = possible.slice(0, possible.indexOf(cut) + 1);
    next = undefined;
    const texts = disk.texts();
    for (const file of OUTPUT_FILES) {
      const { lines, torn } = linesIn(texts, file);
      if (torn !== '' || !isDeepStrictEqual(lines, cut.outputs[file]))
        expect({ [file]: lines, torn }).toEqual({ [file]: cut.outputs[file], torn: '' });
    }
    const unread = cut.id === 0 ? [] : journal().slice(cut.journalled);
    expect(ending.value.later.map(jsonLine)).toEqual(unread.map((line) => `${line}\n`));
    readings = journal().length;
    const given = { dir: DIRECTORY, maxBytes, retentionDays: 1e6, now: time.now, log };
    files = jsonlFiles({ ...given, disk: process.disk });
    const before = last();
    await commit([]);
    // One that cannot save what it begins with ends.
    if (last() === before) {
      files = undefined;
      process.dieIn(0, 'kill');
    }
  };
  let made = 0;
  const append = async (count: number): Promise<void> => {
    const lines = Array.from({ length: count }, () => {
      made += 1;
      return jsonLine(reading(made));
    });
    const journalling = files?.append('rssi_readings');
    if (!journalling) return;
    const ending = await process.run(() => lastValueFrom(journalling(lines)));
    if (ending._tag === 'Done') {
      readings += count;
      expect(journal()).toHaveLength(readings);
    }
  };
  const behave = (how: DiskFault | undefined) => {
    fault = how;
    disk.behave(how);
  };

  for (const one of actions) {
    if (one._tag === 'Fault') behave(one.fault);
    else if (one._tag === 'Death') process.dieIn(one.steps, one.manner);
    else if (one._tag === 'Midnight') await pass(DAY_MS);
    else {
      await begin();
      if (one._tag === 'Append') await append(one.readings);
      else await commit(one.lines);
    }
  }
  behave(undefined);
  process.dieIn(0, 'power');
  await begin();
  await commit([1, 2, 0, 1, 0]);
  const committed = last();
  process.dieIn(0, 'power');
  await begin();
  expect(last().outputs).toEqual(committed.outputs);
};

const commitOf = (...lines: number[]): Action => ({ _tag: 'Commit', lines });

/** What failed once. */
const REGRESSIONS: Array<[number, number, Action[]]> = [
  // Lines that were taken back without a sync were there again, behind a rotation.
  [
    1453683190,
    150,
    [
      ...[commitOf(0, 0, 1, 1, 0), commitOf(0, 1, 1, 0, 1), commitOf(1, 0, 2, 0, 1)],
      ...[{ _tag: 'Append', readings: 1 } as const, { _tag: 'Fault', fault: undefined } as const],
      { _tag: 'Fault', fault: 'full' },
      ...[commitOf(0, 0, 2, 1, 0), { _tag: 'Midnight' } as const, commitOf(1, 0, 1, 1, 0)],
    ],
  ],
  // The same where a write that failed was taken back at midnight.
  [
    0,
    150,
    [
      ...[commitOf(0, 0, 0, 1, 1), { _tag: 'Fault', fault: 'full' } as const],
      ...[commitOf(0, 1, 1, 0, 1), { _tag: 'Append', readings: 1 } as const],
      ...[{ _tag: 'Fault', fault: undefined } as const, { _tag: 'Midnight' } as const],
      ...[{ _tag: 'Append', readings: 1 } as const, commitOf(0, 1, 1, 1, 1)],
      { _tag: 'Midnight' },
    ],
  ],
];

it('a checkpoint is the last one or the one under way, and the files agree with it, through faults, kills and losses of power', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), maxBytes, fc.array(action, { minLength: 1, maxLength: 20 }), play),
    { numRuns: MODEL_RUNS, examples: REGRESSIONS },
  );
}, 60_000);
