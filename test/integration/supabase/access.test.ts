import type { PGlite } from '@electric-sql/pglite';
import { batchOf, reading } from '../../support/batches.ts';
import {
  addMember,
  asRole,
  ingest,
  MEMBER,
  migratedDatabase,
  rowsOf,
} from '../../support/database.ts';

const STRANGER = '00000000-0000-4000-8000-000000000002';
const TABLES = [
  'organisations',
  'org_members',
  'stores',
  'zones_dim',
  'ingest_tokens',
  'raw_imports',
  'etl_runs',
  'zone_events',
  'zone_dwells',
  'visits',
  'visit_zone_events',
  'funnel_events',
  'sensors',
];
const CLOSED = ['ingest_tokens', 'raw_imports', 'zone_events', 'zone_dwells'];
const OPEN = TABLES.filter((table) => !CLOSED.includes(table));
const DENIED = { code: '42501' };

let db: PGlite;
beforeAll(async () => {
  db = await migratedDatabase();
  await addMember(db);
  await ingest(db, batchOf([reading('2026-03-01T01:00:00Z')]));
}, 60_000);
afterAll(() => db.close());

describe('anon', () => {
  it.each(TABLES)('cannot read %s', async (table) => {
    await expect(asRole(db, 'anon', `select 1 from ${table}`)).rejects.toMatchObject(DENIED);
  });

  it.each(TABLES)('cannot write %s', async (table) => {
    await expect(asRole(db, 'anon', `delete from ${table}`)).rejects.toMatchObject(DENIED);
    await expect(asRole(db, 'anon', `insert into ${table} default values`)).rejects.toMatchObject(
      DENIED,
    );
  });
});

describe('a signed-in user', () => {
  it.each(OPEN)('of the organisation reads its %s, a stranger reads none', async (table) => {
    const sql = `select ${table === 'visits' ? 'id' : '*'} from ${table}`;
    expect(await asRole(db, 'authenticated', sql, [], MEMBER)).not.toHaveLength(0);
    expect(await asRole(db, 'authenticated', sql, [], STRANGER)).toHaveLength(0);
  });

  it.each(CLOSED)('cannot read %s', async (table) => {
    await expect(
      asRole(db, 'authenticated', `select 1 from ${table}`, [], MEMBER),
    ).rejects.toMatchObject(DENIED);
  });

  it.each(['metadata', 'visitor_id', '*'])('cannot read %s of visits', async (column) => {
    await expect(
      asRole(db, 'authenticated', `select ${column} from visits`, [], MEMBER),
    ).rejects.toMatchObject(DENIED);
  });

  it.each(TABLES)('cannot write %s', async (table) => {
    await expect(
      asRole(db, 'authenticated', `delete from ${table}`, [], MEMBER),
    ).rejects.toMatchObject(DENIED);
  });

  it('hears the live channel of the own store only', async () => {
    const listen = (user: string, topic: string) =>
      asRole(
        db,
        'authenticated',
        `select set_config('realtime.topic', $1, true), (select count(*)::int from realtime.messages)`,
        [topic],
        user,
      );
    const [message] = await rowsOf(db, 'select topic from realtime.messages');
    const topic = String(message?.['topic']);
    expect(await listen(MEMBER, topic)).toMatchObject([{ count: 1 }]);
    expect(await listen(STRANGER, topic)).toMatchObject([{ count: 0 }]);
    expect(await listen(MEMBER, 'store:another:live')).toMatchObject([{ count: 0 }]);
  });
});

describe('functions', () => {
  it.each([
    `ingest_neuralsense_batch('{}')`,
    `verify_ingest_token('x')`,
    `zone_directory(gen_random_uuid())`,
  ])('%s is for the service role only', async (call) => {
    await expect(asRole(db, 'anon', `select ${call}`)).rejects.toMatchObject(DENIED);
    await expect(asRole(db, 'authenticated', `select ${call}`, [], MEMBER)).rejects.toMatchObject(
      DENIED,
    );
  });

  it('have a fixed search_path, and none with definer rights is open to anon', async () => {
    const ours = `from pg_proc p where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)`;
    expect(
      await rowsOf(
        db,
        `select proname ${ours} and not coalesce(proconfig @> array['search_path=""'], false)`,
      ),
    ).toEqual([]);
    expect(
      await rowsOf(
        db,
        `select proname ${ours} and prosecdef and has_function_privilege('anon', p.oid, 'execute')`,
      ),
    ).toEqual([]);
  });

  it('find an index for every foreign key', async () => {
    expect(
      await rowsOf(
        db,
        `select conrelid::regclass::text, conname from pg_constraint c
         where contype = 'f' and connamespace = 'public'::regnamespace
           and not exists (select from pg_index i where i.indrelid = c.conrelid
             and i.indpred is null and i.indkey[0] = c.conkey[1])`,
      ),
    ).toEqual([]);
  });
});
