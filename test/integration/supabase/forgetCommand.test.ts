import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_STORE_ID } from '../../../src/embedded/database/demoStore.ts';
import { startSupabaseStack } from '../../../src/embedded/supabaseStack.ts';
import { loadLetter, readDeadLetters } from '../../../src/production/files/deadLetters.ts';
import { forgetInFiles, tracesInFiles } from '../../../src/production/files/forgetInFiles.ts';
import { hashMac } from '../../../src/production/hashMac.ts';
import { adopt } from '../../support/adopt.ts';
import { batchOf, reading } from '../../support/batches.ts';
import { runCli } from '../../support/cli.ts';
import { inDatabase } from '../../support/embedded.ts';
import { layDatabase } from '../../support/emptyDatabase.ts';
import { runScript } from '../embedded/otherProcess.ts';

const MAC = 'a8:76:50:e9:28:20';
const OTHER = '02:00:00:00:00:01';
const NAMES = [MAC, 'f'.repeat(64)];
const BATCH = '5b0c3c8e-7a51-4c5e-9d3b-0c1f2e3d4c5b';

const heard = (phone_id: string, rssi = -50) =>
  JSON.stringify({ sensor_id: 'pi1', phone_id, rssi, ts: 1_770_000_000 });

const letter = (phones: ReadonlyArray<string>, batch_id = BATCH) =>
  JSON.stringify({
    schema_version: 1,
    upload: {
      batch_id,
      assignments: phones.map((phone_id) => ({
        zone_id: 1,
        phone_id,
        ts: 1_770_000_000,
        confidence: 0.9,
        margin: 0.5,
        sources: ['pi1'],
        vector: { pi1: -50 },
        x: 1,
        y: 1,
      })),
      dwells: phones.map((phone_id) => ({
        phone_id,
        zone_id: 1,
        enter_ts: 1_770_000_000,
        exit_ts: 1_770_000_060,
        dwell_seconds: 60,
      })),
    },
    attempts: 4,
    first_attempt_at: 1_770_000_000,
    failed_at: 1_770_000_100,
    retryable: true,
    reason: 'no answer in time',
    answer: `nothing about ${MAC}`,
  });

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forget-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const write = (file: string, lines: ReadonlyArray<string>, tail = '') =>
  writeFile(join(dir, file), lines.map((line) => `${line}\n`).join('') + tail, { mode: 0o600 });
const forget = async () => {
  await adopt(dir);
  return forgetInFiles(dir, NAMES);
};
const listed = async () => (await readdir(dir)).filter((name) => name !== 'ledger');
const read = (file: string) => readFile(join(dir, file), 'utf8');

