import { readdirSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import { DEMO_ORG_ID, DEMO_STORE_ID } from '../../../src/embedded/database/demoStore.ts';
import { applyMigrations, onPglite } from '../../../src/embedded/database/migrate.ts';
import { batchOf, reading, ZONE } from '../../support/batches.ts';
import {
  asRole,
  forgetEverything,
  ingest,
  migratedDatabase,
  rowsOf,
  singleValue,
} from '../../support/database.ts';

const SYSTEM_USER = '00000000-0000-4000-8000-0000000000aa';

/** The visits of a project that lived before sensors did: its own columns, policy and rows. */
const legacyVisits = (userIdType: string): string => `
  create table public.visits (
    id uuid primary key default gen_random_uuid(),
    user_id ${userIdType} not null,
    visit_date date not null,
    store_id uuid,
    org_id uuid,
    customer_id uuid,
    created_at timestamptz default now()
  );
  insert into public.visits (user_id, visit_date, store_id, org_id)
  select '00000000-0000-4000-8000-000000000001', date '2025-01-01' + i % 300,
    '${DEMO_STORE_ID}', '${DEMO_ORG_ID}'
  from generate_series(1, 2000) i;`;

const fingerprint = (db: PGlite): Promise<unknown> =>
  singleValue(
    db,
    `select count(*) || ' ' || md5(string_agg(concat_ws('|', id, user_id, visit_date, store_id,
       org_id, customer_id, created_at), ',' order by id))
     from visits where user_id::text = '00000000-0000-4000-8000-000000000001'`,
  );

const columns = (db: PGlite) =>
  rowsOf(
    db,
    `select attname, format_type(atttypid, atttypmod), attnotnull, atthasdef from pg_attribute
     where attrelid = 'visits'::regclass and attnum between 1 and 7 order by attnum`,
  );

describe.each(['text', 'uuid'])('visits with a user_id of type %s', (type) => {
  it('keep their rows and columns through migration, ingests and a failed ingest', async () => {
    const db = new PGlite();
    await db.exec(legacyVisits(type));
    const [rows, shape] = [await fingerprint(db), await columns(db)];

    await applyMigrations(onPglite(db));
    expect([await fingerprint(db), await columns(db)]).toEqual([rows, shape]);

    await db.query(`update stores set settings = jsonb_build_object('system_user_id', $1::text)`, [
      SYSTEM_USER,
    ]);
    await ingest(db, batchOf([reading('2026-03-01T01:00:00Z')]));
    await ingest(db, batchOf([reading('2026-03-01T01:20:00Z')]));
    await ingest(db, batchOf([reading('2026-03-01T01:10:00Z', ZONE.aisle)]));
    await db.exec(`alter table funnel_events add constraint broken check (stage <> 'checkout')`);
    const failing = batchOf([reading('2026-03-01T01:11:00Z', ZONE.checkout)]);
    expect(await ingest(db, failing)).toMatchObject({ error: { code: '23514' } });

    expect(await fingerprint(db)).toBe(rows);
    expect(
      await rowsOf(
        db,
        `select user_id::text, cardinality(zones_visited) as zones from visits where source = 'neuralsense'`,
      ),
    ).toEqual([{ user_id: SYSTEM_USER, zones: 2 }]);
    await db.close();
  }, 60_000);
});

it('a column of another type stops the migration before anything is changed', async () => {
  const db = new PGlite();
  await db.exec('create table public.visits (id bigint, store_id text, shift text not null)');
  await expect(applyMigrations(onPglite(db))).rejects.toThrow(
    /visits\.id is bigint, but uuid is needed\n.*visits\.shift is not null.*\n.*visits\.store_id is text/,
  );
  expect(await singleValue(db, `select to_regclass('public.stores')`)).toBeNull();
  expect(await singleValue(db, `select to_regnamespace('private')`)).toBeNull();
  await db.close();
}, 60_000);

it('zone_events that were there before stay as they were and are taken into no visit', async () => {
  const db = await migratedDatabase(`
    create table public.zone_events (id uuid, store_id uuid, event_time timestamptz,
      hashed_mac text, kind text);
    insert into public.zone_events select gen_random_uuid(), '${DEMO_STORE_ID}',
      '2026-03-01T01:00:30Z', repeat('0', 63) || '1', 'camera' from generate_series(1, 500);`);
  const legacy = () =>
    singleValue(
      db,
      `select md5(string_agg(id || kind, ',' order by id)) from zone_events
      where reading_key is null`,
    );
  const before = await legacy();
  await ingest(db, batchOf([reading('2026-03-01T01:00:00Z'), reading('2026-03-01T01:01:00Z')]));
  expect(await legacy()).toBe(before);
  expect(await singleValue(db, 'select count(*)::int from visit_zone_events')).toBe(1);
  await forgetEverything(db);
  await db.close();
}, 60_000);

describe('tables that were open to everybody', () => {
  const MEMBER = '00000000-0000-4000-8000-0000000000b1';
  const STRANGER = '00000000-0000-4000-8000-0000000000b2';
  const OPENED = ['visits', 'visit_zone_events', 'funnel_events', 'etl_runs'].map(
    (table) => [table, table === 'etl_runs' ? 'etl_function' : 'source'] as const,
  );
  const ours = (column: string) =>
    column === 'source' ? 'neuralsense' : 'process-neuralsense-data';
  let db: PGlite;

  beforeAll(async () => {
    const tables = OPENED.map(
      ([table, column]) => `
        create table public.${table} (id uuid primary key default gen_random_uuid(), org_id uuid,
          store_id uuid, ${column} text);
        insert into public.${table} (${column}) values ('pos');
        alter table public.${table} enable row level security;
        create policy "everybody" on public.${table} for all using (true) with check (true);
        grant all on public.${table} to anon, authenticated;`,
    );
    db = await migratedDatabase(`
      create role anon nologin; create role authenticated nologin;
      create role service_role nologin bypassrls;
      ${tables.join('')}`);
    await db.query('insert into org_members (org_id, user_id) values ($1, $2)', [
      DEMO_ORG_ID,
      MEMBER,
    ]);
    await ingest(db, batchOf([reading('2026-03-01T01:00:00Z')]));
  }, 60_000);
  afterAll(() => db.close());

  it.each(OPENED)('show rows of %s to members only', async (table, column) => {
    const sql = `select distinct ${column} as of from ${table} order by 1`;
    const others = [{ of: 'pos' }];
    expect(await asRole(db, 'anon', sql)).toEqual(others);
    expect(await asRole(db, 'authenticated', sql, [], STRANGER)).toEqual(others);
    expect(await asRole(db, 'authenticated', sql, [], MEMBER)).toEqual(
      [...others, { of: ours(column) }].sort((a, b) => a.of.localeCompare(b.of)),
    );
  });

  it.each(OPENED)('let nobody but the service write ours of %s', async (table, column) => {
    const sensed = `${column} = '${ours(column)}'`;
    const rows = () =>
      rowsOf(db, `select t::text as row from ${table} t where ${sensed} order by id`);
    const before = await rows();
    expect(before).not.toHaveLength(0);
    for (const [role, user] of [
      ['anon', ''],
      ['authenticated', STRANGER],
      ['authenticated', MEMBER],
    ] as const) {
      const write = (sql: string) => asRole(db, role, sql, [], user);
      await write(`delete from ${table} where ${sensed}`);
      await write(`update ${table} set ${column} = 'pos' where ${sensed}`);
      await expect(
        write(`update ${table} set ${column} = '${ours(column)}' where ${column} = 'pos'`),
      ).rejects.toMatchObject({ code: '42501' });
      await expect(
        write(
          `insert into ${table} (org_id, ${column}) values ('${DEMO_ORG_ID}', '${ours(column)}')`,
        ),
      ).rejects.toMatchObject({ code: '42501' });
      expect(await rows()).toEqual(before);
      expect(await write(`update ${table} set store_id = null where true returning id`)).toEqual(
        await rowsOf(db, `select id from ${table} where ${column} = 'pos'`),
      );
    }
  });
});

it('a warm start has nothing to do', async () => {
  const db = await migratedDatabase();
  expect(await applyMigrations(onPglite(db))).toEqual({ migrations: [], seeds: [] });
  expect(
    await singleValue(db, 'select count(*)::int from supabase_migrations.schema_migrations'),
  ).toBe(readdirSync('supabase/migrations').length);
  await db.close();
}, 60_000);
