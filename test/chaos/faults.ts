import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/embedded/shop/random.ts';
import type { Carriage } from '../support/faultProxy.ts';
import { answer, cut, hang, pass, type Fault as UploadFault } from '../support/faultyOrigin.ts';
import type { World } from './world.ts';

export interface Fault {
  readonly name: string;
  /** Goes wrong, stays so for a while, and is well again. */
  readonly happen: (world: World, random: Random) => Promise<void>;
}

const seconds = (random: Random, from: number, to: number): Promise<void> =>
  sleep(random.between(from, to) * 1000);

const freeze = async (pid: number, random: Random): Promise<void> => {
  for (const signal of ['SIGSTOP', 'SIGCONT'] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone by itself, and started again under another number.
    }
    if (signal === 'SIGSTOP') await seconds(random, 1, 8);
  }
};

const PATIENCE_MS = 60_000;
const BALLAST = 'ballast';
const CHUNK = Buffer.alloc(1 << 16);

const fillUp = (path: string): void => {
  const file = openSync(path, 'w');
  try {
    for (;;) writeSync(file, CHUNK);
  } catch {
    // No space left: as was meant.
  } finally {
    closeSync(file);
  }
};

const endPipeline =
  (signal: 'SIGTERM' | 'SIGKILL') =>
  async ({ pipeline }: World, random: Random): Promise<void> => {
    await pipeline.end(signal);
    await seconds(random, 0, 4);
    await pipeline.start();
    // Long enough to come up: a pipeline that is killed while it loads proves little.
    await seconds(random, 3, 8);
  };

const uploads =
  (...faults: ReadonlyArray<UploadFault>) =>
  async ({ origin }: World, random: Random): Promise<void> => {
    origin.will(...faults);
    await seconds(random, 3, 12);
    origin.will(pass);
  };

const onLine =
  (line: 'mqttLine' | 'httpLine', how: Partial<Carriage>) =>
  async (world: World, random: Random): Promise<void> => {
    world[line].carry(how);
    await seconds(random, 3, 12);
    world[line].carry({});
  };

/** Everything that may go wrong. */
export const FAULTS: ReadonlyArray<Fault> = [
  { name: 'pipeline: SIGKILL', happen: endPipeline('SIGKILL') },
  { name: 'pipeline: SIGKILL again', happen: endPipeline('SIGKILL') },
  { name: 'pipeline: SIGTERM', happen: endPipeline('SIGTERM') },
  { name: 'pipeline: frozen', happen: ({ pipeline }, random) => freeze(pipeline.pid(), random) },
  {
    name: 'pipeline: a second one',
    happen: async ({ pipeline, startSecondPipeline }) => {
      const first = pipeline.pid();
      const second = startSecondPipeline();
      const ended = await Promise.race([second.ended, sleep(PATIENCE_MS)]);
      if (!ended) await second.destroy();
      const isRefused = ended && ended.code !== 0 && /already|in use|another/i.test(ended.said);
      // Where the first had just ended by itself, the second was the only one.
      if (!isRefused && pipeline.pid() === first)
        throw new Error(`a second pipeline was let in, saying:\n${second.said()}`);
    },
  },
  {
    name: 'disk: full',
    happen: async ({ output }, random) => {
      fillUp(join(output, BALLAST));
      await seconds(random, 3, 12);
      rmSync(join(output, BALLAST));
    },
  },
  {
    name: 'files: another program appends',
    happen: async ({ meddler }, random) => meddler.meddle(random),
  },
  {
    name: 'pipeline: SIGKILL, then another program writes',
    happen: async ({ pipeline, meddler }, random) => {
      await pipeline.end('SIGKILL');
      for (let n = random.integer(1, 3); n > 0; n -= 1) meddler.meddle(random);
      await pipeline.start();
      await seconds(random, 3, 8);
    },
  },
  {
    name: 'broker: SIGKILL',
    happen: async ({ broker }, random) => {
      await broker.kill();
      await seconds(random, 0, 4);
      await broker.start();
    },
  },
  {
    name: 'broker: restart',
    happen: async ({ broker }, random) => {
      await broker.stop();
      await seconds(random, 0, 4);
      await broker.start();
    },
  },
  { name: 'broker: frozen', happen: ({ broker }, random) => freeze(broker.pid(), random) },
  {
    name: 'function: SIGKILL',
    happen: async ({ backend }) => {
      const pid = await backend.functionPid();
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    },
  },
  {
    name: 'Supabase: SIGKILL',
    happen: async ({ backend }, random) => {
      await backend.end('SIGKILL');
      await seconds(random, 0, 4);
      await backend.start();
    },
  },
  {
    name: 'database: SIGKILL',
    happen: async ({ postgres }, random) => {
      await postgres.crash();
      await seconds(random, 0, 4);
      await postgres.restart();
    },
  },
  {
    name: 'database: locked',
    happen: async ({ database }, random) => {
      const client = await database.pool.connect();
      await client.query('begin; lock table public.zone_events in exclusive mode');
      await seconds(random, 3, 12);
      await client.query('commit');
      client.release();
    },
  },
  { name: 'uploads: 429 with Retry-After', happen: uploads(answer(429, { 'retry-after': '2' })) },
  { name: 'uploads: 503', happen: uploads(answer(503)) },
  { name: 'uploads: 500, every other', happen: uploads(answer(500), pass, answer(500)) },
  { name: 'uploads: half an answer', happen: uploads(cut) },
  { name: 'uploads: no answer', happen: uploads(hang, hang, pass, hang) },
  { name: 'uploads: 401', happen: uploads(answer(401)) },
  { name: 'uploads: 403, every other', happen: uploads(answer(403), pass, answer(403)) },
  {
    name: 'uploads: nobody listens',
    happen: async ({ origin }, random) => {
      await origin.goDown();
      await seconds(random, 3, 12);
      await origin.comeUp();
    },
  },
  { name: 'mqtt line: reset', happen: async ({ mqttLine }) => mqttLine.reset() },
  { name: 'mqtt line: half-open', happen: async ({ mqttLine }) => mqttLine.abandon() },
  { name: 'mqtt line: black hole', happen: onLine('mqttLine', { isBlackHole: true }) },
  {
    name: 'mqtt line: slow',
    happen: onLine('mqttLine', { latencyMs: 300, bytesPerSecond: 50_000 }),
  },
  { name: 'mqtt line: sliced', happen: onLine('mqttLine', { sliceBytes: 7 }) },
  { name: 'http line: reset', happen: async ({ httpLine }) => httpLine.reset() },
  { name: 'http line: half-open', happen: async ({ httpLine }) => httpLine.abandon() },
  { name: 'http line: black hole', happen: onLine('httpLine', { isBlackHole: true }) },
  {
    name: 'http line: slow',
    happen: onLine('httpLine', { latencyMs: 500, bytesPerSecond: 20_000 }),
  },
  { name: 'http line: sliced', happen: onLine('httpLine', { sliceBytes: 7 }) },
];

/** Faults without end, all of them in a new order before any comes again. */
export function* shuffled(random: Random): Generator<Fault, never> {
  for (let left = [...FAULTS]; ; left = left.length > 0 ? left : [...FAULTS]) {
    const fault = random.pick(left);
    left.splice(left.indexOf(fault), 1);
    yield fault;
  }
}