describe('files', () => {
  it('lose the lines of the phone, rotated ones too, and keep all others byte for byte', async () => {
    await write('rssi_readings.jsonl', [heard(OTHER), heard(MAC), heard(OTHER, -51)]);
    await write('rssi_readings.2026-03-01.1.jsonl', [heard(MAC), heard(MAC)]);
    await write('visits.jsonl', [heard(OTHER)]);
    expect(await forget()).toEqual([
      { file: 'rssi_readings.2026-03-01.1.jsonl', lines: 2 },
      { file: 'rssi_readings.jsonl', lines: 1 },
    ]);
    expect(await read('rssi_readings.jsonl')).toBe(`${heard(OTHER)}\n${heard(OTHER, -51)}\n`);
    expect(await read('rssi_readings.2026-03-01.1.jsonl')).toBe('');
    expect(await read('visits.jsonl')).toBe(`${heard(OTHER)}\n`);
    expect(await tracesInFiles(dir, NAMES)).toEqual({ own: [], foreign: [] });
  });

  it.each([
    'A8:76:50:E9:28:20',
    'a8-76-50-e9-28-20',
    'A87650E92820',
    'a876.50e9.2820',
    'F'.repeat(64),
  ])('lose it as %s in a message that was rejected', async (writing) => {
    const message = JSON.stringify({ topic: 't', reasons: ['r'], payload: `{"mac":"${writing}"}` });
    await write('rejected_messages.jsonl', [message]);
    await forget();
    expect(await read('rejected_messages.jsonl')).toBe('');
  });

  it('keep their mode and their time, which decides when they expire', async () => {
    await write('dwells.jsonl', [heard(MAC), heard(OTHER)]);
    const then = new Date('2026-01-02T03:04:05Z');
    await utimes(join(dir, 'dwells.jsonl'), then, then);
    await forget();
    const { mode, mtime } = await stat(join(dir, 'dwells.jsonl'));
    expect([mode & 0o777, mtime]).toEqual([0o600, then]);
  });

  it('that do not know the phone are not touched; a torn end does not become a line', async () => {
    await write('visits.jsonl', [heard(OTHER)], '{"torn":');
    await write('dwells.jsonl', [heard(MAC), heard(OTHER)], '{"torn":');
    const { ino } = await stat(join(dir, 'visits.jsonl'));
    await forget();
    expect((await stat(join(dir, 'visits.jsonl'))).ino).toBe(ino);
    expect(await read('visits.jsonl')).toBe(`${heard(OTHER)}\n{"torn":`);
    expect(await read('dwells.jsonl')).toBe(`${heard(OTHER)}\n`);
  });

  it('of a forgetting that was killed are swept away', async () => {
    await write('dwells.jsonl.forgetting', [heard(MAC)]);
    await forget();
    expect(await listed()).toEqual([]);
  });

  it('of one JSON value keep all but the name, unfinished ones too', async () => {
    const files = ['upload_cursor.json', 'upload_cursor.json.0badcafe'];
    for (const file of files)
      await writeFile(join(dir, file), `{"phone_id":"${MAC.toUpperCase()}","ts":1}`);
    await forget();
    for (const file of files) expect(await read(file)).toBe('{"phone_id":"forgotten","ts":1}\n');
    expect(await tracesInFiles(dir, NAMES)).toEqual({ own: [], foreign: [] });
  });

  it('that are larger than a chunk arrive whole', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) =>
      heard(i % 3 === 0 ? MAC : OTHER, -(i % 90)),
    );
    await write('rssi_readings.jsonl', lines);
    await forget();
    const kept = lines.filter((line) => !line.includes(MAC));
    expect(await read('rssi_readings.jsonl')).toBe(kept.map((line) => `${line}\n`).join(''));
  });
});

