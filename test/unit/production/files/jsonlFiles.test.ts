import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open as openHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { jest } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import type { JsonlFile } from '../../../../src/model/jsonlFile.ts';
import type { PipelineEvent } from '../../../../src/model/shapes.ts';
import { jsonlFiles } from '../../../../src/production/files/jsonlFiles.ts';
import type { JsonlOptions } from '../../../../src/production/files/openJsonl.ts';
import { ownFiles } from '../../../../src/production/files/ownFiles.ts';
import { openJournal } from '../../../../src/production/files/uploadJournal.ts';
import { adopt } from '../../../support/adopt.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const DAY_MS = 86_400_000;

let dir: string;
let nowMs: number;
let logged: PipelineEvent[];

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'jsonl-')), 'output');
  nowMs = NOON;
  logged = [];
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

const open = (change: Partial<JsonlOptions> = {}) => {
  const files = jsonlFiles({
    dir,
    maxBytes: 1_000_000,
    retentionDays: 30,
    now: () => nowMs,
    log: (event) => logged.push(event),
    ...change,
  });
  return {
    write: (file: JsonlFile, ...lines: string[]) =>
      lastValueFrom(files.append(file)(lines.map((line) => `${line}\n`)), {
        defaultValue: undefined,
      }),
    close: files.close,
  };
};
/** What was packed meanwhile is what it was. */
const read = (name: string): string =>
  existsSync(join(dir, name))
    ? readFileSync(join(dir, name), 'utf8')
    : gunzipSync(readFileSync(join(dir, `${name}.gz`))).toString();
const names = (): ReadonlyArray<string> => {
  const there = readdirSync(dir).filter((name) => name !== 'ledger');
  return [...new Set(there.map((name) => name.replace(/(\.\d+\.jsonl)\.gz$/, '$1')))].sort();
};

it('appends lines, each file on its own, and creates nothing that is not written to', async () => {
  const { write, close } = open();
  await write('dwells', '{"n":1}');
  await write('visits', '{"v":1}');
  await write('dwells', '{"n":2}', '{"n":"일"}');
  await close();
  expect(names()).toEqual(['dwells.jsonl', 'visits.jsonl']);
  expect(read('dwells.jsonl')).toBe('{"n":1}\n{"n":2}\n{"n":"일"}\n');
  expect(read('visits.jsonl')).toBe('{"v":1}\n');
});

it('touches nothing before somebody subscribes', async () => {
  const { append } = jsonlFiles({
    ...{ dir, maxBytes: 1, retentionDays: 1, now: () => nowMs, log: () => {} },
  });
  append('dwells')(['{}\n']);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(() => names()).toThrow('ENOENT');
});

it('keeps files and directory to their owner', async () => {
  const { write, close } = open();
  await write('rssi_readings', '{}');
  await close();
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(statSync(join(dir, 'rssi_readings.jsonl')).mode & 0o777).toBe(0o600);
});

it('keeps the order of its files where the clock is set back over midnight', async () => {
  const { write, close } = open();
  nowMs = NOON + DAY_MS;
  await write('dwells', '1');
  nowMs = NOON;
  await write('dwells', '2');
  nowMs = NOON + DAY_MS;
  await write('dwells', '3');
  await close();
  expect(names().map((name) => [name, read(name)])).toEqual([
    ['dwells.2026-03-02.1.jsonl', '1\n'],
    ['dwells.2026-03-02.2.jsonl', '2\n'],
    ['dwells.jsonl', '3\n'],
  ]);
});

it('goes on with the file of an earlier run', async () => {
  for (const line of ['1', '2']) {
    const { write, close } = open();
    await write('dwells', line);
    await close();
    utimesSync(join(dir, 'dwells.jsonl'), NOON / 1000, NOON / 1000);
  }
  expect(read('dwells.jsonl')).toBe('1\n2\n');
});

