import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { from, lastValueFrom, toArray } from 'rxjs';
import { uploadStage } from '../../src/commands/uploadStage.ts';
import { type SupabaseStack, startSupabaseStack } from '../../src/embedded/supabaseStack.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import type { ShopEvent } from '../../src/model/shopEvent.ts';
import type { Upload } from '../../src/model/upload.ts';
import { productionEnv } from '../../src/production/env.ts';
import { jsonlFiles } from '../../src/production/files/jsonlFiles.ts';
import { uploads } from '../../src/streams/uploads.ts';
import type { IngestResult } from '../../supabase/functions/_shared/contract.ts';
import { eventually } from '../integration/embedded/eventually.ts';
import { type RunningCli, runCli, SHIPPED_LAYOUT, startCli } from '../support/cli.ts';
import { restRows } from '../support/embedded.ts';
import { layDatabase } from '../support/emptyDatabase.ts';
import {
  answer,
  cut,
  type FaultyOrigin,
  hang,
  pass,
  startFaultyOrigin,
} from '../support/faultyOrigin.ts';
import { type Json, jsonLines } from '../support/outputs.ts';
import { assignment } from '../support/readings.ts';
import { dwell, uploadPolicy } from '../support/uploads.ts';

const RETRIES = 3;
const TIMEOUT_MS = 6_000;

