import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import WebSocket from 'ws';
import { keepOwnGrants } from '../../../src/embedded/database/liteDatabase.ts';
import { type SupabaseStack, startSupabaseStack } from '../../../src/embedded/supabaseStack.ts';
import {
  INGEST_TOKEN_HEADER,
  IngestResult,
  SCHEMA_VERSION,
  type UploadBatch,
  ZoneDirectory,
} from '../../../supabase/functions/_shared/contract.ts';
import { eventually } from './eventually.ts';
import { runScript } from './otherProcess.ts';

const FUNCTION = 'process-neuralsense-data';
const TABLES = [
  ...['organisations', 'org_members', 'stores', 'zones_dim', 'ingest_tokens', 'raw_imports'],
  ...['etl_runs', 'zone_events', 'zone_dwells', 'visits', 'visit_zone_events', 'funnel_events'],
  'sensors',
];
const BATCH_ID = '5b0c3c8e-7a51-4c5e-9d3b-0c1f2e3d4c5b';

type Api = Pick<SupabaseStack, 'url' | 'publishableKey'>;

const connect = ({ url }: Pick<Api, 'url'>, key: string): SupabaseClient =>
  createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
  });

const zonesOf = async ({ url }: Pick<Api, 'url'>, token: string): Promise<Response> =>
  fetch(`${url}/functions/v1/${FUNCTION}`, { headers: { [INGEST_TOKEN_HEADER]: token } });