it.each([
  ['a torn line behind whole ones', '{"n":1}\n{"n":', '{"n":1}\n'],
  ['nothing but a torn line', '{"n":', ''],
  ['a torn line longer than what is read at once', `{"n":1}\n${'x'.repeat(200_000)}`, '{"n":1}\n'],
  ['a whole line', '{"n":1}\n', '{"n":1}\n'],
])('cuts off what a killed process left: %s', async (_what, left, kept) => {
  await open().close();
  const first = open();
  await first.write('dwells', 'x');
  await first.close();
  writeFileSync(join(dir, 'dwells.jsonl'), left);
  await adopt(dir);
  utimesSync(join(dir, 'dwells.jsonl'), NOON / 1000, NOON / 1000);
  const { write, close } = open();
  await write('dwells', '{"n":2}');
  await close();
  expect(read('dwells.jsonl')).toBe(`${kept}{"n":2}\n`);
  const bytes = left.length - kept.length;
  expect(logged).toEqual(
    bytes === 0 ? [] : [expect.objectContaining({ level: 'warn', file: 'dwells.jsonl', bytes })],
  );
});

it('rotates before a line that would make a file too large, splitting no hand-over', async () => {
  const { write, close } = open({ maxBytes: 10 });
  await write('dwells', 'aaaa');
  await write('dwells', 'bbbb');
  await write('dwells', 'c');
  await write('dwells', 'longer than it may be');
  await write('dwells', 'd');
  await close();
  expect(names().map((name) => [name, read(name)])).toEqual([
    ['dwells.2026-03-01.1.jsonl', 'aaaa\nbbbb\n'],
    ['dwells.2026-03-01.2.jsonl', 'c\n'],
    ['dwells.2026-03-01.3.jsonl', 'longer than it may be\n'],
    ['dwells.jsonl', 'd\n'],
  ]);
});

it('rotates at the end of a UTC day, after a restart too', async () => {
  const first = open();
  await first.write('dwells', 'on the first');
  nowMs += DAY_MS;
  await first.write('dwells', 'on the second');
  await first.close();
  const path = join(dir, 'dwells.jsonl');
  utimesSync(path, nowMs / 1000, nowMs / 1000);
  nowMs += DAY_MS;
  const second = open();
  await second.write('dwells', 'on the third');
  await second.close();
  expect(names().map((name) => [name, read(name)])).toEqual([
    ['dwells.2026-03-01.1.jsonl', 'on the first\n'],
    ['dwells.2026-03-02.1.jsonl', 'on the second\n'],
    ['dwells.jsonl', 'on the third\n'],
  ]);
});

it('numbers on where files of that day are already there, in whatever order', async () => {
  const first = open();
  await first.write('dwells', 'x');
  await first.close();
  for (const number of [2, 10])
    writeFileSync(join(dir, `dwells.2026-03-01.${number}.jsonl`), 'old\n');
  utimesSync(join(dir, 'dwells.jsonl'), NOON / 1000, NOON / 1000);
  const { write, close } = open({ maxBytes: 2 });
  await write('dwells', 'y');
  await close();
  expect(read('dwells.2026-03-01.11.jsonl')).toBe('x\n');
});

it('errors where it cannot write, and works once it can', async () => {
  writeFileSync(dir, 'a file where the directory should be');
  const { write, close } = open();
  await expect(write('dwells', '1')).rejects.toMatchObject({ code: 'EEXIST' });
  rmSync(dir);
  await write('dwells', '1');
  await close();
  expect(read('dwells.jsonl')).toBe('1\n');
});

it.each([
  ['is deleted', () => rmSync(join(dir, 'dwells.jsonl'))],
  ['is moved away', () => renameSync(join(dir, 'dwells.jsonl'), join(dir, 'mine'))],
  ['goes with its directory', () => rmSync(dir, { recursive: true })],
])('a file that %s amid it all is begun anew, aloud', async (_what, meddle) => {
  const { write, close } = open();
  await write('dwells', '{"n":1}');
  meddle();
  await write('dwells', '{"n":2}');
  await close();
  expect(read('dwells.jsonl')).toBe('{"n":2}\n');
  expect(logged).toEqual([
    expect.objectContaining({ event: 'file was changed by somebody else', file: 'dwells.jsonl' }),
  ]);
});

it('a file that somebody has emptied stays as it is, and another one is begun', async () => {
  const { write, close } = open();
  for (const n of [0, 1]) await write('dwells', `{"n":${n}}`);
  truncateSync(join(dir, 'dwells.jsonl'));
  await write('dwells', '{"n":2}');
  await close();
  expect(read('dwells.jsonl')).toBe('');
  expect(read('dwells.2026-03-01.1.jsonl')).toBe('{"n":2}\n');
});

