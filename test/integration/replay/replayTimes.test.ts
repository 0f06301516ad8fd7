import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRepository, runCli, TETAM_LAYOUT } from '../../support/cli.ts';
import { inMilliseconds, mostInOneWindow, SHIFTS } from '../../support/clocks.ts';
import { jsonLines } from '../../support/outputs.ts';

const RECORDING = readFileSync(inRepository('test/fixtures/tetam/readings.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
  .sort((a, b) => a.ts - b.ts);
const SENSORS = [...new Set(RECORDING.map(({ sensor_id }) => sensor_id))].sort();

/** The recording as it came, 30 ms after it was made, of clocks that are not kept. */
const shifted = RECORDING.map((one) => ({
  ...one,
  ts: inMilliseconds(one.ts + (SHIFTS[SENSORS.indexOf(one.sensor_id)] ?? 0)),
  received_at: inMilliseconds(one.ts + 0.03),
}));

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'replay-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const replayed = async (
  lines: ReadonlyArray<object>,
  name: string,
  ...options: ReadonlyArray<string>
) => {
  writeFileSync(
    join(cwd, `${name}.jsonl`),
    lines.map((one) => `${JSON.stringify(one)}\n`).join(''),
  );
  const { code, said } = await runCli(cwd, [
    ...['replay', '--readings', `${name}.jsonl`, '--out', name, ...options],
    ...['--zones', TETAM_LAYOUT.ZONES_FILE, '--sensors', TETAM_LAYOUT.SENSORS_FILE],
  ]);
  if (code !== 0) throw new Error(said);
  const of = (file: string) => jsonLines(join(cwd, name), file);
  const bytes = (file: string) => readFileSync(join(cwd, name, `${file}.jsonl`), 'utf8');
  return { said, readings: of('rssi_readings'), assignments: of('zone_assignments'), bytes };
};

const shares = (a: ReadonlyArray<object>, b: ReadonlyArray<object>): number => {
  const zoneAt = new Map(
    a.map((one) => {
      const { ts, zone_id } = one as { ts: number; zone_id: number };
      return [Math.floor(ts / 5), zone_id];
    }),
  );
  const same = b.filter((one) => {
    const { ts, zone_id } = one as { ts: number; zone_id: number };
    return zoneAt.get(Math.floor(ts / 5)) === zone_id;
  });
  return same.length / a.length;
};

it('corrects the clocks of sensors by the times of receipt that a recording holds', async () => {
  const right = await replayed(RECORDING, 'right');
  const auto = await replayed(shifted, 'auto');
  const raw = await replayed(shifted, 'raw', '--times', 'sensor');

  expect(mostInOneWindow(auto.assignments)).toBe(1);
  expect(auto.assignments).toHaveLength(right.assignments.length);
  expect(shares(right.assignments, auto.assignments)).toBeGreaterThan(0.85);
  expect(auto.said).toContain('sensor clock off');
  expect(auto.readings).toHaveLength(RECORDING.length);

  expect(raw.assignments.length).toBeGreaterThan(1.5 * right.assignments.length);
  expect(mostInOneWindow(right.assignments)).toBe(1);
}, 60_000);

it('takes the times of receipt alone where it is told to, and gives the same again from what it wrote', async () => {
  const received = await replayed(shifted, 'received', '--times', 'received');
  expect(received.assignments.length).toBeGreaterThan(0);
  expect(mostInOneWindow(received.assignments)).toBe(1);
  expect(received.readings[0]).toEqual({
    sensor_id: shifted[0]?.sensor_id,
    phone_id: shifted[0]?.phone_id,
    rssi: shifted[0]?.rssi,
    ts: shifted[0]?.received_at,
    sensor_ts: shifted[0]?.ts,
  });

  const again = await replayed(received.readings, 'again');
  for (const file of ['rssi_readings', 'rssi_vectors', 'zone_assignments', 'dwells', 'visits'])
    expect(again.bytes(file)).toBe(received.bytes(file));
}, 60_000);

it('leaves clocks that are kept as they are, whether it knows when readings came or not', async () => {
  const right = await replayed(RECORDING, 'right');
  const known = await replayed(
    RECORDING.map((one) => ({ ...one, received_at: inMilliseconds(one.ts + 0.4) })),
    'known',
  );
  for (const file of ['rssi_readings', 'rssi_vectors', 'zone_assignments', 'dwells', 'visits'])
    expect(known.bytes(file)).toBe(right.bytes(file));
  expect(known.said).not.toContain('sensor clock');
}, 60_000);

it('reads times of receipt from a table, too', async () => {
  const table = [
    'ts,sensor_id,rssi,phone_id,received_at',
    ...shifted.map((one) =>
      [one.ts, one.sensor_id, one.rssi, one.phone_id, one.received_at].join(','),
    ),
  ];
  writeFileSync(join(cwd, 'table.csv'), `${table.join('\n')}\n`);
  const { code } = await runCli(cwd, [
    ...['replay', '--readings', 'table.csv', '--out', 'table'],
    ...['--zones', TETAM_LAYOUT.ZONES_FILE, '--sensors', TETAM_LAYOUT.SENSORS_FILE],
  ]);
  expect(code).toBe(0);
  const auto = await replayed(shifted, 'auto');
  expect(readFileSync(join(cwd, 'table', 'zone_assignments.jsonl'), 'utf8')).toBe(
    auto.bytes('zone_assignments'),
  );
}, 60_000);
