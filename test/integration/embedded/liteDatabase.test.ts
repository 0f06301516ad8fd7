import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type LiteDatabase,
  openLiteDatabase,
} from '../../../src/embedded/database/liteDatabase.ts';
import { startHistory } from '../../../src/embedded/history.ts';
import { loadSecrets, type Secrets } from '../../../src/embedded/secrets.ts';
import { eventually } from './eventually.ts';

const ORIGIN = 'http://127.0.0.1:54321';

describe('openLiteDatabase', () => {
  let dataDir: string;
  let secrets: Secrets;
  let database: LiteDatabase;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lite-'));
    secrets = await loadSecrets(dataDir);
    database = await openLiteDatabase({ dataDir, secrets, url: ORIGIN, log: () => undefined });
  }, 240_000);
  afterAll(async () => {
    await database?.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('keeps every request in its own role, however many come at once', async () => {
    const statusFor = async (apikey: string) => {
      const request = new Request(`${ORIGIN}/rest/v1/ingest_tokens`, { headers: { apikey } });
      return (await database.fetch(request, null)).status;
    };
    const { secretKey, publishableKey } = secrets;
    const pairs = Array.from({ length: 10 }, () => [secretKey, publishableKey]).flat();
    expect(await Promise.all(pairs.map(statusFor))).toEqual(Array(10).fill([200, 401]).flat());
  });

  it('leaves nothing of a transaction behind that was tried out', async () => {
    const tried = await database.tryOut(async (query) => {
      await query(`insert into public.organisations (name) values ('tried')`);
      await query('set local role anon');
      return query('select current_user as role');
    });
    expect(tried).toEqual([{ role: 'anon' }]);
    const left = await database.query(
      `select current_user <> 'anon' as owner,
         (select count(*)::int from public.organisations where name = $1) as rows`,
      ['tried'],
    );
    expect(left).toEqual([{ owner: true, rows: 0 }]);
  });

  it('goes on after a statement that failed', async () => {
    await expect(database.query('select nonsense')).rejects.toThrow('nonsense');
    await expect(database.tryOut((query) => query('select nonsense'))).rejects.toThrow('nonsense');
    expect(await database.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('tells of notifications until it shall no more', async () => {
    const heard: string[] = [];
    const unlisten = await database.listen('news', (payload) => heard.push(payload));
    await database.query(`select pg_notify('news', 'first')`);
    unlisten();
    await database.query(`select pg_notify('news', 'second')`);
    expect(heard).toEqual(['first']);
  });

  it('gets made-up weeks of visits, the same weekday first, and only while it has none', async () => {
    const visits = async () => {
      const [row] = await database.query(
        `select count(*)::int as visits, max(exit_time) < now() - interval '6 days' as ended,
           count(*) filter (where source = 'neuralsense')::int as heard
         from public.visits`,
      );
      return row?.['visits'] === 0 ? undefined : row;
    };
    const told: unknown[] = [];
    const { stop } = startHistory(database, Date.now(), (event) => told.push(event));
    await eventually('a visit', visits, 120_000);
    await stop();
    const before = await visits();
    expect(before).toEqual({ visits: before?.['heard'], heard: before?.['heard'], ended: true });
    await startHistory(database, Date.now(), (event) => told.push(event)).filled;
    expect(await visits()).toEqual(before);
    expect(told).toEqual([]);
  }, 150_000);
});
