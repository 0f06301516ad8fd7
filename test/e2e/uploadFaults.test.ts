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
import { jsonlFiles } from '../../src/production/jsonlFiles.ts';
import { uploads } from '../../src/streams/uploads.ts';
import type { IngestResult } from '../../supabase/functions/_shared/contract.ts';
import { eventually } from '../integration/embedded/eventually.ts';
import { type RunningCli, runCli, SHIPPED_LAYOUT, startCli } from '../support/cli.ts';
import { restRows } from '../support/embedded.ts';
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
import { dwell } from '../support/uploads.ts';

const RETRIES = 3;
const TIMEOUT_MS = 6_000;

let root: string;
let stack: SupabaseStack;
let front: FaultyOrigin;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'faults-'));
  stack = await startSupabaseStack({ dataDir: join(root, 'stack'), port: 0 });
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

  /** One batch of three assignments and a dwell, and what became of it. */
  const send = async (): Promise<Outcome<Upload, IngestResult>> => {
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
    const policy = {
      batch: { maxItems: 50, maxWaitMs: 1_000 },
      retry: { maxRetries: RETRIES, initialDelayMs: 50, maxDelayMs: 200 },
    };
    const stage = await uploadStage(destination, dir, env);
    const happened = from<ReadonlyArray<ShopEvent>>([
      ...[0, 5, 10].map(
        (second): ShopEvent => ({ _tag: 'Assignment', value: assignment(startTs + second) }),
      ),
      { _tag: 'Dwell', value: dwell(startTs, startTs + 10) },
    ]);
    const reports = await lastValueFrom(
      happened.pipe(uploads(stage, files.append('failed_uploads'), policy, env), toArray()),
    );
    await files.close();
    const outcomes = reports.flatMap((one) => (one._tag === 'Uploaded' ? [one.outcome] : []));
    expect(outcomes).toHaveLength(1);
    return outcomes[0] as Outcome<Upload, IngestResult>;
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

  it.each([400, 401, 403, 404, 413, 422])('does not repeat what gets a %d', async (status) => {
    front.will(answer(status), pass);
    expect(await send()).toMatchObject({
      _tag: 'DeadLetter',
      attempts: 1,
      error: { _tag: 'Permanent', status },
    });
    expect(jsonLines(dir, 'failed_uploads')).toMatchObject([{ retryable: false, status }]);
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
    expect(lost.flatMap((upload) => upload.assignments)).toEqual(
      expect.arrayContaining([...lines('zone_assignments')]),
    );
    expect(lost.flatMap((upload) => upload.assignments)).toHaveLength(
      lines('zone_assignments').length,
    );
    expect(lost.flatMap((upload) => upload.dwells)).toHaveLength(lines('dwells').length);
    expect(letters).toEqual(letters.map(() => expect.objectContaining({ attempts: 2 })));

    const posted = front.posted.length;
    const listed = await redrive('--dry-run');
    for (const id of ids) expect(listed.said).toContain(id);
    expect(listed.said).toContain(`${letters.length} upload`);
    expect(listed.code).toBe(0);
    expect(front.posted).toHaveLength(posted);

    const before = (await events()).length;
    const inVain = await redrive();
    expect(inVain.said).toContain(`${letters.length} failed again`);
    expect(inVain.code).toBe(1);

    front.will(pass);
    const delivered = await redrive();
    expect(delivered.said).toContain('0 failed again');
    expect(delivered.code).toBe(0);
    expect((await events()).length - before).toBe(lines('zone_assignments').length);
    expect(lines('redriven_uploads').map(({ batch_id }) => batch_id)).toEqual(ids);

    const settled = front.posted.length;
    const again = await redrive();
    expect(again.said).toContain('0 uploads (0 rows) wait');
    expect(again.code).toBe(0);
    expect(front.posted).toHaveLength(settled);

    // Should even the list of what was redriven get lost, the database knows the batches.
    rmSync(join(output, 'redriven_uploads.jsonl'));
    expect((await redrive()).code).toBe(0);
    expect(front.posted.slice(settled).map((one) => one.answer)).toEqual(
      ids.map(() => ({ status: 200, duplicate: true })),
    );
    expect((await events()).length - before).toBe(lines('zone_assignments').length);
  }, 120_000);

  it('has nothing to redrive where nothing has run yet', async () => {
    const { code, said } = await redrive();
    expect(said).toContain('0 uploads (0 rows) wait');
    expect(code).toBe(0);
  });
});