describe('what another program writes', () => {
  const FOREIGN = '{"by":"another"}\n{"torn';

  it('behind our lines stays where it is, and ours go to another file', async () => {
    const { write, close } = open();
    await write('dwells', '{"n":1}');
    appendFileSync(join(dir, 'dwells.jsonl'), FOREIGN);
    await write('dwells', '{"n":2}');
    await close();
    utimesSync(join(dir, 'dwells.2026-03-01.1.jsonl'), NOON / 1000, NOON / 1000);
    const again = open();
    await again.write('dwells', '{"n":3}');
    await again.close();
    expect(read('dwells.jsonl')).toBe(`{"n":1}\n${FOREIGN}`);
    expect(read('dwells.2026-03-01.1.jsonl')).toBe('{"n":2}\n{"n":3}\n');
    expect(ownFiles(dir, 'dwells').map(({ name, bytes }) => [name, bytes])).toEqual([
      ['dwells.jsonl', 8],
      ['dwells.2026-03-01.1.jsonl', 16],
    ]);
  });

  it('between our look and our write is behind nothing of ours, which is written again elsewhere', async () => {
    const { write, close } = open();
    await write('dwells', '{"n":1}');
    const handle = await openHandle(join(dir, 'any'), 'w');
    const prototype: Pick<FileHandle, 'write'> = Object.getPrototypeOf(handle);
    await handle.close();
    const real = prototype.write;
    const spy = jest.spyOn(prototype, 'write').mockImplementation(function (
      this: FileHandle,
      ...given: Parameters<FileHandle['write']>
    ) {
      if (String(given[0]) === '{"n":2}\n') {
        appendFileSync(join(dir, 'dwells.jsonl'), '{"by":"another"}\n');
        spy.mockRestore();
      }
      return real.apply(this, given);
    } as FileHandle['write']);
    await expect(write('dwells', '{"n":2}')).rejects.toThrow(
      'another program wrote to dwells.jsonl',
    );
    await write('dwells', '{"n":2}');
    await close();
    expect(read('dwells.jsonl')).toBe(`{"n":1}\n{"by":"another"}\n${'\n'.repeat(8)}`);
    expect(read('dwells.2026-03-01.1.jsonl')).toBe('{"n":2}\n');
  });

  it('under our name is not touched, not even an empty file', async () => {
    await open().close();
    mkdirSync(dir);
    writeFileSync(join(dir, 'dwells.jsonl'), FOREIGN);
    writeFileSync(join(dir, 'visits.jsonl'), '');
    const { write, close } = open({ maxBytes: 10 });
    for (const file of ['dwells', 'visits'] as const)
      for (const n of [1, 2]) await write(file, `{"n":${n}}`);
    await close();
    expect(read('dwells.jsonl')).toBe(FOREIGN);
    expect(read('visits.jsonl')).toBe('');
    for (const file of ['dwells', 'visits'])
      for (const n of [1, 2]) expect(read(`${file}.2026-03-01.${n}.jsonl`)).toBe(`{"n":${n}}\n`);
    expect(logged).toContainEqual(
      expect.objectContaining({ event: 'file is not ours', file: 'dwells.jsonl' }),
    );
  });

  it('in the place of a file of ours is not touched either, though it begins a stream anew', async () => {
    const first = open();
    await first.write('dwells', '{"n":1}');
    await first.close();
    rmSync(join(dir, 'dwells.jsonl'));
    writeFileSync(join(dir, 'dwells.jsonl'), FOREIGN);
    const { write, close } = open();
    await write('dwells', '{"n":2}');
    await close();
    expect(read('dwells.jsonl')).toBe(FOREIGN);
    expect(read('dwells.2026-03-01.1.jsonl')).toBe('{"n":2}\n');
  });
});

