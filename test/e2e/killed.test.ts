import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../integration/embedded/eventually.ts';
import { type RunningCli, SHIPPED_LAYOUT, startCli } from '../support/cli.ts';
import { apiOf, restRows } from '../support/embedded.ts';
import { layDatabase } from '../support/emptyDatabase.ts';
import { type Json, jsonLines } from '../support/outputs.ts';

let cwd: string;
let running: RunningCli;
const output = () => join(cwd, 'output');

/** What one row and one line have in common: the instant (to the millisecond) and the place. */
const placeOf = ({ ts, x, y }: Json): string =>
  [Math.round(Number(ts) * 1000), Number(x), Number(y)].join(' ');
const placeOfRow = ({ event_time, position_x, position_y }: Json): string =>
  [Date.parse(String(event_time)), Number(position_x), Number(position_y)].join(' ');

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'killed-'));
  await layDatabase(join(cwd, '.neuralsense'));
});
afterAll(async () => {
  await running.destroy();
  rmSync(cwd, { recursive: true, force: true });
}, 40_000);

const start = (settings: Record<string, string>): RunningCli =>
  startCli(cwd, ['pipeline'], { ...SHIPPED_LAYOUT, ...settings });

const lines = () => jsonLines(output(), 'zone_assignments').map(placeOf);
const rows = async () => (await restRows(apiOf(cwd), 'zone_events')).map(placeOfRow);
const changedAt = (file: string): number => statSync(join(output(), file)).mtimeMs;
const moreLinesThan = (known: number) =>
  eventually(
    'more assignments, committed',
    async () =>
      (lines().length > known &&
        changedAt('checkpoint.json') >= changedAt('zone_assignments.jsonl')) ||
      undefined,
    20_000,
  );

test('every assignment of a pipeline that was killed reaches the database exactly once', async () => {
  running = start({ UPLOAD_BATCH_SIZE: '10', UPLOAD_INTERVAL_SEC: '3' });
  await running.says(/Ctrl-C stops/);
  await eventually('the first rows', async () => (await rows()).length > 0 || undefined, 30_000);
  // With a window's assignments saved a moment ago, some are not yet uploaded.
  await moreLinesThan(lines().length);
  process.kill(running.pid, 'SIGKILL');
  await running.ended;
  const saved = lines();

  running = start({});
  const [, resumed] = await running.says(/uploads resumed rows=(\d+)/);
  expect(Number(resumed)).toBeLessThan(saved.length + jsonLines(output(), 'dwells').length);
  await running.says(/Ctrl-C stops/);
  const arrived = await eventually(
    'what was saved before the kill, as rows',
    async () => {
      const now = await rows();
      return saved.every((line) => now.includes(line)) ? now : undefined;
    },
    45_000,
  );

  expect(new Set(arrived).size).toBe(arrived.length);
  const all = lines();
  expect(arrived.filter((row) => !all.includes(row))).toEqual([]);
}, 150_000);
