import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { eventually } from '../integration/embedded/eventually.ts';
import { startBroker, type TestBroker } from '../integration/mqtt/broker.ts';
import { type RunningCli, runCli, SHIPPED_LAYOUT, startCli } from '../support/cli.ts';
import { jsonLines } from '../support/outputs.ts';

const PHONE = 'a8:76:50:e9:28:20';
const IDS = ['pi5', 'pi7', 'pi8'];
/** dBm in each zone, in the order of {@link IDS}. */
const HEARD = { 1: [-50, -65, -80], 2: [-80, -65, -50] } as const;
const ZONES = 'zone_id,x,y\n1,-3,0\n2,5,2\n';

let cwd: string;
let broker: TestBroker;
let sensors: MqttClient;
let publishing: NodeJS.Timeout;
let pipeline: RunningCli | undefined;

const settings = (more: Readonly<Record<string, string>> = {}) => ({
  ...{ MQTT_BROKER_IP: '127.0.0.1', MQTT_BROKER_PORT: new URL(broker.url).port },
  ...{ MQTT_PROTOCOL: '3.1.1', PI_IDS: 'pi5,pi7,pi8', ENABLE_UPLOAD: 'false', ...more },
});

/** As a calibration of the zones by relative levels would have it. */
const calibration = (): string =>
  Object.entries(HEARD)
    .map(([zone, [west, middle, east]]) => {
      const vector = { pi5: west - middle, pi7: 0, pi8: east - middle };
      return `${JSON.stringify({ zone_id: Number(zone), created_ts: 1, vectors: [vector, vector] })}\n`;
    })
    .join('');

beforeAll(async () => {
  broker = await startBroker();
  sensors = await mqtt.connectAsync(broker.url, { clientId: 'sensors' });
  publishing = setInterval(() => {
    IDS.forEach((rpi_id, index) => {
      const message = { ts: Date.now() / 1000, rpi_id, mac: PHONE, rssi: HEARD[2][index] };
      sensors.publish('neuralsense/rssi', JSON.stringify(message));
    });
  }, 500);
});
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'places-'));
  writeFileSync(join(cwd, 'zones.csv'), ZONES);
});
afterEach(async () => {
  await pipeline?.destroy();
  pipeline = undefined;
  rmSync(cwd, { recursive: true, force: true });
}, 40_000);
afterAll(async () => {
  clearInterval(publishing);
  await sensors.endAsync();
  await broker.close();
}, 40_000);

const outputs = (file: Parameters<typeof jsonLines>[1]) => jsonLines(join(cwd, 'output'), file);

it('keeps readings and vectors, makes up no zone, and says the next command', async () => {
  pipeline = startCli(cwd, ['pipeline'], settings());
  await pipeline.says(/! no zones yet: .*: npm run survey, then npm run calibrate/);
  await pipeline.says(/readings\/s[^!]*\n +no zones yet: nobody knows where the sensors hang/);
  await eventually('vectors', async () => outputs('rssi_vectors').length > 1 || undefined, 60_000);
  pipeline.interrupt();
  const { code } = await pipeline.ended;
  expect(code).toBe(0);
  expect(outputs('rssi_readings').length).toBeGreaterThan(6);
  for (const vector of outputs('rssi_vectors'))
    expect(vector).toMatchObject({ vector: { pi5: -80, pi7: -65, pi8: -50 } });
  expect(outputs('zone_assignments')).toEqual([]);
  expect(outputs('visits')).toEqual([]);
}, 120_000);

