import fc from 'fast-check';
import { defer, from, lastValueFrom, type Observable, of, toArray } from 'rxjs';
import type { WaitingLetter } from '../../../../src/model/failedUpload.ts';
import type { DeadLetter } from '../../../../src/model/outcome.ts';
import type { Env } from '../../../../src/model/shapes.ts';
import { halvesOf, type Upload } from '../../../../src/model/upload.ts';
import { loadLetter, readDeadLetters } from '../../../../src/production/files/deadLetters.ts';
import { jsonlFiles } from '../../../../src/production/files/jsonlFiles.ts';
import { failedUploadsSink } from '../../../../src/sinks/failedUploadsSink.ts';
import { redrive } from '../../../../src/sinks/redrive.ts';
import type { Uploaded } from '../../../../src/sinks/sendUpload.ts';
import { DIRECTORY, type DiskFault } from '../../../simulation/fakeDisk.ts';
import {
  DAY_MS,
  type Death,
  death,
  type Midnight,
  MODEL_RUNS,
  midnight,
  tagged,
} from '../../../support/arbitraryMisfortune.ts';
import { machine } from '../../../support/mortalProcesses.ts';
import { assignment } from '../../../support/readings.ts';
import { ingested, upload } from '../../../support/uploads.ts';

/** What becomes of a letter that is sent again: `part`, one half arrives and the other one is refused. */
type Answer = 'arrives' | 'part' | 'refused';

type Action =
  /** As many uploads fail at once as there are numbers, each of so many rows. */
  | { readonly _tag: 'Fail'; readonly rows: ReadonlyArray<number> }
  | { readonly _tag: 'Redrive'; readonly answers: ReadonlyArray<Answer>; readonly byHand: boolean }
  | { readonly _tag: 'Fault'; readonly fault: DiskFault; readonly forMs: number }
  | Death
  | Midnight;

const some = <A>(one: fc.Arbitrary<A>) => fc.array(one, { minLength: 1, maxLength: 3 });
const failure = fc.record({ _tag: tagged('Fail'), rows: some(fc.integer({ min: 1, max: 3 })) });
const redriving = fc.record({
  _tag: tagged('Redrive'),
  answers: some(fc.constantFrom<Answer>('arrives', 'part', 'refused')),
  byHand: fc.boolean(),
});
const passing = fc.record({
  _tag: tagged('Fault'),
  fault: fc.constantFrom<DiskFault>('full', 'failing'),
  forMs: fc.integer({ min: 0, max: 20_000 }),
});
const action = fc.oneof<fc.WeightedArbitrary<Action>[]>(
  { weight: 4, arbitrary: failure },
  { weight: 3, arbitrary: redriving },
  { weight: 2, arbitrary: passing },
  { weight: 2, arbitrary: death(30) },
  { weight: 1, arbitrary: midnight },
);

const log = () => undefined;

const refused = (item: Upload, nowMs: number): DeadLetter<Upload> => ({
  ...{ _tag: 'DeadLetter', sink: 'upload', item, attempts: 1 },
  error: { _tag: 'Permanent', reason: 'HTTP 400' },
  firstAttemptAt: nowMs,
  failedAt: nowMs,
});
const arrived = (item: Upload): Uploaded => ({
  ...{ _tag: 'Delivered', sink: 'upload', item, receipt: ingested(item) },
  attempts: 1,
  latencyMs: 0,
});
const outcomesOf = (item: Upload, answer: Answer, nowMs: number): ReadonlyArray<Uploaded> => {
  const [first, second] = halvesOf(item);
  if (answer === 'refused') return [refused(item, nowMs)];
  if (answer === 'part' && first && second) return [arrived(first), refused(second, nowMs)];
  return [arrived(item)];
};

/** A row is known by its time. */
const rowsOf = ({ assignments }: Upload): ReadonlyArray<number> => assignments.map(({ ts }) => ts);

