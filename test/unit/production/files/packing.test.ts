import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { lastValueFrom } from 'rxjs';
import { EMPTY_SNAPSHOT } from '../../../../src/model/checkpoint.ts';
import type { JsonlFile } from '../../../../src/model/jsonlFile.ts';
import type { PipelineEvent } from '../../../../src/model/shapes.ts';
import { DISK } from '../../../../src/production/files/disk.ts';
import { foreignIn } from '../../../../src/production/files/foreign.ts';
import { forgetInFiles } from '../../../../src/production/files/forgetInFiles.ts';
import { jsonlFiles } from '../../../../src/production/files/jsonlFiles.ts';
import { linesOf } from '../../../../src/production/files/lines.ts';
import type { JsonlOptions } from '../../../../src/production/files/openJsonl.ts';
import { ownFiles } from '../../../../src/production/files/ownFiles.ts';
import { recordingLines } from '../../../../src/production/recordingLines.ts';

const PHONE = 'a8:76:50:e9:28:20';
let dir: string;
let nowMs: number;
let logged: PipelineEvent[];

beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'packing-')), 'output');
  nowMs = Date.parse('2026-03-01T12:00:00Z');
  logged = [];
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

/** Files of three lines, of which the first ones are settled: no checkpoint asks for them. */
const open = (change: Partial<JsonlOptions> = {}) => {
  const files = jsonlFiles({
    ...{ dir, maxBytes: 300, retentionDays: 30, isUploading: false, now: () => nowMs },
    log: (event) => logged.push(event),
    ...change,
  });
  return {
    write: (file: JsonlFile, line: string) => lastValueFrom(files.append(file)([`${line}\n`])),
    commit: () => lastValueFrom(files.commit({ lines: {}, state: EMPTY_SNAPSHOT })),
    close: files.close,
  };
};
/** Hardly smaller when packed. */
const line = (n: number): string => {
  const pad = createHash('sha256').update(String(n)).digest('base64url');
  return JSON.stringify({ n, phone_id: PHONE, pad });
};
const names = (): string[] => readdirSync(dir).filter((name) => name.startsWith('visits'));
const told = (): string[] =>
  ownFiles(dir, 'visits', DISK)
    .flatMap(({ path, bytes }) => [...linesOf(path, () => {}, 0, DISK, bytes)])
    .filter((text) => text !== '');
const writeVisits = async (count: number, change: Partial<JsonlOptions> = {}) => {
  const { write, commit, close } = open(change);
  for (let n = 0; n < count; n += 1) await write('visits', line(n));
  await commit();
  await close();
  // Once more: what the checkpoint is behind of by now is packed with the next rotation.
  const again = open(change);
  for (let n = count; n < count + 4; n += 1) await again.write('visits', line(n));
  await again.close();
};
const upTo = (count: number) => Array.from({ length: count }, (_, n) => line(n));

it('packs closed files that are settled, and readers see the same lines', async () => {
  await writeVisits(20);
  const packed = names().filter((name) => name.endsWith('.jsonl.gz'));
  expect(packed.length).toBeGreaterThan(2);
  for (const name of packed) expect(existsSync(join(dir, name.slice(0, -3)))).toBe(false);
  expect(told()).toEqual(upTo(24));
  const [first = ''] = packed;
  expect(gunzipSync(readFileSync(join(dir, first))).toString()).toBe(
    `${line(0)}\n${line(1)}\n${line(2)}\n`,
  );
  expect([...recordingLines(join(dir, first))]).toEqual(upTo(3));
  expect(foreignIn(dir)).toEqual([]);
  expect(statSync(join(dir, first)).mode & 0o777).toBe(0o600);
});

it('leaves alone what is not settled', async () => {
  const { write, close } = open();
  await write('visits', line(0));
  const files = open();
  await close();
  await files.commit();
  for (let n = 1; n < 20; n += 1) await files.write('visits', line(n));
  await files.close();
  expect(names().filter((name) => name.endsWith('.gz'))).toEqual([]);
});