it('places phones by the calibration that lies in OUTPUT_DIR, at the mean of the zones', async () => {
  const { said } = await runCli(cwd, ['layout'], settings());
  expect(said).toContain('3 sensors: pi5, pi7, pi8.');
  expect(said).not.toMatch(/NaN|Infinity/);
  mkdirSync(join(cwd, 'output'));
  writeFileSync(join(cwd, 'output', 'calibration.jsonl'), calibration());
  pipeline = startCli(cwd, ['pipeline'], settings({ PI_IDS: '' }));
  await pipeline.says(/! sensors\.csv: .*: the sensors are those of output\/calibration\.jsonl/);
  await pipeline.says(/! zones come by output\/calibration\.jsonl/);
  const stranger = { rpi_id: 'pi14', mac: PHONE, rssi: -50 };
  const strangers = setInterval(
    () =>
      sensors.publish('neuralsense/rssi', JSON.stringify({ ...stranger, ts: Date.now() / 1000 })),
    100,
  );
  await pipeline.says(
    /sensor_id pi14 is not in output\/calibration\.jsonl: name them all in PI_IDS/,
  );
  clearInterval(strangers);
  await eventually(
    'a zone',
    async () => outputs('zone_assignments').length > 1 || undefined,
    60_000,
  );
  pipeline.interrupt();
  await pipeline.ended;
  for (const assignment of outputs('zone_assignments') as ReadonlyArray<Record<string, number>>) {
    expect(assignment).toMatchObject({ zone_id: 2, phone_id: PHONE });
    // On the line between the centres of the two.
    expect(assignment['y']).toBeCloseTo(((assignment['x'] ?? 0) + 3) / 4, 1);
  }
}, 120_000);

it('never takes the demo’s places for those of a shop that its settings speak of', async () => {
  copyFileSync(SHIPPED_LAYOUT.SENSORS_FILE, join(cwd, 'sensors.csv'));
  const named = await runCli(cwd, ['layout'], settings());
  expect(named.said).toMatch(/sensors\.csv: holds the demo's .*PI_IDS speaks of a shop of yours/);
  expect(named.said).toContain('3 sensors: pi5, pi7, pi8.');

  const byPath = await runCli(cwd, ['layout'], settings({ SENSORS_FILE: './sensors.csv' }));
  expect(byPath.said).toContain('3 sensors: pi5, pi7, pi8.');

  const unnamed = await runCli(cwd, ['pipeline'], settings({ PI_IDS: '' }));
  expect(unnamed.said).toMatch(/sensors\.csv: holds the demo's .* name your sensors in PI_IDS/);
  expect(unnamed.code).toBe(1);

  copyFileSync(SHIPPED_LAYOUT.ZONES_FILE, join(cwd, 'zones.csv'));
  const zones = await runCli(cwd, ['pipeline'], settings());
  expect(zones.said).toMatch(
    /zones\.csv: holds the demo's zones, .* name their file in ZONES_FILE/,
  );
  expect(zones.code).toBe(1);

  const demo = await runCli(cwd, ['layout']);
  expect(demo.said).toMatch(/18 {2}Checkout +\d+ %/);
}, 120_000);

it('is surveyed zone by zone: the phone by its number, an Enter a zone, told when it has enough', async () => {
  const header = 'zone_id,x,y,z,t0,pi5,pi7,pi8,n_pi5,n_pi7,n_pi8';
  const rows = (zone: 1 | 2, count: number): ReadonlyArray<string> =>
    Array.from({ length: count }, (_, window) => `${zone},,,1.2,${window},${HEARD[zone]},1,1,1`);
  // Zone 1 is done, and of zone 2 a window is missing: a survey that was broken off.
  const before = `${[header, ...rows(1, 12), ...rows(2, 11)].join('\n')}\n`;
  writeFileSync(join(cwd, 'survey.csv'), before);
  const { code, said } = await runCli(cwd, ['survey'], settings(), '1\n\n\n');
  expect(said).toMatch(new RegExp(`1 {2}${PHONE} {2}-50 dBm at pi8`));
  expect(said).toContain('1 zones need more (2): 5 s of standing.');
  expect(said).toContain('Next: zone 2 (Zone 2). Stand there, then press Enter');
  expect(said).toContain('✓ zone 2 has enough: 12 windows, 3 of 3 sensors steady');
  expect(said).toContain('Every zone has enough.');
  expect(code).toBe(0);
  const after = readFileSync(join(cwd, 'survey.csv'), 'utf8');
  expect(after.slice(0, before.length)).toBe(before);
  expect(after.slice(before.length)).toMatch(/^2,,,1\.2,\d+\.?\d*,-80,-65,-50,\d+,\d+,\d+\n$/);

  const calibrated = await runCli(cwd, ['calibrate', '--survey', 'survey.csv'], settings());
  expect(calibrated.said).toMatch(/24 windows at 2 places, heard by 3 sensors/);
  const judged = await runCli(cwd, ['layout'], settings());
  expect(judged.said).toMatch(/by the survey/);
  expect(judged.said).toMatch(/2 {2}Zone 2 +\d+ %/);
}, 120_000);
