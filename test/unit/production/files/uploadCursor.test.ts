import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import type { Mark } from '../../../../src/model/journal.ts';
import type { PipelineEvent } from '../../../../src/model/shapes.ts';
import { itemsOf, type UploadItem } from '../../../../src/model/upload.ts';
import { forgetInFiles } from '../../../../src/production/files/forgetInFiles.ts';
import { jsonlFiles } from '../../../../src/production/files/jsonlFiles.ts';
import { openJournal } from '../../../../src/production/files/uploadJournal.ts';
import { adopt } from '../../../support/adopt.ts';
import { assignment, OTHER_PHONE, PHONE } from '../../../support/readings.ts';
import { dwell, upload } from '../../../support/uploads.ts';

const SHOP = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02';
const OTHER = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e03';
const PRESENT = 'zone_assignments.jsonl';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cursor-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const add = (file: string, ...values: ReadonlyArray<object>): void =>
  writeFileSync(join(dir, file), values.map((one) => `${JSON.stringify(one)}\n`).join(''), {
    flag: 'a',
  });
const place = (file: string, ...times: ReadonlyArray<number>): void =>
  add(file, ...times.map((ts) => assignment(ts)));
const times = (items: ReadonlyArray<UploadItem>): ReadonlyArray<number> =>
  items.map((item) => (item._tag === 'Assignment' ? item.value.ts : -item.value.exit_ts));

/** What a process that starts now still has to send; negative: dwells. */
const unsettled = async (store = SHOP): Promise<ReadonlyArray<number>> => {
  await adopt(dir, store);
  const journal = await openJournal(dir, store);
  const { items } = await lastValueFrom(journal.read(journal.settled, 1_000));
  expect(journal.behind).toBe(items.length);
  return times(items);
};
/** Settles so many items, in pages of two, as one process does. */
const settle = async (count: number): Promise<void> => {
  await adopt(dir, SHOP);
  const journal = await openJournal(dir, SHOP);
  let mark: Mark = journal.settled;
  for (let left = count; left > 0; ) {
    const page = await lastValueFrom(journal.read(mark, Math.min(2, left)));
    left -= page.items.length;
    mark = page.upTo;
    await lastValueFrom(journal.settle(mark));
  }
};

it('sends no history unasked, and all that is saved from the first start on', async () => {
  place(PRESENT, 1, 2);
  add('dwells.jsonl', dwell(1, 2));
  expect(await unsettled()).toEqual([]);
  place(PRESENT, 3);
  add('dwells.jsonl', dwell(2, 3));
  expect(await unsettled()).toEqual([3, -3]);
});

it('begins with the first line where there is none yet', async () => {
  expect(await unsettled()).toEqual([]);
  place(PRESENT, 1, 2);
  expect(await unsettled()).toEqual([1, 2]);
});

it('sends nothing that was saved for another store', async () => {
  await unsettled();
  place(PRESENT, 1, 2, 3);
  await settle(1);
  expect(await unsettled(OTHER)).toEqual([]);
  place(PRESENT, 4);
  expect(await unsettled(OTHER)).toEqual([4]);
});

it('finds what comes after the cursor, the older line of both files first', async () => {
  await unsettled();
  place(PRESENT, 1, 2, 3, 4);
  add('dwells.jsonl', dwell(1, 2.5), dwell(1, 9));
  await settle(1);
  expect(await unsettled()).toEqual([2, -2.5, 3, 4, -9]);
  await settle(2);
  expect(await unsettled()).toEqual([3, 4, -9]);
  await settle(3);
  expect(await unsettled()).toEqual([]);
});