/** Letters through all of it; where each row should be is kept in three sets. */
const play = async (seed: number, maxBytes: number, actions: ReadonlyArray<Action>) => {
  const { time, disk, start, pass } = machine(seed);
  const inPeace = disk.mount(() => true, log);
  let process = start();
  let files: ReturnType<typeof jsonlFiles> | undefined;
  let made = 0;
  const written = new Set<number>();
  const delivered = new Set<number>();
  /** Of letters amid whose redrive a process died: they may be sent again. */
  const unsure = new Set<number>();

  const rowsById = new Map<string, ReadonlyArray<number>>();
  const learn = (item: Upload): void => {
    rowsById.set(item.batch_id, rowsOf(item));
  };

  const waiting = (): ReadonlyArray<number> => {
    const { pending, unreadable } = readDeadLetters(DIRECTORY, inPeace);
    if (unreadable > 0) expect(unreadable).toBe(0);
    return pending.flatMap(({ batch_id }) => rowsById.get(batch_id) ?? []);
  };
  const check = (): void => {
    const counts = new Map<number, number>();
    for (const row of waiting()) counts.set(row, (counts.get(row) ?? 0) + 1);
    const isWrong = (row: number): boolean => {
      const times = counts.get(row) ?? 0;
      if (unsure.has(row)) return times === 0 && !delivered.has(row);
      return times !== (delivered.has(row) ? 0 : 1);
    };
    const wrong = [...written].filter(isWrong);
    if (wrong.length > 0) expect(wrong).toEqual([]);
  };
  const openFiles = () => {
    if (!process.isAlive() || !files) {
      if (!process.isAlive()) process = start();
      const given = { dir: DIRECTORY, maxBytes, retentionDays: 1, now: time.now, log };
      files = jsonlFiles({ ...given, disk: process.disk });
    }
    const env: Env = { scheduler: process.scheduler, random: () => 0.5, log };
    return { files, env };
  };
  const fail = async (sizes: ReadonlyArray<number>): Promise<void> => {
    const { files: opened, env } = openFiles();
    const letters = sizes.map((size) => {
      made += 1;
      const rows = Array.from({ length: size }, (_, n) => assignment(made * 10 + n));
      return refused(upload(made, rows), time.now());
    });
    for (const { item } of letters) learn(item);
    const sink = failedUploadsSink(opened.append('failed_uploads'), env);
    const ending = await process.run(() => lastValueFrom(from(letters).pipe(sink, toArray())));
    if (ending._tag === 'Done')
      for (const row of letters.flatMap(({ item }) => rowsOf(item))) written.add(row);
  };
  const again = async (answers: ReadonlyArray<Answer>, byHand: boolean): Promise<void> => {
    const { files: opened, env } = openFiles();
    const { pending } = readDeadLetters(DIRECTORY, process.disk);
    const touched: number[] = [];
    let sent = 0;
    const send = (item: Upload): Observable<Uploaded> => {
      touched.push(...rowsOf(item));
      const outcomes = outcomesOf(item, answers[sent % answers.length] ?? 'arrives', time.now());
      sent += 1;
      for (const one of outcomes) learn(one.item);
      for (const one of outcomes)
        if (one._tag === 'Delivered') for (const row of rowsOf(one.item)) delivered.add(row);
      return from(outcomes);
    };
    const box = {
      load: (letter: WaitingLetter) => defer(() => of(loadLetter(letter, process.disk))),
      appendFailed: opened.append(byHand ? 'failed_uploads.redrive' : 'failed_uploads'),
      appendRedriven: opened.append(byHand ? 'redriven_uploads.redrive' : 'redriven_uploads'),
    };
    const resend = redrive(send, box, () => 0, { intervalMs: 100, triesToBlame: 8 }, env);
    const ending = await process.run(() => lastValueFrom(resend(pending).pipe(toArray())));
    for (const row of touched) if (ending._tag === 'Died') unsure.add(row);
  };

  for (const one of actions) {
    if (one._tag === 'Fail') await fail(one.rows);
    else if (one._tag === 'Redrive') await again(one.answers, one.byHand);
    else if (one._tag === 'Death') process.dieIn(one.steps, one.manner);
    else if (one._tag === 'Midnight') await pass(DAY_MS);
    else {
      disk.behave(one.fault);
      time.after(one.forMs, () => disk.behave(undefined));
    }
    if (one._tag === 'Fail' || one._tag === 'Redrive') check();
  }
  disk.behave(undefined);
  process.dieIn(0, 'power');
  await fail([1]);
  check();
  for (let round = 0; round < 3 && waiting().length > 0; round += 1) await again(['arrives'], true);
  process.dieIn(0, 'power');
  expect(waiting()).toEqual([]);
  expect([...delivered]).toEqual(expect.arrayContaining([...written]));
};

/** The sync of a file's opening fails, and what a killed process left in it must not be lost for that. */
const FAILED_OPENING: ReadonlyArray<Action> = [
  { _tag: 'Fail', rows: [2, 2, 2] },
  { _tag: 'Redrive', answers: ['part'], byHand: false },
  { _tag: 'Fail', rows: [1, 1] },
  { _tag: 'Fail', rows: [1] },
  { _tag: 'Fail', rows: [1, 1] },
  { _tag: 'Fault', fault: 'full', forMs: 1_723 },
  { _tag: 'Death', steps: 7, manner: 'kill' },
  { _tag: 'Fault', fault: 'failing', forMs: 1_723 },
  { _tag: 'Redrive', answers: ['arrives'], byHand: false },
  { _tag: 'Redrive', answers: ['arrives'], byHand: false },
];

it('a dead letter is listed once until it is redriven, through faults, kills and losses of power', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(),
      fc.constantFrom(1_000, 1e9),
      fc.array<Action>(action, { minLength: 1, maxLength: 12 }),
      play,
    ),
    { numRuns: MODEL_RUNS, examples: [[10, 1e9, FAILED_OPENING]] },
  );
}, 60_000);
