import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SupabaseStack, startSupabaseStack } from '../../src/embedded/supabaseStack.ts';
import { hashMac } from '../../src/production/hashMac.ts';
import { eventually } from '../integration/embedded/eventually.ts';
import { inRepository, type RunningCli, runCli, startCli } from '../support/cli.ts';
import { restRows } from '../support/embedded.ts';
import { layDatabase } from '../support/emptyDatabase.ts';
import { type FaultyOrigin, startFaultyOrigin } from '../support/faultyOrigin.ts';
import { type Json, jsonLines } from '../support/outputs.ts';
import { assignment } from '../support/readings.ts';
import { scriptAssignment, scriptDwell } from '../support/scriptLines.ts';
import { dwell } from '../support/uploads.ts';

const SAMPLE = inRepository('test/fixtures/script');
const SAMPLE_PHONE = 'a8:76:50:00:00:01';

let root: string;
let stack: SupabaseStack;
let front: FaultyOrigin;
let cwd: string;
const running: RunningCli[] = [];

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'import-'));
  await layDatabase(join(root, 'stack'));
  stack = await startSupabaseStack({ dataDir: join(root, 'stack'), port: 0 });
}, 60_000);
afterAll(async () => {
  await stack?.close();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(async () => {
  front = await startFaultyOrigin(stack.url);
  cwd = mkdtempSync(join(root, 'shop-'));
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.destroy();
  await front.goDown();
});

const settings = (more: Readonly<Record<string, string>> = {}) => ({
  SUPABASE_URL: front.url,
  SUPABASE_ANON_KEY: stack.publishableKey,
  STORE_ID: stack.storeId,
  ORG_ID: stack.orgId,
  INGEST_TOKEN: stack.ingestToken,
  PHONE_HASH_SECRET: stack.phoneHashSecret,
  ...more,
});
const start = (args: ReadonlyArray<string>, more = {}): RunningCli => {
  const cli = startCli(cwd, ['import', ...args], settings(more));
  running.push(cli);
  return cli;
};
const run = (args: ReadonlyArray<string>, more = {}) => start(args, more).ended;

const hash = (phone: string): string => hashMac(stack.phoneHashSecret)(phone);
const rowsOf = async (table: string, phone: string): Promise<ReadonlyArray<Json>> =>
  (await restRows(stack, table)).filter(({ hashed_mac }) => hashed_mac === hash(phone));
/** The windows of a phone's rows, s; one that stands there twice was made twice. */
const windows = async (phone: string): Promise<ReadonlyArray<number>> =>
  (await rowsOf('zone_events', phone))
    .map(({ event_time }) => Math.floor(Date.parse(String(event_time)) / 5_000) * 5)
    .sort((a, b) => a - b);

/** Name, content and time of the files in a folder. */
const picture = (dir: string) =>
  readdirSync(dir)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => {
      const { mtimeMs } = statSync(join(dir, name));
      return [name, mtimeMs, readFileSync(join(dir, name), 'utf8')];
    });
const write = (dir: string, name: string, lines: ReadonlyArray<string>) => {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, `${name}.jsonl`), lines.map((line) => `${line}\n`).join(''));
};

test('the script’s files become rows; again they become none, and stay as they are', async () => {
  const shop = join(cwd, 'shop');
  cpSync(SAMPLE, shop, { recursive: true });
  const before = picture(shop);

  const first = await run(['--from', 'shop']);
  expect(first).toEqual({
    code: 0,
    said: expect.stringContaining('11 readings (11 new) and 1 dwell arrived, 0 rows failed'),
  });
  const events = await rowsOf('zone_events', SAMPLE_PHONE);
  expect(events).toHaveLength(11);
  expect(new Set(events.map(({ confidence }) => confidence))).toEqual(new Set([null]));
  expect(await rowsOf('zone_dwells', SAMPLE_PHONE)).toMatchObject([{ dwell_seconds: 24 }]);
  const visits = (await restRows(stack, 'visits')).filter(
    ({ metadata }) => Object(metadata).hashed_mac === hash(SAMPLE_PHONE),
  );
  expect(visits).toHaveLength(1);
  const stays = (await restRows(stack, 'visit_zone_events')).filter(
    ({ visit_id }) => visit_id === visits[0]?.['id'],
  );
  expect(stays.map(({ origin }) => origin).sort()).toEqual(['dwell', 'readings']);
  expect(JSON.stringify(await restRows(stack, 'raw_imports'))).not.toMatch(
    /a8:?76:?50:?00:?00:?01|S0001|session/i,
  );

  expect(await run(['--from', 'shop'])).toEqual({
    code: 0,
    said: expect.stringContaining('Nothing new was found'),
  });
  rmSync(join(cwd, '.neuralsense'), { recursive: true });
  expect((await run(['--from', shop])).said).toContain('11 readings (0 new)');
  expect(await rowsOf('zone_events', SAMPLE_PHONE)).toHaveLength(11);
  expect(await rowsOf('zone_dwells', SAMPLE_PHONE)).toHaveLength(1);
  expect(picture(shop)).toEqual(before);
}, 120_000);

