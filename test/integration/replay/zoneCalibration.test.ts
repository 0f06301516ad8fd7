import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { inRepository, runCli } from '../../support/cli.ts';

/** A shop that knows its zones, the ids of its sensors, and calibrations zone by zone: no places. */
const FIXTURE = 'test/fixtures/tetam';
const textOf = (name: string): string => readFileSync(inRepository(`${FIXTURE}/${name}`), 'utf8');
const rowsOf = (name: string): ReadonlyArray<Readonly<Record<string, string>>> =>
  parse(textOf(name), { columns: true });

const SENSORS = rowsOf('sensors.csv').map(({ sensor_id = '' }) => sensor_id);
const piOf = (sensor: string): string => `pi${5 + SENSORS.indexOf(sensor)}`;
const ZONES = rowsOf('zones.csv').map(({ zone_id, x, y }) => ({
  zone_id: Number(zone_id),
  ...{ x: Number(x), y: Number(y) },
}));
const zoneAt = (x: number, y: number): number =>
  ZONES.reduce((best, next) =>
    Math.hypot(next.x - x, next.y - y) < Math.hypot(best.x - x, best.y - y) ? next : best,
  ).zone_id;

/** Windows that all sensors heard, each less its median, in steps of half a dB. */
const records = (): ReadonlyArray<string> => {
  const vectors = new Map<number, Array<Record<string, number>>>();
  for (const row of rowsOf('survey.csv')) {
    if (SENSORS.some((id) => row[id] === '')) continue;
    const levels = SENSORS.map((id) => Math.round(Number(row[id])));
    const [low, high] = [...levels].sort((a, b) => a - b).slice(3, 5);
    const median = ((low ?? 0) + (high ?? 0)) / 2;
    const zone = zoneAt(Number(row['x']), Number(row['y']));
    const vector = SENSORS.map((id, index) => [piOf(id), (levels[index] ?? 0) - median] as const);
    vectors.set(zone, [...(vectors.get(zone) ?? []), Object.fromEntries(vector)]);
  }
  return [...vectors].map(([zone_id, found]) =>
    JSON.stringify({ zone_id, created_ts: 1_771_990_000 + zone_id, vectors: found }),
  );
};

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'zone-calibration-'));
  const write = (name: string, lines: ReadonlyArray<string>) =>
    writeFileSync(join(cwd, name), `${lines.join('\n')}\n`);
  write('sensors.csv', ['sensor_id', ...SENSORS.map(piOf)]);
  write('zones.csv', ['zone_id,x,y', ...ZONES.map(({ zone_id, x, y }) => `${zone_id},${x},${y}`)]);
  write(
    'recording.jsonl',
    textOf('readings.jsonl')
      .trim()
      .split('\n')
      .map((line) => {
        const { sensor_id, phone_id: mac, rssi, ts } = JSON.parse(line);
        return JSON.stringify({ ts, rpi_id: piOf(sensor_id), mac, rssi });
      }),
  );
  // An older calibration of zone 1, a newer one of zone 2 that was given up, a zone that is gone, and
  // a line that its writer has not finished.
  const [first = '', ...others] = records();
  const older = `{"zone_id":1,"created_ts":1,"vectors":[{"pi5":-30,"pi12":30}]}`;
  const added = [
    older,
    '{"zone_id":2,"created_ts":1999999999,"vectors":[]}',
    first.replace(/"zone_id":\d+/, '"zone_id":98'),
  ];
  write('calibration.jsonl', [first, ...others, ...added]);
  writeFileSync(
    join(cwd, 'growing.jsonl'),
    `${readFileSync(join(cwd, 'calibration.jsonl'), 'utf8')}{"zone_id":3,"created`,
  );
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const LAYOUT = ['--zones', 'zones.csv', '--sensors', 'sensors.csv'];
const TRUTH = ['--truth', inRepository(`${FIXTURE}/truth.csv`)];
const evaluate = (settings = {}, ...more: ReadonlyArray<string>) =>
  runCli(
    cwd,
    ['evaluate', '--readings', 'recording.jsonl', ...TRUTH, ...LAYOUT, ...more],
    settings,
  );
const scoreIn = (said: string) => JSON.parse(said.trim().split('\n').at(-1) ?? '');

it('places a walk by the calibration file as it is, without any position of a sensor', async () => {
  const { said, code } = await evaluate({ CALIBRATION_FILE: 'calibration.jsonl' });
  expect(said).toContain('zones that the zones file lacks, left out: 98');
  expect(code).toBe(0);
  const { judged, zone_accuracy, mean_error_m } = scoreIn(said);
  expect(judged).toBe(6);
  expect(zone_accuracy).toBeGreaterThanOrEqual(0.5);
  expect(mean_error_m).toBeLessThan(3.5);
}, 60_000);

it('makes the same of it by npm run calibrate, and of a file that is being written', async () => {
  const made = await runCli(cwd, [
    ...['calibrate', '--survey', 'growing.jsonl', ...LAYOUT, '--out', 'made.json'],
  ]);
  expect(made.said).toContain('at 19 places, heard by 8 sensors');
  expect(made.said).toContain('its last line is cut off: left out');
  expect(made.code).toBe(0);
  const [direct, calibrated] = await Promise.all([
    evaluate({}, '--json', '--calibration', 'calibration.jsonl'),
    evaluate({ CALIBRATION_FILE: 'made.json' }, '--json'),
  ]);
  expect(scoreIn(calibrated.said)).toEqual(scoreIn(direct.said));

  const replayed = await runCli(cwd, [
    ...['replay', '--readings', 'recording.jsonl', ...TRUTH, ...LAYOUT, '--out', 'replayed'],
    ...['--calibration', 'growing.jsonl'],
  ]);
  const percent = (100 * scoreIn(direct.said).zone_accuracy).toFixed(1);
  expect(replayed.said).toContain(`Zone accuracy ${percent} %`);
  expect(replayed.said).toContain('its last line is cut off: left out');
  expect(replayed.code).toBe(0);
}, 120_000);