it('reads in pages that follow on each other, across rotated files in their order', async () => {
  await unsettled();
  place('zone_assignments.2026-03-01.9.jsonl', 1, 2);
  place('zone_assignments.2026-03-01.10.jsonl', 3, 4);
  place('zone_assignments.2026-03-02.1.jsonl', 5);
  place(PRESENT, 6);
  await adopt(dir, SHOP);
  const journal = await openJournal(dir, SHOP);
  let mark = journal.settled;
  const read: ReadonlyArray<number>[] = [];
  for (let page = 0; page < 4; page += 1) {
    const { items, upTo } = await lastValueFrom(journal.read(mark, 2));
    read.push(times(items));
    mark = upTo;
  }
  expect(read).toEqual([[1, 2], [3, 4], [5, 6], []]);
});

it('stays where it is when its file is rotated, under a running process and between two', async () => {
  await unsettled();
  place(PRESENT, 1, 2, 3);
  await adopt(dir, SHOP);
  const journal = await openJournal(dir, SHOP);
  const { upTo } = await lastValueFrom(journal.read(journal.settled, 1));
  renameSync(join(dir, PRESENT), join(dir, 'zone_assignments.2026-03-01.1.jsonl'));
  place(PRESENT, 4);
  await adopt(dir, SHOP);
  const { items } = await lastValueFrom(journal.read(upTo, 9));
  expect(times(items)).toEqual([2, 3, 4]);
  await lastValueFrom(journal.settle(upTo));
  expect(await unsettled()).toEqual([2, 3, 4]);
});

it('finds its place again when a phone is forgotten, though its lines were the last settled', async () => {
  await unsettled();
  const of = (phone_id: string, ...at: ReadonlyArray<number>) =>
    at.map((ts) => assignment(ts, 1, { phone_id }));
  add(
    PRESENT,
    ...of(OTHER_PHONE, 1, 2),
    ...of(PHONE, 3, 4),
    ...of(OTHER_PHONE, 5),
    ...of(PHONE, 6),
  );
  await settle(4);
  await forgetInFiles(dir, [PHONE]);
  expect(await unsettled()).toEqual([5]);
});

it('takes what is younger than the cursor, and all behind it, where none of its lines is left', async () => {
  await unsettled();
  place(PRESENT, 1, 2, 3);
  await settle(2);
  rmSync(join(dir, PRESENT));
  place(PRESENT, 1.5, 6, 0.5, 7);
  expect(await unsettled()).toEqual([6, 0.5, 7]);
});

it('is not misled by a file that took the place of its own', async () => {
  await unsettled();
  place(PRESENT, 1, 2, 3);
  await settle(2);
  const lines = readFileSync(join(dir, PRESENT), 'utf8').split('\n').slice(0, 3).reverse();
  // The same inode and length, other lines.
  writeFileSync(join(dir, PRESENT), `${lines.join('\n')}\n`, { flag: 'r+' });
  expect(await unsettled()).toEqual([1]);
});

it('passes over lines that cannot be read, and over a torn one until it is whole', async () => {
  await unsettled();
  place(PRESENT, 1);
  writeFileSync(join(dir, PRESENT), 'not JSON\n', { flag: 'a' });
  place(PRESENT, 2);
  writeFileSync(join(dir, PRESENT), '{"zone_id":7,"pho', { flag: 'a' });
  await adopt(dir, SHOP);
  const journal = await openJournal(dir, SHOP);
  expect(journal.behind).toBe(3);
  const page = await lastValueFrom(journal.read(journal.settled, 9));
  expect([times(page.items), page.unreadable]).toEqual([[1, 2], 1]);
});

it('finds the place behind an upload from where it stands, and stays where it is not saved', async () => {
  await unsettled();
  place(PRESENT, 1, 2, 3);
  add('dwells.jsonl', dwell(1, 2), dwell(1, 3));
  await adopt(dir, SHOP);
  const journal = await openJournal(dir, SHOP);
  const found = await lastValueFrom(
    journal.find(journal.settled, upload(1, [assignment(1), assignment(2)], [dwell(1, 2)])),
  );
  const { items } = await lastValueFrom(journal.read(found, 9));
  expect(times(items)).toEqual([3, -3]);
  const unsaved = upload(2, [assignment(9)], [dwell(1, 9)]);
  expect(itemsOf(unsaved)).toHaveLength(2);
  expect(await lastValueFrom(journal.find(found, unsaved))).toEqual(found);
});

