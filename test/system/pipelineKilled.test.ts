import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import type { JsonlFile } from '../../src/model/jsonlFile.ts';
import { bytesOf } from '../../src/production/files/bytes.ts';
import { ownFiles } from '../../src/production/files/ownFiles.ts';
import { eventually } from '../integration/embedded/eventually.ts';
import { isOnline } from '../support/announced.ts';
import { type RunningCli, SHIPPED_LAYOUT, startCli } from '../support/cli.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import type { Json } from '../support/outputs.ts';

const SCRIPT = 'test/fixtures/script';

let broker: Mosquitto;
let cwd: string;
let running: RunningCli;
const output = () => join(cwd, 'output');

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'pipeline-killed-'));
  broker = await startMosquitto(
    'allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 200\nautosave_interval 1',
  );
});
afterAll(async () => {
  await running.destroy();
  await broker.remove();
  rmSync(cwd, { recursive: true, force: true });
}, 40_000);

const start = (): RunningCli => {
  running = startCli(cwd, ['pipeline'], {
    ...SHIPPED_LAYOUT,
    MQTT_URL: broker.url,
    ENABLE_UPLOAD: 'false',
    MAX_WINDOW_READINGS: '1000000',
    WINDOW_GRACE_SEC: '0',
    // Files are rotated amid it all.
    ROTATE_MB: '0.05',
  });
  return running;
};

const kill = async (): Promise<void> => {
  process.kill(running.pid, 'SIGKILL');
  await running.ended;
};

/** Publishes about 300 readings a second, no two the same, until it is told to stop, and above a thousand. */
const startPublishing = async () => {
  const sensor = await mqtt.connectAsync(broker.url, { clientId: 'sensors' });
  const acknowledged: string[] = [];
  const underWay = new Set<Promise<void>>();
  let isOver = false;
  const publish = async (n: number): Promise<void> => {
    const reading = {
      sensor_id: `pi${1 + (n % 8)}`,
      phone_id: `a8:76:50:e9:28:${(n % 20).toString(16).padStart(2, '0')}`,
      rssi: -40 - (n % 50),
      ts: Date.now() / 1000 + (n % 1000) / 1e6,
    };
    await sensor.publishAsync('neuralsense/rssi', JSON.stringify(reading), { qos: 1 });
    acknowledged.push(identityOf(reading));
  };
  const all = (async () => {
    for (let n = 0; !isOver || n <= 1_000; n += 1) {
      const sent = publish(n).finally(() => underWay.delete(sent));
      underWay.add(sent);
      if (n % 6 === 5) await sleep(20);
    }
  })();
  return {
    stop: async (): Promise<ReadonlyArray<string>> => {
      isOver = true;
      await all;
      await Promise.all(underWay);
      await sensor.endAsync();
      return acknowledged;
    },
  };
};

const identityOf = ({ sensor_id, phone_id, ts }: Json): string => `${sensor_id} ${phone_id} ${ts}`;

const sizeOf = (file: JsonlFile): number =>
  ownFiles(output(), file).reduce((sum, { bytes }) => sum + bytes, 0);

/** Every line that the pipeline ever wrote to a stream; empty ones are what it took back. */
const streamOf = (file: JsonlFile): ReadonlyArray<Json> =>
  ownFiles(output(), file)
    .map(({ path, bytes }) => bytesOf(path, 0, bytes).toString())
    .flatMap((text) => text.split('\n').filter((line) => line !== ''))
    .map((line) => JSON.parse(line));

/** What another program wrote, and where. */
const foreign: Array<{ readonly name: string; readonly at: number; readonly text: string }> = [];
/** Another program appends to a file, or begins it. */
const meddle = (name: string, text: string): void => {
  const path = join(output(), name);
  foreign.push({ name, at: statSync(path, { throwIfNoEntry: false })?.size ?? 0, text });
  appendFileSync(path, text);
};
const ofScript = (name: string): string => readFileSync(join(SCRIPT, name), 'utf8');

const tally = (entries: Iterable<readonly [string, number]>): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const [key, count] of entries) sums.set(key, (sums.get(key) ?? 0) + count);
  return sums;
};

const windowOf = (ts: unknown): number => Math.floor(Number(ts) / 5) * 5;

test('each reading that the broker took counts exactly once, through kills at the worst moments and amid files of another program', async () => {
  mkdirSync(output());
  meddle('zone_assignments.jsonl', ofScript('zone_assignments.jsonl'));
  meddle('raw_rssi.jsonl', ofScript('raw_rssi.jsonl'));
  start();
  await running.says(/zone_assignments\.jsonl was written by another program/);
  await isOnline(broker.url);
  const publishing = await startPublishing();
  // What is acknowledged before the first flush has been.
  await eventually('the first readings', async () => sizeOf('rssi_readings') > 0 || undefined);
  await kill();
  meddle('rssi_readings.jsonl', ofScript('raw_rssi.jsonl'));
  meddle('dwells.jsonl', ofScript('dwells.jsonl'));

  await start().says(/Recovered: \d+ readings/);
  await running.says(/rssi_readings\.jsonl goes on with lines of another program/);
  const before = sizeOf('rssi_vectors');
  // Amid a flush, or just behind it.
  await eventually('a flush', async () => sizeOf('rssi_vectors') > before || undefined, 20_000);
  await kill();
  meddle('rssi_vectors.jsonl', ofScript('zone_assignments.jsonl'));

  await start().says(/Ctrl-C stops/);
  meddle('zone_transitions.jsonl', '{"torn":');
  await eventually('another flush', async () => sizeOf('rssi_vectors') > 0 || undefined, 20_000);
  const acknowledged = await publishing.stop();
  await eventually(
    'all that the broker took',
    async () => {
      const journal = new Set(streamOf('rssi_readings').map(identityOf));
      return acknowledged.every((one) => journal.has(one)) || undefined;
    },
    30_000,
  );
  running.interrupt();
  const { code } = await running.ended;
  expect(code).toBe(0);

  for (const { name, at, text } of foreign)
    expect([
      name,
      readFileSync(join(output(), name))
        .subarray(at, at + text.length)
        .toString(),
    ]).toEqual([name, text]);
  const journal = streamOf('rssi_readings');
  expect(acknowledged.length).toBeGreaterThan(1_000);
  expect(new Set(journal.map(identityOf)).size).toBe(journal.length);
  const vectors = streamOf('rssi_vectors');
  expect(
    tally(
      vectors.flatMap(({ counts, phone_id, window_start }) =>
        Object.entries(Object(counts)).map(
          ([sensor, count]) => [`${sensor} ${phone_id} ${window_start}`, Number(count)] as const,
        ),
      ),
    ),
  ).toEqual(
    tally(
      journal.map(
        ({ sensor_id, phone_id, ts }) => [`${sensor_id} ${phone_id} ${windowOf(ts)}`, 1] as const,
      ),
    ),
  );
  expect(streamOf('zone_assignments')).toHaveLength(vectors.length);
}, 120_000);
