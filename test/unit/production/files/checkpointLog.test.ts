import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import { type Checkpoint, EMPTY_SNAPSHOT } from '../../../../src/model/checkpoint.ts';
import { readCheckpoint } from '../../../../src/production/files/checkpointFile.ts';
import { checkpointLog } from '../../../../src/production/files/checkpointLog.ts';
import { DISK, type Disk, type DiskFile } from '../../../../src/production/files/disk.ts';

const SMALL_BYTES = 20_000;
const NOWHERE = { segment: null, bytes: 0 };

let dir: string;
/** What fails from now on. */
let failing: ReadonlySet<'datasync' | 'truncate' | 'sync of the directory'>;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'checkpoint-'));
  failing = new Set();
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const unless = async <A>(what: Parameters<typeof failing.has>[0], work: () => Promise<A>) => {
  if (failing.has(what)) throw Object.assign(new Error(`EIO: ${what}`), { code: 'EIO' });
  return work();
};

const open = async (path: string, flags: string, mode?: number): Promise<DiskFile> => {
  const handle = await DISK.promises.open(path, flags, mode);
  return {
    stat: () => handle.stat(),
    read: (...where) => handle.read(...where),
    write: (...what) => handle.write(...what),
    truncate: (bytes) => unless('truncate', () => handle.truncate(bytes)),
    datasync: () => unless('datasync', () => handle.datasync()),
    sync: () =>
      path === dir ? unless('sync of the directory', () => handle.sync()) : handle.sync(),
    close: () => handle.close(),
  };
};
const disk: Disk = { ...DISK, promises: { ...DISK.promises, open } };

const path = (): string => join(dir, 'checkpoint.json');
const text = (): string => readFileSync(path(), 'utf8');
const begin = () => checkpointLog(dir, SMALL_BYTES, disk);

const presence = (ts: number) => ({ firstTs: 1, lastTs: ts, isResident: false });
const many = new Map(Array.from({ length: 5_000 }, (_, n) => [`id:${n}`, presence(n)]));
const cut = (bytes: number, presences: Checkpoint['state']['presences'] = many): Checkpoint => ({
  version: 1,
  journal: { segment: null, bytes },
  outputs: { dwells: NOWHERE },
  state: { ...EMPTY_SNAPSHOT, sensors: new Map([['pi1', bytes]]), presences },
});
const found = (): unknown => {
  const read = readCheckpoint(dir);
  return read && E.isRight(read) ? read.right : read;
};

it('writes the whole once, and then what has changed, and reads back the last', async () => {
  const log = begin();
  await log.commit(cut(1));
  const whole = text();
  const changed = new Map([...many, ['id:7', presence(8)], ['id:new', presence(9)]]);
  changed.delete('id:3');
  await log.commit(cut(2, changed));
  await log.close();
  expect(text().slice(0, whole.length)).toBe(whole);
  const line = text().slice(whole.length);
  expect(JSON.parse(line)).toMatchObject({
    state: {
      presences: [
        ['id:7', 1, 8, false],
        ['id:new', 1, 9, false],
      ],
    },
    gone: { presences: ['id:3'] },
  });
  expect(found()).toEqual(cut(2, changed));
});

it('writes the whole anew when the changes outweigh it, and not before', async () => {
  const log = begin();
  await log.commit(cut(1));
  const whole = text().length;
  let largest = 0;
  for (let n = 2; n < 12; n += 1) {
    const presences = new Map([...many.keys()].map((id) => [id, presence(n)]));
    await log.commit(cut(n, presences));
    largest = Math.max(largest, text().length);
    expect(found()).toEqual(cut(n, presences));
  }
  await log.close();
  expect(largest).toBeGreaterThan(1.9 * whole);
  expect(largest).toBeLessThan(3.2 * whole);
});

it('finds the last whole line where a crash has torn the one behind it', async () => {
  const log = begin();
  await log.commit(cut(1));
  await log.commit(cut(2));
  await log.close();
  appendFileSync(path(), '{"version":1,"journal":{"segm');
  expect(found()).toEqual(cut(2));
  appendFileSync(path(), `${'\0'.repeat(40)}\n{"and":"more"}\n`);
  expect(found()).toEqual(cut(2));
});

it('takes a line back that could not be synced', async () => {
  const log = begin();
  await log.commit(cut(1));
  failing = new Set(['datasync']);
  await expect(log.commit(cut(2))).rejects.toThrow('EIO');
  failing = new Set();
  // The first sync of the two is the commit's, the second one the taking back's.
  await log.settle();
  expect(found()).toEqual(cut(1));
  await log.commit(cut(3));
  expect(found()).toEqual(cut(3));
  await log.close();
});

it('makes sure that a line that could not even be taken back is found no more, before it goes on', async () => {
  const log = begin();
  await log.commit(cut(1));
  failing = new Set(['datasync', 'truncate', 'sync of the directory']);
  await expect(log.commit(cut(2))).rejects.toThrow('EIO');
  expect(found()).toEqual(cut(2));
  await expect(log.settle()).rejects.toThrow('EIO');
  failing = new Set();
  await log.settle();
  expect(found()).toEqual(cut(1));
  await log.close();
});

it('appends nothing to a file whose name is not safe', async () => {
  const log = begin();
  failing = new Set(['sync of the directory']);
  // It counts all the same: a crash would find it.
  await log.commit(cut(1));
  await expect(log.commit(cut(2))).rejects.toThrow('EIO');
  expect(found()).toEqual(cut(1));
  failing = new Set();
  await log.commit(cut(2));
  expect(found()).toEqual(cut(2));
  await log.close();
});

it('writes the whole where somebody has taken the file away or changed it', async () => {
  const log = begin();
  await log.commit(cut(1));
  rmSync(path());
  await log.commit(cut(2));
  expect(found()).toEqual(cut(2));
  appendFileSync(path(), 'rubbish\n');
  await log.commit(cut(3));
  await log.close();
  expect(found()).toEqual(cut(3));
});
