import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRepository, runCli, TETAM_LAYOUT } from '../../support/cli.ts';

const READINGS = inRepository('test/fixtures/tetam/readings.jsonl');
const TRUTH = inRepository('test/fixtures/tetam/truth.csv');
const SURVEY = inRepository('test/fixtures/tetam/survey.csv');
const LAYOUT = ['--zones', TETAM_LAYOUT.ZONES_FILE, '--sensors', TETAM_LAYOUT.SENSORS_FILE];

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'evaluate-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const evaluate = (...more: ReadonlyArray<string>) =>
  runCli(cwd, ['evaluate', '--readings', READINGS, '--truth', TRUTH, ...LAYOUT, ...more]);
const write = (name: string, text: string): string => {
  writeFileSync(join(cwd, name), text);
  return name;
};
const scoreIn = (said: string) => JSON.parse(said.trim().split('\n').at(-1) ?? '');

it('judges a recording with a survey and without, and a table as well as JSON lines', async () => {
  const calibrated = await runCli(cwd, [
    ...['calibrate', '--survey', SURVEY, ...LAYOUT, '--out', 'calibration.json'],
  ]);
  expect(calibrated.said).toContain('81 places');
  expect(calibrated.code).toBe(0);

  const [plain, surveyed] = await Promise.all([
    evaluate('--out', 'score.json'),
    evaluate('--calibration', 'calibration.json'),
  ]);
  expect(plain.said).toMatch(/zone accuracy +\d+\.\d %/);
  expect(scoreIn(plain.said)).toEqual(JSON.parse(readFileSync(join(cwd, 'score.json'), 'utf8')));
  expect(scoreIn(plain.said)).toMatchObject({ readings: 375, judged: 6, phones: 1 });
  expect(scoreIn(surveyed.said).zone_accuracy).toBeGreaterThanOrEqual(0.5);

  const rows = readFileSync(READINGS, 'utf8').trim().split('\n');
  const table = rows.map((line) => {
    const { ts, sensor_id, rssi } = JSON.parse(line);
    return `${ts},${sensor_id},${rssi}`;
  });
  const csv = write('track.csv', `ts,sensor_id,rssi\n${table.join('\n')}\n`);
  const ofTable = await runCli(cwd, [
    ...['evaluate', '--readings', csv, '--truth', TRUTH, ...LAYOUT, '--json'],
  ]);
  expect(scoreIn(ofTable.said)).toEqual(scoreIn(plain.said));

  // Two beacons by name; the later one keeps its time in ms and hears a thing that cannot be.
  const both = rows.flatMap((line) => {
    const one = JSON.parse(line);
    const later = { ...one, phone_id: 'Beacon 2', ts: Math.round(one.ts * 1000) };
    return [{ ...one, phone_id: 'Beacon 1' }, later, { ...later, rssi: 42 }].map((row) =>
      JSON.stringify(row),
    );
  });
  const named = await runCli(cwd, [
    ...['evaluate', '--readings', write('named.jsonl', both.reverse().join('\n')), ...LAYOUT],
    ...['--truth', TRUTH],
  ]);
  const { phones, rejected, judged, zone_accuracy } = scoreIn(named.said);
  expect({ phones, rejected, judged }).toEqual({ phones: 2, rejected: 375, judged: 12 });
  expect(zone_accuracy).toBe(scoreIn(plain.said).zone_accuracy);
}, 60_000);

it('replays with a calibration to other places than without', async () => {
  write('empty.csv', '');
  const replay = (out: string, ...more: ReadonlyArray<string>) =>
    runCli(cwd, [
      ...['replay', '--readings', READINGS, '--truth', TRUTH, ...LAYOUT, '--out', out, ...more],
    ]);
  const plain = await replay('plain');
  const surveyed = await replay('surveyed', '--calibration', 'calibration.json');
  expect(plain.said).toMatch(/Zone accuracy \d/);
  expect(surveyed.said).toMatch(/Zone accuracy \d/);
  expect(surveyed.said).not.toBe(plain.said);
}, 60_000);

it.each([
  [
    'sensors that nobody heard',
    () => ['--sensors', write('others.csv', 'sensor_id,x,y\nNS-001,1,1\nNS-002,5,5\n')],
    /no reading of a sensor in --sensors.*ns-001.*sensor11/,
  ],
  [
    'a truth of another day',
    () => ['--truth', write('late.csv', 'ts,x,y\n2000000000,1,1\n')],
    /--truth: says nothing of any window/,
  ],
  [
    'a truth without places',
    () => ['--truth', write('bare.csv', 'ts,room\n1581249733,1\n')],
    /bare\.csv: needs the column x and y \(metres\), or zone_id/,
  ],
  [
    'a calibration that is none',
    () => ['--calibration', write('no.json', '{}')],
    /no\.json: is not a calibration/,
  ],
  [
    'a table that is none',
    () => ['--readings', write('what.csv', 'time,who\n1,2\n')],
    /what\.csv: is neither JSON.*missing: ts, sensor_id, rssi/,
  ],
])(
  'names %s',
  async (_what, args, message) => {
    const { code, said } = await evaluate(...args());
    expect(said.replace(/\s+/g, ' ')).toMatch(message);
    expect(said).not.toContain('    at ');
    expect(code).toBe(1);
  },
  30_000,
);

it('refuses a calibration whose sensors hang elsewhere now', async () => {
  const moved = readFileSync(TETAM_LAYOUT.SENSORS_FILE, 'utf8').replace('7.18,0.68', '9.18,0.68');
  const { code, said } = await evaluate(
    ...['--calibration', 'calibration.json', '--sensors', write('moved.csv', moved)],
  );
  expect(said).toContain('sensor11 by 2.0 m');
  expect(code).toBe(1);
}, 30_000);