describe('retention', () => {
  const days = async (files: ReturnType<typeof open>, count: number): Promise<void> => {
    for (let day = 0; day < count; day += 1) {
      nowMs += DAY_MS;
      stampBeforeItIsRotated();
      await files.write('dwells', `day ${day}`);
    }
  };
  /** As if it had been written at the time of the test's clock. */
  const stampBeforeItIsRotated = (): void => {
    const path = join(dir, 'dwells.jsonl');
    if (existsSync(path)) utimesSync(path, nowMs / 1000, nowMs / 1000);
  };

  it('deletes rotated files of its own that are too old, and nothing else', async () => {
    const files = open({ retentionDays: 3 });
    await files.write('dwells', 'first');
    for (const name of [
      'dwells.2026-01-01.1.jsonl',
      'dwells.backup.jsonl',
      'dwells.old.jsonl.gz',
    ]) {
      writeFileSync(join(dir, name), 'foreign\n');
      utimesSync(join(dir, name), 1, 1);
    }
    await days(files, 8);
    await files.close();
    expect(names()).toEqual([
      'dwells.2026-01-01.1.jsonl',
      ...['05', '06', '07', '08'].map((day) => `dwells.2026-03-${day}.1.jsonl`),
      'dwells.backup.jsonl',
      'dwells.jsonl',
      'dwells.old.jsonl.gz',
    ]);
  });

  it('deletes nothing where the clock jumps ahead and back', async () => {
    const files = open();
    await days(files, 3);
    const before = names();
    nowMs += 32 * DAY_MS;
    await files.write('dwells', 'in the future');
    nowMs += 1_000;
    await files.write('dwells', 'in the future still');
    nowMs -= 32 * DAY_MS;
    await days(files, 3);
    await files.close();
    expect(names()).toEqual(expect.arrayContaining([...before]));
    expect(names()).toHaveLength(before.length + 4);
  });

  it('keeps what is behind no cursor of its store, and dead letters', async () => {
    await open().close();
    mkdirSync(dir);
    const files = open({ store: 'shop', retentionDays: 1 });
    const journal = await openJournal(dir, 'shop');
    await files.write('failed_uploads', 'letter 1');
    await days(files, 6);
    await files.write('failed_uploads', 'letter 2');
    expect(names().filter((name) => name.startsWith('dwells.2026'))).toHaveLength(5);
    const { upTo } = await lastValueFrom(journal.read(journal.settled, 100));
    await lastValueFrom(journal.settle(upTo));
    await days(files, 1);
    await files.close();
    expect(names().filter((name) => name.startsWith('dwells.2026'))).toEqual([
      'dwells.2026-03-06.1.jsonl',
      'dwells.2026-03-07.1.jsonl',
    ]);
    expect(names().filter((name) => name.startsWith('failed_uploads'))).toHaveLength(2);
  });

  it('keeps the file at whose end a cursor stands, whose inode another one could take over', async () => {
    await open().close();
    mkdirSync(dir);
    const files = open({ store: 'shop', retentionDays: 1 });
    const journal = await openJournal(dir, 'shop');
    await days(files, 3);
    const { upTo } = await lastValueFrom(journal.read(journal.settled, 100));
    await lastValueFrom(journal.settle(upTo));
    await days(files, 6);
    await files.close();
    expect(existsSync(join(dir, 'dwells.2026-03-04.1.jsonl'))).toBe(true);
    expect(names()).not.toContain('dwells.2026-03-03.1.jsonl');
  });
});

describe('a disk that answers EIO', () => {
  /** Every handle's `datasync`, which fails as often as it is told to. */
  const failing = async (times: number) => {
    const handle = await openHandle(join(dir, '..', 'any'), 'w');
    const prototype: Pick<FileHandle, 'datasync'> = Object.getPrototypeOf(handle);
    await handle.close();
    const real = prototype.datasync;
    const spy = jest.spyOn(prototype, 'datasync').mockImplementation(function (this: FileHandle) {
      times -= 1;
      return times < 0
        ? real.call(this)
        : Promise.reject(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
    });
    return () => spy.mockRestore();
  };

  it('to a sync: the lines count as not written, and are there once when it heals', async () => {
    const { write, close } = open();
    await write('dwells', '{"n":1}');
    const heal = await failing(2);
    try {
      for (const _again of [1, 2]) await expect(write('dwells', '{"n":2}')).rejects.toThrow('EIO');
      await write('dwells', '{"n":2}');
    } finally {
      heal();
    }
    await close();
    expect(read('dwells.jsonl')).toBe('{"n":1}\n{"n":2}\n');
  });

  it('to the sync of a new file: nothing of it is left behind', async () => {
    const { write, close } = open();
    const heal = await failing(1);
    try {
      await expect(write('dwells', '{"n":1}')).rejects.toThrow('EIO');
      await write('dwells', '{"n":1}');
    } finally {
      heal();
    }
    await close();
    expect(read('dwells.jsonl')).toBe('{"n":1}\n');
  });
});
