/**
 * Lets everything go wrong that can, for a while, and then counts: what the broker acknowledged
 * against the journal, the vectors, the assignments and the rows. Ends with a table that must show
 * zero in "lost" and "double", and no pipeline that was asked to stop and did not, else with exit
 * code 1.
 *
 * npm run chaos -- [--minutes 3] [--seed 1] [--phones 40] [--log chaos.log]
 *
 * Needs mosquitto and PostgreSQL (apt-get install mosquitto postgresql) and root, for a disk that
 * it can fill. The same seed draws the same faults; when they strike is the machine's.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../src/embedded/shop/random.ts';
import { readDeadLetters } from '../../src/production/files/deadLetters.ts';
import { ownFiles } from '../../src/production/files/ownFiles.ts';
import { audit, type Span, type Verdict } from './audit.ts';
import { shuffled } from './faults.ts';
import { type Publisher, startPublisher } from './publisher.ts';
import { openWorld, PHONE_HASH_SECRET, STORE, type World } from './world.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    log: { type: 'string', default: 'chaos.log' },
    phones: { type: 'string', default: '40' },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);

const SETTLE_MS = 120_000;
/** As long as systemd waits for a stop, before it kills. */
const PATIENCE_S = 90;
/** So much after the disk has room again it is tried again at the latest, with time to write. */
const SAVING_AGAIN_MS = 15_000;
const startedAt = Date.now();

const say = (text: string): void => {
  const s = Math.round((Date.now() - startedAt) / 1000);
  const clock = `${String(Math.floor(s / 60)).padStart(3)}:${String(s % 60).padStart(2, '0')}`;
  process.stdout.write(`${clock}  ${text}\n`);
};

const until = async (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + SETTLE_MS; Date.now() < end; await sleep(500))
    if (await isSo()) return;
  say(`gave up waiting for ${what}`);
};

const rowsIn = async ({ database }: World): Promise<number> =>
  Number((await database.pool.query('select count(*) from public.zone_events')).rows[0].count);

/** Publishing ends, everything is well again, and the pipeline gets the time it needs. */
const settle = async (world: World, publisher: Publisher): Promise<void> => {
  say('everything is well again; waiting until it is quiet');
  await publisher.finish(SETTLE_MS);
  let lines = -1;
  await until('the journal to end', async () => {
    const before = lines;
    lines = ownFiles(world.output, 'rssi_readings').reduce((sum, { bytes }) => sum + bytes, 0);
    await sleep(10_000);
    return lines === before;
  });
  await world.pipeline.end('SIGTERM');
  await world.pipeline.start();
  let rows = -1;
  await until('the rows to end', async () => {
    const before = rows;
    rows = await rowsIn(world);
    await sleep(15_000);
    return rows === before;
  });
  await world.pipeline.end('SIGTERM');
  // What was given up meanwhile is sent again when something else arrives, and now nothing does.
  say(`redrive: ${(await world.redrive()).trim().split('\n').at(-1)?.trim()}`);
};

const row = (cells: ReadonlyArray<string | number>): string => {
  const [first, ...rest] = cells.map(String);
  return [first?.padEnd(46), ...rest.map((cell) => cell.padStart(10))].join('');
};

const table = (verdicts: ReadonlyArray<Verdict>): string =>
  [
    row(['', 'expected', 'lost', 'double']),
    ...verdicts.map(({ step, expected, lost, double }) => row([step, expected, lost, double])),
    ...verdicts.flatMap(({ step, examples }) => examples.map((text) => `  ${step}: ${text}`)),
  ].join('\n');

const main = async (): Promise<boolean> => {
  say(`chaos for ${minutes} min with seed ${seed}`);
  const random = seededRandom(seed);
  const world = await openWorld();
  const happened = new Map<string, number>();
  const brokerKills: number[] = [];
  const behind: Span[] = [];
  let full: Span | undefined;
  try {
    const publisher = await startPublisher(
      Number(new URL(world.broker.url).port),
      STORE,
      Number(values.phones),
      random.fork(),
    );
    const end = Date.now() + minutes * 60_000;
    await sleep(5_000);
    for (const fault of shuffled(random)) {
      if (Date.now() >= end) break;
      say(fault.name);
      happened.set(fault.name, (happened.get(fault.name) ?? 0) + 1);
      if (fault.name === 'broker: SIGKILL') brokerKills.push(Date.now());
      const from = Date.now();
      if (full && fault.name.startsWith('pipeline: SIGKILL') && from < full.to + SAVING_AGAIN_MS)
        behind.push({ from: full.from, to: from });
      await fault.happen(world, random);
      if (fault.name === 'disk: full') full = { from, to: Date.now() };
      await sleep(random.between(500, 4_000));
    }
    await settle(world, publisher);
    const { verdicts, ahead } = await audit(
      world.output,
      publisher,
      brokerKills,
      behind,
      world.meddler.written,
      world.database,
      PHONE_HASH_SECRET,
    );
    const others = [
      row(['rows ahead of a full disk when it was killed', ahead]),
      row(['dead letters left', readDeadLetters(world.output).pending.length]),
      row(['pipelines that ended by themselves', world.pipeline.restarts()]),
      row(['longest stop of a pipeline, s', world.pipeline.longestStopS()]),
    ];
    process.stdout.write(`\n${table(verdicts)}\n${others.join('\n')}\n\n`);
    for (const [name, times] of [...happened].sort())
      process.stdout.write(`${row([name, times])}\n`);
    const isWell =
      verdicts.every(({ lost, double }) => lost + double === 0) &&
      world.pipeline.longestStopS() < PATIENCE_S;
    writeFileSync(values.log, world.pipeline.said());
    process.stdout.write(
      `\n${isWell ? 'nothing lost, nothing double, no stop too long' : 'FAILED'} (seed ${seed})\n`,
    );
    return isWell;
  } finally {
    await world.remove();
  }
};

process.exitCode = (await main()) ? 0 : 1;
