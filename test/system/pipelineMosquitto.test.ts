import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { announced, isOnline } from '../support/announced.ts';
import { type Ended, inRepository, runCli, startCli, TETAM_LAYOUT } from '../support/cli.ts';
import { FILLED_TABLES, inDatabase } from '../support/embedded.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { counted, holdsLines, type Json, jsonLines, SIX_FILES } from '../support/outputs.ts';

const RECORDING = inRepository('test/fixtures/tetam/readings.jsonl');
const RECORDED = readFileSync(RECORDING, 'utf8').trim().split('\n').length;

let broker: Mosquitto;
let cwd: string;
let output: string;

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'pipeline-'));
  output = join(cwd, 'output');
  broker = await startMosquitto(`allow_anonymous true\nlog_dest file ${cwd}/broker.log`);
});
afterEach(async () => {
  await broker.remove();
  rmSync(cwd, { recursive: true, force: true });
}, 30_000);

const lines = (file: string): ReadonlyArray<Json> => jsonLines(output, file);

/** Plays the recording, twice as fast as it was, from another process: faster, its phone would be a burst. */
const publish = async (): Promise<void> => {
  const args = ['publish', '--readings', RECORDING, '--url', broker.url, '--speed', '2'];
  const { code, said } = await runCli(cwd, args);
  expect(said).toContain(`done: published ${RECORDED}, acknowledged ${RECORDED}, sensors 8`);
  expect(code).toBe(0);
};

interface Run {
  readonly settings?: Readonly<Record<string, string>>;
  /** Once it runs, before anything is published. */
  readonly beforehand?: (said: (what: RegExp) => Promise<unknown>) => Promise<void>;
}

/** The pipeline from its start to its drained end, with the recording published meanwhile. */
const run = async ({ settings = {}, beforehand }: Run): Promise<Ended> => {
  const pipeline = startCli(cwd, ['pipeline'], {
    ...TETAM_LAYOUT,
    MQTT_URL: broker.url,
    ...settings,
  });
  try {
    await pipeline.says(/Ctrl-C stops and drains/);
    await beforehand?.(pipeline.says);
    await isOnline(broker.url);
    await publish();
    await holdsLines(output, 'rssi_readings', RECORDED);
    pipeline.interrupt();
    return await pipeline.ended;
  } finally {
    await pipeline.destroy();
  }
};

const expectSixFiles = (): void => {
  expect(lines('rssi_readings')).toHaveLength(RECORDED);
  expect(counted(output)).toBe(RECORDED);
  expect(lines('rejected_messages')).toEqual([]);
  for (const file of SIX_FILES) expect([file, lines(file).length > 0]).toEqual([file, true]);
};

it.each([
  ['3.1.1', 'p2'],
  ['5', 'p5'],
])(
  'fills files and tables from mosquitto over MQTT %s',
  async (version, protocol) => {
    const { code, said } = await run({ settings: { MQTT_PROTOCOL: version } });
    expect(said).toContain(`${broker.url}  yours`);
    expect(said).toMatch(/8 sensors, on .*neuralsense\/rssi,neuralsense\/rssi\/\+/);
    expect(code).toBe(0);
    expect(await announced(broker.url)).toBe('offline');
    const connected = readFileSync(join(cwd, 'broker.log'), 'utf8');
    expect(connected).toMatch(new RegExp(`as neuralsense-pipeline-demo \\(${protocol},`));
    expectSixFiles();
    const assignments = lines('zone_assignments');
    await inDatabase(cwd, async (query) => {
      for (const table of FILLED_TABLES) {
        const rows = await query(`select * from public.${table}`);
        expect([table, rows.length > 0]).toEqual([table, true]);
      }
      const events = await query(`
      select z.zone_code::int as zone_id, round(extract(epoch from e.event_time), 3)::float8 as ts,
        e.rssi_readings as vector
      from public.zone_events e join public.zones_dim z on z.id = e.zone_id order by ts`);
      expect(events).toEqual(
        assignments.map(({ zone_id, ts, vector }) => ({
          zone_id,
          ts: Math.floor(Number(ts) * 1000) / 1000,
          vector,
        })),
      );
    });
  },
  90_000,
);

it('waits for a broker that comes up later, visibly, and then works', async () => {
  await broker.stop();
  const { code } = await run({
    beforehand: async (says) => {
      await says(/waiting for the broker \(.*ECONNREFUSED.*\), next try in \d+ s/);
      await broker.start();
    },
  });
  expect(code).toBe(0);
  expectSixFiles();
}, 90_000);

it('leaves the same files without uploads where uploads are off', async () => {
  const { code, said } = await run({ settings: { ENABLE_UPLOAD: 'false' } });
  expect(said).toContain('none: ENABLE_UPLOAD is false');
  expect(code).toBe(0);
  expectSixFiles();
  expect(lines('failed_uploads')).toEqual([]);
  expect(existsSync(join(cwd, '.neuralsense'))).toBe(false);
}, 90_000);