test('a dry run says what would be sent, and sends nothing', async () => {
  const dir = join(cwd, 'shop');
  write(dir, 'zone_assignments', [
    ...[100, 101, 105].map((ts) => scriptAssignment(1_700_000_000 + ts)),
    scriptAssignment(1_700_000_111, { zone_id: 77 }),
    scriptAssignment(1_700_000_112, { phone_id: 'ff:ff:ff:ff:ff:ff' }),
    '{"torn":',
    'rubbish',
  ]);
  const { code, said } = await run(['--from', 'shop', '--dry-run']);
  expect(code).toBe(0);
  for (const line of [
    'zone_assignments.jsonl: 7 lines → 3 readings',
    '1 phone, zones 8, 77, 2023-11-14T22:15:00.000Z … 2023-11-14T22:15:11.000Z',
    'left out: 2 lines of zone_assignments.jsonl: not a JSON object (line 6, 7)',
    'left out: 1 line of zone_assignments.jsonl: an address that no phone has (line 5)',
    'The database does not know zone 77: add it to zones_dim',
    'Nothing was sent.',
  ])
    expect(said).toContain(line);
  expect(front.posted).toEqual([]);
  expect(existsSync(join(cwd, '.neuralsense'))).toBe(false);
}, 60_000);

test('beside our own files in one folder only the script’s lines are taken; failures can be redriven', async () => {
  const phone = '02:00:00:00:09:01';
  const output = join(cwd, 'output');
  const ts = 1_700_100_000;
  write(output, 'zone_assignments', [
    JSON.stringify(assignment(ts, 1, { phone_id: phone })),
    scriptAssignment(ts + 10, { phone_id: phone }),
    JSON.stringify(assignment(ts + 20, 1, { phone_id: phone })),
    scriptAssignment(ts + 30, { phone_id: phone, zone_id: 77 }),
  ]);
  write(output, 'dwells', [
    JSON.stringify(dwell(ts, ts + 9, { phone_id: phone })),
    scriptDwell(ts, ts + 10, { phone_id: phone }),
  ]);
  const before = picture(output);

  const { code, said } = await run(['--from', 'output']);
  expect(code).toBe(1);
  for (const line of [
    'left out: 2 lines of zone_assignments.jsonl: written by this pipeline, which uploads it itself (line 1, 3)',
    'left out: 1 line of dwells.jsonl: written by this pipeline',
    '1 reading (1 new) and 1 dwell arrived, 1 row failed',
    'The database does not know zone 77: add it to zones_dim',
  ])
    expect(said).toContain(line);
  expect(await windows(phone)).toEqual([ts + 10]);
  expect(picture(output).filter(([name]) => before.some(([known]) => known === name))).toEqual(
    before,
  );
  expect(jsonLines(output, 'failed_uploads.import')).toMatchObject([
    {
      upload: { assignments: [{ ts: ts + 30, zone_id: 77 }] },
      reason: 'refused by the database: unknown_zone',
    },
  ]);
  const redrive = await runCli(cwd, ['redrive', '--dry-run'], settings());
  expect(redrive.said).toContain('1 upload (1 row) wait in output/');
}, 120_000);