describe('dead letters', () => {
  it('keep the rows of others, under one new id for each line of the batch', async () => {
    const lines = [
      letter([MAC, OTHER]),
      letter([OTHER, MAC]),
      letter([MAC, OTHER, OTHER], DEMO_STORE_ID),
    ];
    await write('failed_uploads.jsonl', lines);
    await forget();
    const { pending: letters, unreadable } = readDeadLetters(dir);
    const pending = letters.map((one) => loadLetter(one));
    expect(unreadable).toBe(0);
    expect(pending.map(({ upload }) => [upload.assignments.length, upload.dwells.length])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(pending.map(({ upload }) => upload.batch_id)).not.toContain(BATCH);
    for (const { upload } of pending)
      expect(upload.batch_id).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
    expect(await read('failed_uploads.jsonl')).not.toContain(MAC);
  });

  it('of the phone alone go, and so do those that cannot be read', async () => {
    await write('failed_uploads.jsonl', [
      letter([MAC]),
      `{"broken": "${MAC}"`,
      letter([OTHER]).replace(MAC, ''),
    ]);
    await forget();
    expect(await read('failed_uploads.jsonl')).toBe(`${letter([OTHER]).replace(MAC, '')}\n`);
  });
});

describe('npm run forget', () => {
  it('refuses while a pipeline has the directory, and changes nothing', async () => {
    await mkdir(join(dir, 'output'));
    await writeFile(join(dir, 'output', 'dwells.jsonl'), `${heard(MAC)}\n`);
    const pipeline = await runScript('holdDirectory.ts', join(dir, 'output'));
    const { code, said } = await runCli(dir, ['forget', MAC]);
    expect({ code, said }).toEqual({
      code: 1,
      said: expect.stringMatching(
        new RegExp(`in use by process ${pipeline.pid} \\(another pipeline\\)`),
      ),
    });
    expect(await readFile(join(dir, 'output', 'dwells.jsonl'), 'utf8')).toContain(MAC);
    await pipeline.kill();
  }, 60_000);

  it('finds what sensors hashed where there is no database', async () => {
    const secret = 'f'.repeat(64);
    const hashed = `hashed:fixed:${hashMac(secret)(MAC)}`;
    await mkdir(join(dir, 'output'));
    await writeFile(join(dir, 'output', 'dwells.jsonl'), `${heard(hashed)}\n${heard(OTHER)}\n`);
    await adopt(join(dir, 'output'));
    expect((await runCli(dir, ['forget', MAC])).said).toContain('give PHONE_HASH_SECRET');
    const { code, said } = await runCli(dir, ['forget', MAC], { PHONE_HASH_SECRET: secret });
    expect({ code, said }).toEqual({
      code: 0,
      said: expect.stringMatching(/dwells\.jsonl +1 lines/),
    });
    expect(await readFile(join(dir, 'output', 'dwells.jsonl'), 'utf8')).toBe(`${heard(OTHER)}\n`);
  }, 60_000);

  it('does not echo what is no address', async () => {
    const { code, said } = await runCli(dir, ['forget', 'a8:76:50:e9:28:2']);
    expect({ code, said }).toEqual({
      code: 1,
      said: expect.stringMatching(/give a MAC address/),
    });
    expect(said).not.toContain('a8:76:50:e9:28:2\n');
  }, 60_000);

  it('counts, removes and proves, in the embedded database and in the files', async () => {
    const dataDir = join(dir, '.neuralsense');
    await layDatabase(dataDir);
    const stack = await startSupabaseStack({ dataDir, port: 0 });
    const hash = (mac: string) => hashMac(stack.phoneHashSecret)(mac);
    const seen = (mac: string) => ({ ...reading('2026-03-01T01:00:00Z'), hashed_mac: hash(mac) });
    const answer = await fetch(`${stack.url}/rest/v1/rpc/ingest_neuralsense_batch`, {
      method: 'POST',
      headers: { apikey: stack.secretKey, 'content-type': 'application/json' },
      body: JSON.stringify({ batch: batchOf([seen(MAC), seen(OTHER)]) }),
    });
    expect(answer.status).toBe(200);
    await stack.close();
    await mkdir(join(dir, 'output'));
    await writeFile(join(dir, 'output', 'dwells.jsonl'), `${heard(MAC)}\n${heard(OTHER)}\n`);
    await adopt(join(dir, 'output'));

    const counted = await runCli(dir, ['forget', 'A8-76-50-E9-28-20', '--dry-run']);
    expect(counted).toEqual({ code: 0, said: expect.stringMatching(/zone_events +1 rows/) });
    expect(counted.said).toMatch(/Nothing was changed/);

    const { code, said } = await runCli(dir, ['forget', 'A8-76-50-E9-28-20']);
    expect({ code, said }).toMatchObject({ code: 0 });
    for (const line of [/zone_events +1 rows/, /visits +1 rows/, /raw_imports +1 rows/])
      expect(said).toMatch(line);
    expect(said).toMatch(/dwells\.jsonl +1 lines/);
    expect(said).toMatch(/Looked again: nothing is left/);
    for (const name of [MAC, MAC.replaceAll(':', ''), hash(MAC)])
      expect(said.toLowerCase()).not.toContain(name);
    expect(await readFile(join(dir, 'output', 'dwells.jsonl'), 'utf8')).toBe(`${heard(OTHER)}\n`);
    const hashes = await inDatabase(dir, (query) => query('select hashed_mac from zone_events'));
    expect(hashes).toEqual([{ hashed_mac: hash(OTHER) }]);

    await writeFile(join(dir, 'output', 'visits.jsonl'), `${heard('id:phone:anna')}\n`);
    await adopt(join(dir, 'output'));
    const byId = await runCli(dir, ['forget', 'id:phone:anna']);
    expect(byId).toMatchObject({ code: 0, said: expect.stringMatching(/visits\.jsonl +1 lines/) });
    expect((await runCli(dir, ['forget', 'nobody'])).said).toMatch(
      /give a MAC address .* or an id/,
    );
  }, 180_000);
});
