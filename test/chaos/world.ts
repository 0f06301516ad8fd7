import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEMO_ORG_ID, DEMO_STORE_ID } from '../../src/embedded/database/demoStore.ts';
import { loadSecrets } from '../../src/embedded/secrets.ts';
import { seededRandom } from '../../src/embedded/shop/random.ts';
import { type RunningCli, SHIPPED_LAYOUT, startCli } from '../support/cli.ts';
import { type FaultProxy, startFaultProxy } from '../support/faultProxy.ts';
import { type FaultyOrigin, startFaultyOrigin } from '../support/faultyOrigin.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { type Database, migrate, type Postgres, startPostgres } from '../support/postgres.ts';
import { type Backend, type Part, startBackend } from './backend.ts';
import { meddler } from './meddler.ts';

export const STORE = 'chaos';
export const PHONE_HASH_SECRET = 'the-secret-of-the-chaos-shop';
export const DISK_BYTES = 1 << 29;

/** The whole product in processes of its own, with a line that can go bad between every two. */
export interface World {
  /** A small disk of its own. */
  readonly output: string;
  /** Another program that writes there. */
  readonly meddler: ReturnType<typeof meddler>;
  readonly broker: Mosquitto;
  readonly postgres: Postgres;
  readonly database: Database;
  /** Between pipeline and broker. */
  readonly mqttLine: FaultProxy;
  /** What the pipeline takes for Supabase: it can answer uploads in the function's stead. */
  readonly origin: FaultyOrigin;
  /** Between that and Supabase. */
  readonly httpLine: FaultProxy;
  readonly backend: Backend;
  readonly pipeline: Part & {
    /** Everything that those said that have ended. */
    readonly said: () => string;
    /** Of those that ended by themselves. */
    readonly restarts: () => number;
    /** The most that one took to end once it was asked to, seconds. */
    readonly longestStopS: () => number;
  };
  /** A second pipeline by mistake, on the same output directory. */
  readonly startSecondPipeline: () => RunningCli;
  /** `npm run redrive`, to its end; what it said. */
  readonly redrive: () => Promise<string>;
  readonly remove: () => Promise<void>;
}

/** As the shipped broker configuration: what it acknowledged a second ago survives its death. */
const BROKER = [
  'allow_anonymous true',
  'autosave_interval 1',
  'max_queued_messages 0',
  'max_inflight_messages 2000',
].join('\n');

const pipelineOf = (
  cwd: string,
  settings: Readonly<Record<string, string>>,
): World['pipeline'] & {
  readonly command: (...args: ReadonlyArray<string>) => RunningCli;
  readonly connects: () => Promise<unknown>;
} => {
  const command = (...args: ReadonlyArray<string>): RunningCli => startCli(cwd, args, settings);
  let before = '';
  let isWanted = true;
  let restarts = 0;
  let longestStopS = 0;
  const launch = (): RunningCli => {
    const launched = command('pipeline', '--no-simulate');
    // As systemd does it: one that cannot start, on a disk that is full, is started again.
    void launched.ended.then(async ({ said }) => {
      if (!isWanted || launched !== running) return;
      before += said;
      restarts += 1;
      await sleep(1_000);
      if (isWanted && launched === running) running = launch();
    });
    return launched;
  };
  let running = launch();
  return {
    connects: () => running.says(/^ *\d+ readings\/s/m),
    command,
    said: () => before,
    restarts: () => restarts,
    longestStopS: () => longestStopS,
    pid: () => running.pid,
    end: async (signal) => {
      isWanted = false;
      const askedAt = Date.now();
      try {
        process.kill(running.pid, signal);
      } catch {
        // Gone already.
      }
      const { said } = await running.ended;
      longestStopS = Math.max(longestStopS, Math.round((Date.now() - askedAt) / 1000));
      before += said;
    },
    start: async () => {
      isWanted = true;
      running = launch();
    },
  };
};

/** Needs Debian's mosquitto and PostgreSQL, and root for the disk of its own. */
export const openWorld = async (): Promise<World> => {
  const closers: Array<() => unknown> = [];
  const remove = async (): Promise<void> => {
    for (let close = closers.pop(); close; close = closers.pop()) await close();
  };
  try {
    const cwd = mkdtempSync(join(tmpdir(), 'chaos-'));
    closers.push(() => rmSync(cwd, { recursive: true, force: true }));
    const output = join(cwd, 'output');
    mkdirSync(output);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', output]);
    closers.push(() => execFileSync('umount', ['-l', output]));
    const others = meddler(output);
    // Before the first start already.
    others.meddle(seededRandom(1));
    const broker = await startMosquitto(BROKER);
    closers.push(broker.remove);
    const postgres = await startPostgres({ isDurable: true });
    closers.push(postgres.remove);
    const database = await postgres.createDatabase('shop');
    await migrate(database);
    const httpLine = await startFaultProxy();
    closers.push(httpLine.close);
    const backend = await startBackend(database.url, cwd, httpLine.leadTo);
    closers.push(() => backend.end('SIGTERM'));
    const origin = await startFaultyOrigin(`http://127.0.0.1:${httpLine.port}`);
    closers.push(origin.goDown);
    const mqttLine = await startFaultProxy(Number(new URL(broker.url).port));
    closers.push(mqttLine.close);
    const { publishableKey, ingestToken } = await loadSecrets(cwd);
    const { command, connects, ...pipeline } = pipelineOf(cwd, {
      ...SHIPPED_LAYOUT,
      MQTT_URL: `mqtt://127.0.0.1:${mqttLine.port}`,
      STORE_NAME: STORE,
      STORE_ID: DEMO_STORE_ID,
      ORG_ID: DEMO_ORG_ID,
      SUPABASE_URL: origin.url,
      SUPABASE_ANON_KEY: publishableKey,
      INGEST_TOKEN: ingestToken,
      PHONE_HASH_SECRET,
      UPLOAD_INTERVAL_SEC: '5',
      UPLOAD_TIMEOUT_SEC: '5',
    });
    closers.push(() => pipeline.end('SIGKILL'));
    // Only what is published to a session that exists is promised.
    await connects();
    return {
      ...{
        output,
        meddler: others,
        broker,
        postgres,
        database,
        mqttLine,
        origin,
        httpLine,
        backend,
        pipeline,
      },
      startSecondPipeline: () => command('pipeline', '--no-simulate'),
      redrive: async () => (await command('redrive').ended).said,
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
};