test('killed again and again, nothing is lost and nothing is there twice', async () => {
  const phones = ['02:00:00:00:0a:01', '02:00:00:00:0a:02'];
  const ts = 1_700_200_000;
  const lines = Array.from({ length: 400 }, (_, n) =>
    scriptAssignment(ts + n * 2, { phone_id: phones[n % 2] }),
  );
  write(join(cwd, 'shop'), 'zone_assignments', lines);
  write(join(cwd, 'shop'), 'dwells', [scriptDwell(ts, ts + 60, { phone_id: phones[0] })]);
  const expected = Array.from({ length: 160 }, (_, n) => ts + 5 * n);
  const before = picture(join(cwd, 'shop'));

  for (let life = 1; life <= 4; life += 1) {
    const posted = front.posted.length;
    const cli = start(['--from', 'shop'], { UPLOAD_BATCH_SIZE: '6' });
    await eventually(
      'some uploads of this life',
      async () => front.posted.length >= posted + 2 * life || undefined,
      60_000,
    );
    process.kill(cli.pid, 'SIGKILL');
    await cli.ended;
  }
  expect((await windows(phones[0] ?? '')).length).toBeLessThan(expected.length);
  expect((await run(['--from', 'shop'], { UPLOAD_BATCH_SIZE: '6' })).code).toBe(0);

  for (const phone of phones) expect(await windows(phone)).toEqual(expected);
  expect(await rowsOf('zone_dwells', phones[0] ?? '')).toHaveLength(1);
  expect(picture(join(cwd, 'shop'))).toEqual(before);
}, 240_000);

test('it follows a script that still writes, through a torn line and a rotation', async () => {
  const phone = '02:00:00:00:0b:01';
  const dir = join(cwd, 'shop');
  const file = join(dir, 'zone_assignments.jsonl');
  const ts = 1_700_300_000;
  const line = (n: number) => scriptAssignment(ts + 5 * n, { phone_id: phone });
  const arrive = (count: number) =>
    eventually(
      `${count} windows`,
      async () => {
        const there = await windows(phone);
        return there.length >= count ? there : undefined;
      },
      60_000,
    );
  mkdirSync(dir);
  const cli = start(['--from', 'shop', '--follow'], { UPLOAD_INTERVAL_SEC: '1' });
  await cli.says(/Following .*Ctrl-C stops/);
  writeFileSync(file, `${line(0)}\n${line(1).slice(0, 40)}`);
  expect(await arrive(1)).toEqual([ts]);
  appendFileSync(file, `${line(1).slice(40)}\n`);
  expect(await arrive(2)).toEqual([ts, ts + 5]);
  appendFileSync(file, `${line(2)}\n`);
  renameSync(file, `${file}.1`);
  writeFileSync(file, `${line(3)}\n`);
  expect(await arrive(4)).toEqual([0, 1, 2, 3].map((n) => ts + 5 * n));
  expect(cli.said()).toContain('source file begun anew');

  cli.interrupt();
  expect(await cli.ended).toEqual({
    code: 0,
    said: expect.stringContaining('4 readings (4 new) and 0 dwells arrived'),
  });
}, 180_000);

test('a file that cannot be read ends an import with its name, and another sends what is missing', async () => {
  const phone = '02:00:00:00:0c:01';
  const dir = join(cwd, 'shop');
  const dwells = join(dir, 'dwells.jsonl');
  write(dir, 'zone_assignments', [scriptAssignment(1_700_400_000, { phone_id: phone })]);
  symlinkSync(dwells, dwells);
  expect(await run(['--from', 'shop'])).toEqual({
    code: 1,
    said: expect.stringMatching(/ELOOP.*dwells\.jsonl.*import again/),
  });
  rmSync(dwells);
  write(dir, 'dwells', [scriptDwell(1_700_400_000, 1_700_400_009, { phone_id: phone })]);
  expect((await run(['--from', 'shop'])).code).toBe(0);
  expect(await windows(phone)).toEqual([1_700_400_000]);
  expect(await rowsOf('zone_dwells', phone)).toHaveLength(1);
}, 120_000);

test.each([
  ['no --from', [], {}, /--from: give the folder in which the script writes/],
  ['a folder that is not there', ['--from', 'nowhere'], {}, /there is no folder nowhere/],
  ['a folder without its files', ['--from', '.'], {}, /holds neither zone_assignments\.jsonl/],
  [
    'settings that lack a token',
    ['--from', SAMPLE],
    { INGEST_TOKEN: '' },
    /INGEST_TOKEN: not given/,
  ],
  ['a token that is refused', ['--from', SAMPLE], { INGEST_TOKEN: 'wrong' }, /npm run token/],
])(
  '%s: it says what to do and sends nothing',
  async (_what, args, more, says) => {
    const { code, said } = await run(args, more);
    expect({ code, said }).toEqual({ code: 1, said: expect.stringMatching(says) });
    expect(front.posted).toEqual([]);
  },
  60_000,
);
