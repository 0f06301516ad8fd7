import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRepository, runCli, startCli, TETAM_LAYOUT } from '../../support/cli.ts';
import { embeddedEnv, inDatabase } from '../../support/embedded.ts';
import { layDatabase } from '../../support/emptyDatabase.ts';
import { counted, holdsLines, type Json, jsonLines, SIX_FILES } from '../../support/outputs.ts';

const RECORDING = inRepository('test/fixtures/tetam/readings.jsonl');
const RECORDED = readFileSync(RECORDING, 'utf8').trim().split('\n').length;

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'replay-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const replay = (out: string) =>
  runCli(cwd, [
    ...['replay', '--readings', RECORDING, '--out', out],
    ...['--zones', TETAM_LAYOUT.ZONES_FILE, '--sensors', TETAM_LAYOUT.SENSORS_FILE],
  ]);

it('replays a recording into the six files, byte for byte the same each time', async () => {
  const [one, two] = await Promise.all([replay('one'), replay('two')]);
  expect(one.code).toBe(0);
  expect(one.said).toContain(`${RECORDED} readings (0 rejected)`);
  const out = join(cwd, 'one');
  expect(readdirSync(out).sort()).toEqual(SIX_FILES.map((file) => `${file}.jsonl`).sort());
  expect(jsonLines(out, 'rssi_readings')).toEqual(
    readFileSync(RECORDING, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
  expect(counted(out)).toBe(RECORDED);

  expect(two.code).toBe(0);
  for (const file of readdirSync(out)) {
    expect(readFileSync(join(out, file), 'utf8')).not.toBe('');
    expect(readFileSync(join(cwd, 'two', file)).equals(readFileSync(join(out, file)))).toBe(true);
  }
}, 30_000);

it.each(['messages.jsonl', 'raw_rssi.jsonl'])(
  'replays %s, which sensors that write rpi_id have made',
  async (file) => {
    const ids = ['pi5', 'pi7', 'pi8', 'pi9', 'pi10', 'pi11', 'pi12', 'pi13'];
    const rows = ids.map((id, n) => `${id},${n % 4},${n}`);
    writeFileSync(join(cwd, 'sensors.csv'), ['sensor_id,x,y', ...rows, ''].join('\n'));
    const { code, said } = await runCli(cwd, [
      ...['replay', '--readings', inRepository(`test/fixtures/script/${file}`), '--out', 'out'],
      ...['--zones', TETAM_LAYOUT.ZONES_FILE, '--sensors', 'sensors.csv'],
    ]);
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining('60 readings') });
    expect(said).toContain('(0 rejected)');
    expect(counted(join(cwd, 'out'))).toBe(60);
  },
  30_000,
);

it('does not mix a replay with what is already there, and touches nothing of it', async () => {
  expect((await replay('one')).code).toBe(0);
  rmSync(join(cwd, 'one', 'rssi_readings.jsonl'));
  const before = readdirSync(join(cwd, 'one'));
  const { code, said } = await replay('one');
  expect(said).toContain('--out: one already holds rssi_vectors.jsonl; give a new directory');
  expect(code).toBe(1);
  expect(readdirSync(join(cwd, 'one'))).toEqual(before);
}, 30_000);

it.each([
  ['zones', ['--sensors', TETAM_LAYOUT.SENSORS_FILE, '--readings', RECORDING], /zones\.csv/],
  [
    'recording',
    [
      ...['--zones', TETAM_LAYOUT.ZONES_FILE, '--sensors', TETAM_LAYOUT.SENSORS_FILE],
      ...['--readings', 'nowhere.jsonl'],
    ],
    /--readings: there is no file nowhere\.jsonl/,
  ],
])(
  'names %s that are not there',
  async (_what, args, message) => {
    const { code, said } = await runCli(cwd, ['replay', '--out', 'out', ...args]);
    expect(said).toMatch(message);
    expect(said).not.toContain('    at ');
    expect(code).toBe(1);
  },
  30_000,
);

/** All but the time, which is a number of the assignment's own. */
const placed = (lines: ReadonlyArray<Json>): ReadonlyArray<Json & { readonly ts: number }> =>
  lines.map((line) => ({ ...line, ts: Number(line['ts']) })).sort((a, b) => a.ts - b.ts);

/** A recording of our own, replayed at the shop of the fixture. */
const replayOf = (times: ReadonlyArray<number>) => {
  const line = (ts: number) =>
    JSON.stringify({ sensor_id: 'sensor11', phone_id: 'a8:76:50:e9:28:20', rssi: -61, ts });
  writeFileSync(join(cwd, 'own.jsonl'), times.map((ts) => `${line(ts)}\n`).join(''));
  return runCli(cwd, [
    ...['replay', '--readings', 'own.jsonl', '--out', 'out'],
    ...['--zones', TETAM_LAYOUT.ZONES_FILE, '--sensors', TETAM_LAYOUT.SENSORS_FILE],
  ]);
};

it('replays months as well as minutes', async () => {
  const days = Array.from({ length: 60 }, (_, day) => 1_740_000_000 + day * 86_400).flatMap(
    (ts) => [ts, ts + 20],
  );
  const { code, said } = await replayOf(days);
  expect(said).toContain('120 readings (0 rejected) → 120 assignments');
  expect(code).toBe(0);
  expect(jsonLines(join(cwd, 'out'), 'visits')).toHaveLength(60);
}, 60_000);

it('names a reading of a sensor without a clock instead of playing years of silence', async () => {
  const { code, said } = await replayOf([1_000, 1_740_000_000]);
  expect(said).toContain('20139 days after all before it');
  expect(said).toContain('"ts":1740000000');
  expect(code).toBe(1);
}, 30_000);

it('gives the same assignments live as in replay, up to the shift in time', async () => {
  expect((await replay('recorded')).code).toBe(0);
  const recorded = placed(jsonLines(join(cwd, 'recorded'), 'zone_assignments'));

  await layDatabase(join(cwd, '.neuralsense'));
  const pipeline = startCli(cwd, ['pipeline', '--no-simulate'], TETAM_LAYOUT);
  try {
    await pipeline.says(/Ctrl-C stops and drains/);
    const url = embeddedEnv(cwd)['MQTT_URL'] ?? '';
    const published = await runCli(cwd, ['publish', '--readings', RECORDING, '--url', url]);
    expect(published.code).toBe(0);
    const output = join(cwd, 'output');
    await holdsLines(output, 'rssi_readings', RECORDED);
    pipeline.interrupt();
    expect((await pipeline.ended).code).toBe(0);

    const live = placed(jsonLines(output, 'zone_assignments'));
    expect(live).toHaveLength(recorded.length);
    const shift = Math.round(((live[0]?.ts ?? 0) - (recorded[0]?.ts ?? 0)) / 5) * 5;
    expect(shift).toBeGreaterThan(1e6);
    live.forEach(({ ts, ...line }, index) => {
      const { ts: recordedTs, ...recordedLine } = recorded[index] ?? { ts: Number.NaN };
      expect(line).toEqual(recordedLine);
      expect(Math.abs(ts - shift - recordedTs)).toBeLessThan(0.001);
    });
    const stored = await inDatabase(cwd, (query) =>
      query(`select z.zone_code::int as zone_id, e.rssi_readings as vector
        from public.zone_events e join public.zones_dim z on z.id = e.zone_id
        order by e.event_time`),
    );
    expect(stored).toEqual(recorded.map(({ zone_id, vector }) => ({ zone_id, vector })));
  } finally {
    await pipeline.destroy();
  }
}, 90_000);
