import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { saveCursor, unsettledAssignments } from '../../../src/production/uploadCursor.ts';
import { assignment } from '../../support/readings.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cursor-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const write = (file: string, ...times: ReadonlyArray<number>): void =>
  writeFileSync(join(dir, file), times.map((ts) => `${JSON.stringify(assignment(ts))}\n`).join(''));
const unsettled = (): ReadonlyArray<number> => unsettledAssignments(dir).map(({ ts }) => ts);
const settle = (ts: number) => lastValueFrom(saveCursor(dir)(assignment(ts)));

it('finds nothing where nothing was ever uploaded, or nothing was saved', async () => {
  expect(unsettled()).toEqual([]);
  write('zone_assignments.jsonl', 1, 2);
  expect(unsettled()).toEqual([]);
});

it('finds what comes after the cursor', async () => {
  write('zone_assignments.jsonl', 1, 2, 3, 4);
  await settle(1);
  await settle(2);
  expect(unsettled()).toEqual([3, 4]);
  await settle(4);
  expect(unsettled()).toEqual([]);
});

it('looks back through rotated files, newest first, and no further than the cursor', async () => {
  write('zone_assignments.2026-03-01.9.jsonl', 1, 2);
  write('zone_assignments.2026-03-01.10.jsonl', 3, 4);
  write('zone_assignments.2026-03-02.1.jsonl', 5);
  write('zone_assignments.jsonl', 6);
  await settle(3);
  expect(unsettled()).toEqual([4, 5, 6]);
});

it('takes everything that is there where the cursor’s line is gone', async () => {
  write('zone_assignments.jsonl', 6, 7);
  await settle(3);
  expect(unsettled()).toEqual([6, 7]);
});

it('passes over a torn line', async () => {
  write('zone_assignments.jsonl', 1, 2);
  writeFileSync(join(dir, 'zone_assignments.jsonl'), '{"zone_id":7,"pho', { flag: 'a' });
  await settle(1);
  expect(unsettled()).toEqual([2]);
});

it('is private: it holds an address', async () => {
  await settle(1);
  expect(statSync(join(dir, 'upload_cursor.json')).mode & 0o777).toBe(0o600);
});