let root: string;
let stack: SupabaseStack;
let front: FaultyOrigin;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'faults-'));
  const dataDir = join(root, 'stack');
  await layDatabase(dataDir);
  stack = await startSupabaseStack({ dataDir, port: 0 });
}, 60_000);
afterAll(async () => {
  await stack?.close();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(async () => {
  front = await startFaultyOrigin(stack.url);
});
afterEach(() => front.goDown());

const events = (): Promise<ReadonlyArray<Json>> => restRows(stack, 'zone_events');

describe('an upload over a bad line', () => {
  let dir: string;
  let startTs = Date.now() / 1000 - 3_600;

  beforeEach(() => {
    dir = mkdtempSync(join(root, 'output-'));
    startTs += 60;
  });

  /** One batch of three assignments (at these dBm) and a dwell, and what became of it and its parts. */
  const sendParts = async (
    dbm: ReadonlyArray<number> = [-60, -60, -60],
  ): Promise<ReadonlyArray<Outcome<Upload, IngestResult>>> => {
    const env = productionEnv(() => {});
    const options = { dir, maxBytes: 1e6, retentionDays: 1, now: Date.now, log: env.log };
    const files = jsonlFiles(options);
    const destination = {
      access: {
        url: front.url,
        key: stack.publishableKey,
        ingestToken: stack.ingestToken,
        timeoutMs: TIMEOUT_MS,
      },
      storeId: stack.storeId,
      orgId: stack.orgId,
      phoneHashSecret: stack.phoneHashSecret,
      isEmbedded: false,
    };
    const policy = uploadPolicy({
      batch: { maxItems: 50, maxWaitMs: 1_000 },
      retry: { maxRetries: RETRIES, initialDelayMs: 50, maxDelayMs: 200 },
      breaker: { failures: 1 + RETRIES, initialDelayMs: 50, maxDelayMs: 200, parkedMs: 200 },
    });
    const stage = await uploadStage(destination, dir, files.append, env);
    const happened = from<ReadonlyArray<ShopEvent>>([
      ...dbm.map(
        (pi1, n): ShopEvent => ({
          _tag: 'Assignment',
          value: assignment(startTs + 5 * n, 1, { vector: { pi1 } }),
        }),
      ),
      { _tag: 'Dwell', value: dwell(startTs, startTs + 10) },
    ]);
    const reports = await lastValueFrom(
      happened.pipe(uploads(stage, files.append('failed_uploads'), policy, env), toArray()),
    );
    await files.close();
    return reports.flatMap((one) => (one._tag === 'Uploaded' ? [one.outcome] : []));
  };
  const send = async (): Promise<Outcome<Upload, IngestResult>> => {
    const [outcome, ...others] = await sendParts();
    expect(others).toEqual([]);
    if (outcome === undefined) throw new Error('nothing became of it');
    return outcome;
  };

  it.each([
    ['500 twice', [answer(500), answer(500), pass], 3],
    ['a gateway that is gone for a moment', [answer(502), answer(503), answer(504), pass], 4],
    ['a hang that outlasts the timeout', [hang, pass], 2],
  ])('survives %s', async (_what, faults, attempts) => {
    front.will(...faults);
    const before = (await events()).length;
    expect(await send()).toMatchObject({ _tag: 'Delivered', attempts });
    expect(front.posted).toHaveLength(attempts);
    expect(new Set(front.posted.map(({ batchId }) => batchId)).size).toBe(1);
    expect((await events()).length - before).toBe(3);
    expect(jsonLines(dir, 'failed_uploads')).toEqual([]);
  });

  it('waits as long as Retry-After asks', async () => {
    front.will(answer(429, { 'retry-after': '2' }), pass);
    expect(await send()).toMatchObject({ _tag: 'Delivered', attempts: 2 });
    const [refused, taken] = front.posted.map(({ at }) => at);
    expect((taken ?? 0) - (refused ?? 0)).toBeGreaterThanOrEqual(1_990);
  });

  it('sends a batch again whose answer was cut off, and nothing is stored twice', async () => {
    front.will(cut, pass);
    const before = (await events()).length;
    const outcome = await send();
    expect(outcome).toMatchObject({
      _tag: 'Delivered',
      attempts: 2,
      receipt: { duplicate: true, counts: { zone_events: 3 }, rejections: [] },
    });
    expect(front.posted.map((one) => one.answer?.duplicate)).toEqual([false, true]);
    expect((await events()).length - before).toBe(3);
  });

  it('gives up after the last retry, keeping everything', async () => {
    front.will(answer(500));
    const outcome = await send();
    expect(outcome).toMatchObject({ _tag: 'DeadLetter', attempts: 1 + RETRIES });
    expect(front.posted).toHaveLength(1 + RETRIES);
    expect(jsonLines(dir, 'failed_uploads')).toEqual([
      {
        schema_version: 1,
        upload: outcome.item,
        attempts: 1 + RETRIES,
        first_attempt_at: expect.any(Number),
        failed_at: expect.any(Number),
        retryable: true,
        reason: 'HTTP 500',
        status: 500,
        answer: 'not well',
      },
    ]);
    expect(outcome.item).toMatchObject({
      batch_id: front.posted[0]?.batchId,
      assignments: [0, 5, 10].map((second) => assignment(startTs + second)),
      dwells: [dwell(startTs, startTs + 10)],
    });
  });

  it('gives up after the last retry where nobody answers', async () => {
    await front.goDown();
    expect(await send()).toMatchObject({
      _tag: 'DeadLetter',
      attempts: 1 + RETRIES,
      error: { _tag: 'Transient', reason: 'no answer: ECONNREFUSED' },
    });
    expect(jsonLines(dir, 'failed_uploads')).toHaveLength(1);
  });

  it.each([401, 403, 404, 410])(
    'parks an upload that gets a %d until that is mended',
    async (status) => {
      front.will(answer(status), answer(status), pass);
      const before = (await events()).length;
      expect(await send()).toMatchObject({ _tag: 'Delivered' });
      expect(front.posted).toHaveLength(3);
      const [refused, again, taken] = front.posted.map(({ at }) => at);
      expect((taken ?? 0) - (again ?? 0)).toBeGreaterThanOrEqual(190);
      expect((again ?? 0) - (refused ?? 0)).toBeGreaterThanOrEqual(190);
      expect((await events()).length - before).toBe(3);
      expect(jsonLines(dir, 'failed_uploads')).toEqual([]);
    },
  );

  it('halves what is too large', async () => {
    front.will(answer(413), pass);
    const before = (await events()).length;
    const outcomes = await sendParts();
    expect(outcomes).toMatchObject([{ _tag: 'Delivered' }, { _tag: 'Delivered' }]);
    expect((await events()).length - before).toBe(3);
    expect(jsonLines(dir, 'failed_uploads')).toEqual([]);
  });

  it('keeps the row that is refused, with the reason: its neighbours arrive', async () => {
    const before = (await events()).length;
    const outcomes = await sendParts([-60, -500, -60]);
    expect(front.posted.map((one) => one.answer?.status)).toEqual([200]);
    expect(outcomes.map(({ _tag }) => _tag)).toEqual(['DeadLetter', 'Delivered']);
    expect((await events()).length - before).toBe(2);
    expect(jsonLines(dir, 'failed_uploads')).toMatchObject([
      {
        retryable: false,
        reason: 'refused by the database: invalid_row',
        answer: expect.stringContaining('dBm from −120 to below 0'),
        upload: { assignments: [{ vector: { pi1: -500 } }], dwells: [] },
      },
    ]);
  });
});

describe('the command line while uploads fail', () => {
  let cwd: string;
  let output: string;
  let running: RunningCli | undefined;

  const settings = (change: Record<string, string> = {}) => ({
    ...SHIPPED_LAYOUT,
    SUPABASE_URL: front.url,
    SUPABASE_ANON_KEY: stack.publishableKey,
    STORE_ID: stack.storeId,
    ORG_ID: stack.orgId,
    INGEST_TOKEN: stack.ingestToken,
    PHONE_HASH_SECRET: stack.phoneHashSecret,
    UPLOAD_INTERVAL_SEC: '1',
    UPLOAD_MAX_RETRIES: '1',
    ...change,
  });
  const startPipeline = (change: Record<string, string> = {}): RunningCli => {
    running = startCli(cwd, ['pipeline', '--simulate'], settings(change));
    return running;
  };
  const redrive = (...args: string[]) => runCli(cwd, ['redrive', ...args], settings());
  const lines = (file: string) => jsonLines(output, file);

  beforeEach(() => {
    cwd = mkdtempSync(join(root, 'cwd-'));
    output = join(cwd, 'output');
  });
  afterEach(() => running?.destroy());

  it('saves what was heard while an upload hangs, and a second Ctrl-C ends it at once', async () => {
    front.will(hang);
    const pipeline = startPipeline({ UPLOAD_TIMEOUT_SEC: '300' });
    const uploadingSince = await eventually('an upload', async () => front.posted[0]?.at, 40_000);
    await eventually('an assignment made since', async () =>
      lines('zone_assignments').find(({ ts }) => Number(ts) * 1000 > uploadingSince),
    );
    expect(front.posted.map((one) => one.answer)).not.toContainEqual(expect.anything());
    pipeline.interrupt();
    await pipeline.says(/Stopping: draining/);
    await sleep(1_000);
    expect(await Promise.race([pipeline.ended, 'still draining'])).toBe('still draining');
    const askedAt = Date.now();
    pipeline.interrupt();
    expect((await pipeline.ended).said).not.toContain('Drained');
    expect(Date.now() - askedAt).toBeLessThan(2_000);
  }, 90_000);

  it('keeps dead letters, lists them, delivers them later, and never twice', async () => {
    front.will(answer(500));
    const pipeline = startPipeline();
    await eventually(
      'a dead letter',
      async () => (lines('failed_uploads').length > 0 ? true : undefined),
      60_000,
    );
    pipeline.interrupt();
    const { code, said } = await pipeline.ended;
    expect(said).toContain('Drained: ');
    expect(code).toBe(0);

    const letters = lines('failed_uploads');
    const lost = letters.map(({ upload }) => upload as Upload);
    const ids = lost.map(({ batch_id }) => batch_id);
    const rows = lost.flatMap((upload) => upload.assignments).length;
    expect(letters).toEqual(letters.map(() => expect.objectContaining({ attempts: 2 })));

    const posted = front.posted.length;
    const listed = await redrive('--dry-run', '--since', '10m');
    for (const id of ids) expect(listed.said).toContain(id);
    expect(listed.said).toContain(`${letters.length} upload`);
    expect((await redrive('--dry-run', '--since', '2099-01-01')).said).toContain('0 uploads');
    expect(listed.code).toBe(0);
    expect(front.posted).toHaveLength(posted);

    const before = (await events()).length;
    const inVain = await redrive();
    expect(inVain.said).toContain(`${letters.length} failed again`);
    expect(inVain.code).toBe(1);

    front.will(pass);
    const delivered = await redrive('--rate', '20/s');
    expect(delivered.said).toContain('0 failed again');
    expect(delivered.code).toBe(0);
    expect((await events()).length - before).toBe(rows);
    expect(lines('redriven_uploads.redrive').map(({ batch_id }) => batch_id)).toEqual(ids);

    const settled = front.posted.length;
    const again = await redrive();
    expect(again.said).toContain('0 uploads (0 rows) wait');
    expect(again.code).toBe(0);
    expect(front.posted).toHaveLength(settled);

    // Should even the list of what was redriven get lost, the database knows the batches.
    rmSync(join(output, 'redriven_uploads.redrive.jsonl'));
    expect((await redrive()).code).toBe(0);
    expect(front.posted.slice(settled).map((one) => one.answer)).toEqual(
      ids.map(() => ({ status: 200, duplicate: true })),
    );
    expect((await events()).length - before).toBe(rows);
  }, 120_000);

  it('holds uploads back in an outage, and catches up by itself, dead letters included', async () => {
    const before = (await events()).length;
    await front.goDown();
    const pipeline = startPipeline();
    const [letter] = await eventually(
      'a dead letter',
      async () => (lines('failed_uploads').length > 0 ? lines('failed_uploads') : undefined),
      60_000,
    );
    await pipeline.says(/uploads wait: no answer/);
    const saved = lines('zone_assignments').length;
    await eventually('more assignments', async () =>
      lines('zone_assignments').length > saved + 10 ? true : undefined,
    );
    expect(lines('failed_uploads')).toEqual([letter]);

    await front.comeUp();
    const redriven = await eventually(
      'the dead letter, arrived',
      async () => (lines('redriven_uploads').length > 0 ? lines('redriven_uploads') : undefined),
      60_000,
    );
    expect(redriven.map(({ batch_id }) => batch_id)).toEqual([
      lines('failed_uploads').map(({ upload }) => (upload as Upload).batch_id)[0],
    ]);
    pipeline.interrupt();
    const { said, code } = await pipeline.ended;
    expect(code).toBe(0);
    expect(said).toMatch(/rows uploaded\.\n/);
    expect((await events()).length - before).toBe(lines('zone_assignments').length);
  }, 120_000);

  it('has nothing to redrive where nothing has run yet', async () => {
    const { code, said } = await redrive();
    expect(said).toContain('0 uploads (0 rows) wait');
    expect(code).toBe(0);
  });
});