it('is private, and holds no address', async () => {
  await unsettled();
  place(PRESENT, 1);
  await settle(1);
  const path = join(dir, 'upload_cursor.json');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, 'utf8')).not.toContain(PHONE);
});

describe('a cursor that is lost', () => {
  const path = () => join(dir, 'upload_cursor.json');
  const logged: string[] = [];
  const again = async (store = SHOP) => {
    const log = ({ event, reason }: PipelineEvent) => logged.push(`${event}: ${reason}`);
    const journal = await openJournal(dir, store, log);
    const { items } = await lastValueFrom(journal.read(journal.settled, 1_000));
    return { isLost: journal.isLost, times: times(items) };
  };
  beforeEach(async () => {
    logged.length = 0;
    place(PRESENT, 1);
    await unsettled();
    place(PRESENT, 2, 3, 4);
    await settle(2);
  });

  it.each([
    ['empty', ''],
    ['truncated', '{"stores":{"6f1d2c1e'],
    ['of another program', '{"cursor":7}'],
  ])('because its file is %s begins again where uploads began, aloud', async (_what, text) => {
    writeFileSync(path(), text);
    expect(await again()).toEqual({ isLost: true, times: [2, 3, 4] });
    expect(logged).toEqual(['upload cursor lost: upload_cursor.json cannot be read']);
    expect(readFileSync(path(), 'utf8')).toBe(text);
    // And the next start finds what is kept instead.
    expect(await again()).toEqual({ isLost: false, times: [2, 3, 4] });
    await settle(3);
    expect(await again()).toEqual({ isLost: false, times: [] });
  });

  it('because a directory has its name begins again, and says which', async () => {
    rmSync(path());
    mkdirSync(path());
    expect(await again()).toEqual({ isLost: true, times: [2, 3, 4] });
    expect(logged).toEqual(['upload cursor lost: upload_cursor.json cannot be read']);
    expect(await again()).toEqual({ isLost: false, times: [2, 3, 4] });
  });

  it('because its file is gone begins again, too', async () => {
    rmSync(path());
    expect(await again()).toEqual({ isLost: true, times: [2, 3, 4] });
    expect(logged).toEqual(['upload cursor lost: it is gone']);
  });
});

describe('a directory that is used for one store, then another, then the first again', () => {
  it('goes on for each where it was, and sends to none what is for the other', async () => {
    const save = async (store: string, ...at: ReadonlyArray<number>) => {
      const given = { dir, store, maxBytes: 1e9, retentionDays: 30, now: Date.now };
      const files = jsonlFiles({ ...given, log: () => undefined });
      const lines = at.map((ts) => `${JSON.stringify(assignment(ts))}\n`);
      await lastValueFrom(files.append('zone_assignments')(lines));
      await files.close();
    };
    const waiting = async (store: string) => {
      const journal = await openJournal(dir, store);
      const { items } = await lastValueFrom(journal.read(journal.settled, 1_000));
      return { journal, times: times(items) };
    };
    await waiting(SHOP);
    await save(SHOP, 1, 2);
    const { journal } = await waiting(SHOP);
    const { upTo } = await lastValueFrom(journal.read(journal.settled, 1));
    await lastValueFrom(journal.settle(upTo));
    expect((await waiting(OTHER)).times).toEqual([]);
    await save(OTHER, 3);
    expect((await waiting(OTHER)).times).toEqual([3]);
    expect((await waiting(SHOP)).times).toEqual([2]);
    await save(SHOP, 4);
    expect((await waiting(SHOP)).times).toEqual([2, 4]);
    expect((await waiting(OTHER)).times).toEqual([3]);
  });
});
