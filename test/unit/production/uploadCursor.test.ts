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
const SHOP = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02';
const OTHER = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e03';
const unsettled = async (store = SHOP): Promise<ReadonlyArray<number>> =>
  (await unsettledAssignments(dir, store)).map(({ ts }) => ts);
const settle = (ts: number) => lastValueFrom(saveCursor(dir, SHOP)(assignment(ts)));

it('sends no history unasked, and all that is saved from the first start on', async () => {
  write('zone_assignments.jsonl', 1, 2);
  expect(await unsettled()).toEqual([]);
  write('zone_assignments.jsonl', 1, 2, 3);
  expect(await unsettled()).toEqual([3]);
});

it('begins with the first line where there is none yet', async () => {
  expect(await unsettled()).toEqual([]);
  write('zone_assignments.jsonl', 1, 2);
  expect(await unsettled()).toEqual([1, 2]);
});

it('sends nothing that was saved for another store', async () => {
  write('zone_assignments.jsonl', 1, 2, 3);
  await settle(1);
  expect(await unsettled(OTHER)).toEqual([]);
  write('zone_assignments.jsonl', 1, 2, 3, 4);
  expect(await unsettled(OTHER)).toEqual([4]);
});

it('finds what comes after the cursor', async () => {
  write('zone_assignments.jsonl', 1, 2, 3, 4);
  await settle(1);
  await settle(2);
  expect(await unsettled()).toEqual([3, 4]);
  await settle(4);
  expect(await unsettled()).toEqual([]);
});

it('looks back through rotated files, newest first, and no further than the cursor', async () => {
  write('zone_assignments.2026-03-01.9.jsonl', 1, 2);
  write('zone_assignments.2026-03-01.10.jsonl', 3, 4);
  write('zone_assignments.2026-03-02.1.jsonl', 5);
  write('zone_assignments.jsonl', 6);
  await settle(3);
  expect(await unsettled()).toEqual([4, 5, 6]);
});

it('takes what is younger than the cursor where its line is gone', async () => {
  write('zone_assignments.jsonl', 1, 2, 6, 7);
  await settle(3);
  expect(await unsettled()).toEqual([6, 7]);
});

it('passes over a torn line', async () => {
  write('zone_assignments.jsonl', 1, 2);
  writeFileSync(join(dir, 'zone_assignments.jsonl'), '{"zone_id":7,"pho', { flag: 'a' });
  await settle(1);
  expect(await unsettled()).toEqual([2]);
});

it('is private: it holds an address', async () => {
  await settle(1);
  expect(statSync(join(dir, 'upload_cursor.json')).mode & 0o777).toBe(0o600);
});