const batchFor = (stack: SupabaseStack, zoneIds: ReadonlyArray<string>): UploadBatch => ({
  schema_version: SCHEMA_VERSION,
  batch_id: BATCH_ID,
  store_id: stack.storeId,
  org_id: stack.orgId,
  readings: zoneIds.map((zone_id, i) => ({
    timestamp: new Date(Date.now() - 600_000 + i * 30_000).toISOString(),
    hashed_mac: 'ab'.repeat(32),
    zone_id,
    rssi_readings: { pi1: -60 - i },
    estimated_position: { x: i, y: 1, confidence: 0.9 },
  })),
  dwells: [],
});

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** One cold boot for all; the cases tell one story, in order. */
describe('startSupabaseStack', () => {
  let dataDir: string;
  let stack: SupabaseStack;
  const log: string[] = [];
  const boot = () =>
    startSupabaseStack({ dataDir, port: 0, log: (event) => log.push(JSON.stringify(event)) });

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'stack-'));
    stack = await boot();
  }, 60_000);
  afterAll(async () => {
    await stack?.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('ingests a batch through the function, with the public key and the store’s token', async () => {
    const directory = await (await zonesOf(stack, stack.ingestToken)).json();
    const zones = ZoneDirectory.is(directory) ? directory.zones : [];
    expect(zones).toHaveLength(19);
    const { data, error } = await connect(stack, stack.publishableKey).functions.invoke(FUNCTION, {
      body: batchFor(
        stack,
        zones.slice(0, 4).map(({ zone_id }) => zone_id),
      ),
      headers: { [INGEST_TOKEN_HEADER]: stack.ingestToken },
    });
    expect(error).toBeNull();
    expect(IngestResult.is(data)).toBe(true);
    expect(data).toMatchObject({
      batch_id: BATCH_ID,
      duplicate: false,
      counts: { readings: 4, zone_events: 4, visits: 1, rejected: 0 },
    });
  });

  it('shows the rows to who has the secret key', async () => {
    const admin = connect(stack, stack.secretKey);
    const events = await admin.from('zone_events').select('sensor_type');
    expect(events.data).toEqual(Array(4).fill({ sensor_type: 'wifi' }));
    const visits = await admin.from('visits').select('user_id, source');
    expect(visits.data).toEqual([{ user_id: 'system', source: 'neuralsense' }]);
  });

  it.each(TABLES)('keeps %s from the public key', async (table) => {
    const anyone = connect(stack, stack.publishableKey);
    const { data, error } = await anyone.from(table).select('*');
    expect([data, error?.code]).toEqual([null, '42501']);
  });

  it('would not start if lite no longer let it keep those grants', () => {
    expect(() => keepOwnGrants({})).toThrow('@supabase/lite has changed');
  });

  it('lets nobody write but through the function', async () => {
    const anyone = connect(stack, stack.publishableKey);
    const batch = { ...batchFor(stack, []), batch_id: stack.storeId };
    const outcomes = [
      await anyone.from('organisations').insert({ name: 'mine' }),
      await anyone.rpc('ingest_neuralsense_batch', { batch }),
      await anyone.rpc('verify_ingest_token', { token_hash: 'ab'.repeat(32) }),
    ];
    expect(outcomes.map(({ error }) => error?.code)).toEqual(Array(3).fill('42501'));
  });

  it('refuses a wrong token, and knows the right one by its hash only', async () => {
    const answer = await zonesOf(stack, `${stack.ingestToken}x`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: 'unauthorized' } });
    const { data } = await connect(stack, stack.secretKey).from('ingest_tokens').select('*');
    expect(data).toHaveLength(1);
    expect(JSON.stringify(data)).not.toContain(stack.ingestToken);
  });

  it('serves neither without a key nor what is not meant to be served', async () => {
    expect((await fetch(`${stack.url}/rest/v1/stores`)).status).toBe(401);
    expect((await fetch(`${stack.url}/_system/introspect`)).status).toBe(404);
  });

  it.each(['/auth/v1/../../_system/introspect', '/rest/v1/%2e%2e/%2e%2e/_system/config'])(
    'serves nothing by a way around: %s',
    async (path) => {
      // fetch would resolve the dots before it sends them.
      const { hostname, port } = new URL(stack.url);
      const [response] = (await once(get({ hostname, port, path }), 'response')) as [
        IncomingMessage,
      ];
      response.resume();
      expect(response.statusCode).toBe(404);
    },
  );

  it('lets no hash into the log', () => {
    expect(log.join('\n')).toContain('permission denied');
    expect(log.join('\n')).not.toContain('abababab');
  });

  it('keeps its secrets to the owner of the directory', async () => {
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'secrets.json'))).mode & 0o777).toBe(0o600);
  });

  it('brings the function back when Deno is killed', async () => {
    const pid = stack.functionPid() ?? 0;
    process.kill(pid, 'SIGKILL');
    await eventually('a new Deno', async () => {
      const now = stack.functionPid();
      return now !== undefined && now !== pid ? now : undefined;
    });
    expect((await zonesOf(stack, stack.ingestToken)).status).toBe(200);
  });

  it('refuses to open the directory twice', async () => {
    await expect(boot()).rejects.toThrow(
      `${dataDir} is in use by process ${process.pid} (embedded Supabase)`,
    );
  });

  it('frees port, process and directory on close, and a killed one leaves nothing behind', async () => {
    const pid = stack.functionPid() ?? 0;
    await stack.close();
    expect(isRunning(pid)).toBe(false);
    await expect(fetch(stack.url)).rejects.toThrow();

    const other = await runScript('runStack.ts', dataDir);
    const [itsDeno = '', url = ''] = other.said.split(' ');
    expect((await zonesOf({ url }, stack.ingestToken)).status).toBe(200);
    expect(isRunning(Number(itsDeno))).toBe(true);
    await expect(boot()).rejects.toThrow(`in use by process ${other.pid}`);
    await other.kill();
    await eventually('the end of its Deno', async () =>
      isRunning(Number(itsDeno)) ? undefined : true,
    );
  }, 60_000);

  it('boots warm with the rows and the secrets that it had, after that kill too', async () => {
    const before = await readFile(join(dataDir, 'secrets.json'), 'utf8');
    const { secretKey } = stack;
    stack = await boot();
    expect(await readFile(join(dataDir, 'secrets.json'), 'utf8')).toBe(before);
    expect(stack.secretKey).toBe(secretKey);
    const { data } = await connect(stack, secretKey).from('visits').select('source');
    expect(data).toEqual([{ source: 'neuralsense' }]);
  }, 60_000);
});