it('goes on with what a process that was killed had begun to pack', async () => {
  await writeVisits(20);
  const [first = ''] = names().filter((name) => name.endsWith('.gz'));
  const plain = first.slice(0, -3);
  writeFileSync(join(dir, plain), gunzipSync(readFileSync(join(dir, first))));
  writeFileSync(join(dir, `${plain}.packing`), 'half');
  expect(foreignIn(dir)).toEqual([]);
  expect(told()).toEqual(upTo(24));
  await writeVisits(0);
  expect(existsSync(join(dir, plain))).toBe(false);
});

it('leaves somebody else’s file under a packed name as it is, and what stands in ours', async () => {
  const { write, commit, close } = open();
  for (let n = 0; n < 4; n += 1) await write('visits', line(n));
  const theirs = gzipSync('theirs');
  writeFileSync(join(dir, 'visits.2026-03-01.1.jsonl.gz'), theirs);
  for (let n = 4; n < 12; n += 1) await write('visits', line(n));
  appendFileSync(join(dir, 'visits.2026-03-01.2.jsonl'), 'theirs\n');
  await commit();
  await close();
  await writeVisits(0);
  expect(readFileSync(join(dir, 'visits.2026-03-01.1.jsonl.gz')).equals(theirs)).toBe(true);
  expect(existsSync(join(dir, 'visits.2026-03-01.1.jsonl'))).toBe(true);
  expect(readFileSync(join(dir, 'visits.2026-03-01.2.jsonl'), 'utf8')).toMatch(/theirs\n$/);
});

it('forgets a phone in packed files, too', async () => {
  await writeVisits(20);
  const before = names().filter((name) => name.endsWith('.gz'));
  const traces = await forgetInFiles(dir, [PHONE]);
  expect(traces.map(({ file }) => file)).toEqual(expect.arrayContaining([before[0]]));
  expect(told()).toEqual([]);
  for (const name of readdirSync(dir).filter((one) => one.endsWith('.gz')))
    expect(gunzipSync(readFileSync(join(dir, name))).toString()).not.toContain(PHONE);
  expect(foreignIn(dir)).toEqual([]);
});

describe('a budget of bytes', () => {
  const sizes = () =>
    readdirSync(dir)
      .filter((name) => name.includes('.jsonl'))
      .reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);

  it('deletes the oldest settled files, whatever their stream, and nothing else', async () => {
    await writeVisits(60);
    const before = told();
    const { write, close } = open({ maxTotalBytes: 2_000 });
    await write('rejected_messages', line(0));
    await close();
    expect(sizes()).toBeLessThanOrEqual(2_000);
    expect(before.slice(-told().length)).toEqual(told());
    expect(told().length).toBeGreaterThan(5);
    expect(logged).toContainEqual(expect.objectContaining({ event: 'file deleted for room' }));
  });

  it('keeps rows that would be uploaded, with uploads off, until they are old', async () => {
    const { write, commit, close } = open({ maxTotalBytes: 700 });
    for (let n = 0; n < 15; n += 1) await write('dwells', line(n));
    await commit();
    await expect(write('rssi_readings', line(0))).rejects.toThrow('EBUDGET');
    await close();
    const kept = ownFiles(dir, 'dwells', DISK).reduce((sum, { bytes }) => sum + bytes, 0);
    expect(kept).toBe(15 * (line(0).length + 1) + 5);
  });

  it('holds back what comes in where nothing is settled, and says why, until there is room', async () => {
    const { write, commit, close } = open({ maxTotalBytes: 700 });
    await write('visits', line(-1));
    await commit();
    // The checkpoint is before all of these: they have to be written, whatever they take.
    for (let n = 0; n < 15; n += 1) await write('visits', line(n));
    await expect(write('rssi_readings', line(0))).rejects.toThrow(
      /EBUDGET: .* OUTPUT_MAX_MB allows .* nothing more is settled/,
    );
    await write('visits', line(15));
    await commit();
    nowMs += 6_000;
    await write('rssi_readings', line(0));
    await close();
    expect(told().at(-1)).toBe(line(15));
  });
});
