import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { type SupabaseStack, startSupabaseStack } from '../../src/embedded/supabaseStack.ts';
import { eventually } from '../integration/embedded/eventually.ts';
import { type RunningCli, runCli, startCli } from '../support/cli.ts';
import { layDatabase } from '../support/emptyDatabase.ts';
import { type FaultyOrigin, startFaultyOrigin } from '../support/faultyOrigin.ts';
import { jsonLines } from '../support/outputs.ts';

let root: string;
let cwd: string;
let stack: SupabaseStack;
let front: FaultyOrigin;
let pipeline: RunningCli | undefined;

const settings = (): Record<string, string> => ({
  SUPABASE_URL: front.url,
  SUPABASE_ANON_KEY: stack.publishableKey,
  STORE_ID: stack.storeId,
  ORG_ID: stack.orgId,
  INGEST_TOKEN: stack.ingestToken,
  PHONE_HASH_SECRET: 'sixteen characters or more',
  LAYOUT_SOURCE: 'database',
  LAYOUT_POLL_SEC: '5',
});
const start = (): RunningCli => startCli(cwd, ['pipeline', '--no-simulate'], settings());

const insertSensor = async (sensor_code: string): Promise<void> => {
  const response = await fetch(`${stack.url}/rest/v1/sensors`, {
    method: 'POST',
    headers: { apikey: stack.secretKey, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ sensor_code, org_id: stack.orgId, store_id: stack.storeId },
      ...{ position_x: 10, position_z: 9, position_y: 3 },
    }),
  });
  expect(response.status).toBe(201);
};

const hear = async (url: string, sensor_id: string): Promise<void> => {
  const sensor = await mqtt.connectAsync(url, { reconnectPeriod: 0 });
  const reading = { sensor_id, phone_id: 'a87650e92820', rssi: -60 };
  await sensor.publishAsync('neuralsense/rssi', JSON.stringify(reading), { qos: 1 });
  await sensor.endAsync();
};

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'database-layout-'));
  cwd = mkdtempSync(join(root, 'gateway-'));
  const dataDir = join(root, 'stack');
  await layDatabase(dataDir);
  stack = await startSupabaseStack({ dataDir, port: 0 });
  front = await startFaultyOrigin(stack.url);
}, 120_000);
afterAll(async () => {
  await pipeline?.destroy();
  await front?.goDown();
  await stack?.close();
  rmSync(root, { recursive: true, force: true });
}, 60_000);

/** A gateway without zones.csv and sensors.csv; the cases tell one story, in order. */
describe('LAYOUT_SOURCE=database', () => {
  it('takes zones and sensors from the database, and a new sensor without a restart', async () => {
    pipeline = start();
    await pipeline.says(/19 zones \(of the database\)\n[^\n]*8 sensors/, 120_000);
    const [, url = ''] = await pipeline.says(/(mqtt:\/\/127\.0\.0\.1:\d+)/);
    await pipeline.says(/0 readings\/s/);
    await insertSensor('new');
    await pipeline.says(/layout changed .*"?new/);
    await hear(url, 'new');
    await eventually(
      'a reading of the new sensor',
      async () => jsonLines(join(cwd, 'output'), 'rssi_readings').at(-1),
      60_000,
    );
  }, 240_000);

  it('starts from the last one that is known while the database is away', async () => {
    pipeline?.interrupt();
    await pipeline?.ended;
    await front.goDown();
    pipeline = start();
    await pipeline.says(/19 zones \(the database's as of before/);
    await pipeline.says(/9 sensors/);
    const kept = join(cwd, 'output', 'layout', stack.storeId);
    expect(readFileSync(join(kept, 'sensors.csv'), 'utf8')).toContain('\nnew,10,9,3,0\n');
    expect(readFileSync(join(kept, 'zones.csv'), 'utf8')).toContain(
      '\n18,10,16.9,Checkout,checkout\n',
    );
  }, 180_000);

  it('is what a survey and a recording are read by, too, without a CSV file', async () => {
    const write = (name: string, lines: ReadonlyArray<string>) =>
      writeFileSync(join(cwd, name), `${lines.join('\n')}\n`);
    write('survey.csv', ['zone_id,pi1,new,n_pi1,n_new', '18,-70,-60,5,5']);
    write('walk.csv', ['ts,zone_id', '1700000001,18']);
    write('walk.jsonl', [
      JSON.stringify({ sensor_id: 'new', phone_id: 'a87650e92820', rssi: -60, ts: 1_700_000_001 }),
    ]);
    const run = (...args: ReadonlyArray<string>) => runCli(cwd, args, settings());
    const calibrated = await run('calibrate', '--survey', 'survey.csv');
    const evaluated = await run(
      ...['evaluate', '--readings', 'walk.jsonl', '--truth', 'walk.csv'],
      ...['--calibration', 'calibration.json', '--json'],
    );
    const replayed = await run('replay', '--readings', 'walk.jsonl', '--out', 'replayed');

    expect(calibrated.said).toMatch(/1 windows at 1 places, heard by 2 sensors/);
    expect(JSON.parse(evaluated.said)).toMatchObject({ judged: 1, other_sensors: 0 });
    expect(replayed.said).toMatch(/1 readings \(0 rejected\) → 1 assignments/);
  }, 120_000);

  it('judges, and starts nothing without, a layout that was never there', async () => {
    const bare = mkdtempSync(join(root, 'bare-'));
    const { code, said } = await runCli(bare, ['pipeline', '--no-simulate'], settings());
    expect(said).toMatch(/LAYOUT_SOURCE: no answer/);
    expect(code).toBe(1);
  }, 90_000);
});
