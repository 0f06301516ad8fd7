import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';
import { jsonLine } from '../../../../src/model/json.ts';
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
  /** `again`: the lines of the append before, if that failed. */
  | { readonly _tag: 'Append'; readonly lines: number; readonly again: boolean }
  | Fault
  | Death
  | Midnight;

const append = fc.record({
  _tag: tagged('Append'),
  lines: fc.integer({ min: 1, max: 5 }),
  again: fc.boolean(),
});
const action = fc.oneof<fc.WeightedArbitrary<Action>[]>(
  { weight: 6, arbitrary: append },
  { weight: 2, arbitrary: fault },
  { weight: 2, arbitrary: death(25) },
  { weight: 1, arbitrary: midnight },
);

const log = () => undefined;

/** The journal through all of it, compared with what a list would hold. */
const play = async (seed: number, maxBytes: number, actions: ReadonlyArray<Action>) => {
  const { time, disk, start, pass } = machine(seed);
  let fault: DiskFault | undefined;
  let process = start();
  let files: ReturnType<typeof jsonlFiles> | undefined;
  let made = 0;
  /** In the journal, whatever comes. */
  let safe: ReadonlyArray<string> = [];
  /** Appends without success since: of one of them there may be lines. */
  let open: ReadonlyArray<ReadonlyArray<string>> = [];

  const found = () => linesIn(disk.texts(), 'rssi_readings');
  const expectSafe = () => expect(found()).toEqual({ lines: safe, torn: '' });

  const recovered = async (): Promise<void> => {
    if (!process.isAlive()) process = start();
    const ending = await process.run(() => recover(DIRECTORY, log, process.disk));
    if (!fault && process.isAlive()) expect(ending._tag).toBe('Done');
    if (ending._tag === 'Failed') process.dieIn(0, 'kill');
    if (ending._tag !== 'Done') return;
    const { lines, torn } = found();
    expect(torn).toBe('');
    const more = lines.slice(safe.length);
    const tried = open.find((one) => more.every((line, at) => line === one[at])) ?? [];
    expect(lines).toEqual([...safe, ...tried.slice(0, more.length)]);
    const known = [...ending.value.known].map(({ ts }) => ts);
    expect(known).toEqual(lines.map((line) => JSON.parse(line).ts));
    safe = lines;
    open = [];
    files = jsonlFiles({
      ...{ dir: DIRECTORY, maxBytes, retentionDays: 1e6, now: time.now, log },
      disk: process.disk,
    });
  };
  const fresh = (lines: number) =>
    Array.from({ length: lines }, () => {
      made += 1;
      return jsonLine(reading(made, { sensor_id: 'pi'.repeat(1 + (made % 20)) }));
    });
  const journal = async (lines: ReadonlyArray<string>): Promise<void> => {
    if (!process.isAlive() || !files) {
      files = undefined;
      await recovered();
    }
    const append = files?.append('rssi_readings');
    if (!append || !process.isAlive()) return;
    const ending = await process.run(() => lastValueFrom(append(lines)));
    if (!fault && process.isAlive()) expect(ending._tag).toBe('Done');
    if (ending._tag === 'Done') {
      safe = [...safe, ...lines.map((line) => line.trimEnd())];
      open = [];
      expectSafe();
    } else open = [...open, lines.map((line) => line.trimEnd())];
  };
  const behave = (how: DiskFault | undefined) => {
    fault = how;
    disk.behave(how);
  };

  for (const one of actions) {
    const last = open.at(-1)?.map((line) => `${line}\n`);
    if (one._tag === 'Append') await journal((one.again && last) || fresh(one.lines));
    else if (one._tag === 'Fault') behave(one.fault);
    else if (one._tag === 'Death') process.dieIn(one.steps, one.manner);
    else await pass(DAY_MS);
  }
  behave(undefined);
  process.dieIn(0, 'power');
  await journal(fresh(3));
  process.dieIn(0, 'power');
  await recovered();
  expectSafe();
};

const one = (again = false): Action => ({ _tag: 'Append', lines: 1, again });

/** What failed once. */
const REGRESSIONS: Array<[number, number, Action[]]> = [
  // A disk that did not answer was taken for a file that is gone: an append that had failed stayed.
  [
    1684407524,
    150,
    [
      ...[one(), { _tag: 'Fault', fault: 'failing' } as const, one(), one(), one()],
      ...[{ _tag: 'Fault', fault: undefined } as const, one()],
    ],
  ],
];

it('the journal holds each append that succeeded, once and in order, through faults, kills and losses of power', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), maxBytes, fc.array(action, { minLength: 1, maxLength: 25 }), play),
    { numRuns: MODEL_RUNS, examples: REGRESSIONS },
  );
}, 60_000);
