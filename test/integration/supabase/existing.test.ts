import { readdirSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
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
import { emptyDatabase } from '../../support/emptyDatabase.ts';

const SYSTEM_USER = '00000000-0000-4000-8000-0000000000aa';

/** A project that lived before sensors did: its own columns, rows, policies and grants. */
const legacyProject = (userIdType: string): string => `
  create role anon nologin; create role authenticated nologin;
  create role service_role nologin bypassrls; create role shopkeeper nologin;
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
  from generate_series(1, 3000) i;
  alter table public.visits enable row level security;
  create policy "own visits" on public.visits for select to authenticated
    using (user_id::text = current_setting('request.jwt.claims', true)::jsonb ->> 'sub');
  grant select, insert on public.visits to authenticated;

  create table public.zone_events (id uuid primary key, store_id uuid, event_time timestamptz,
    hashed_mac text, kind text);
  insert into public.zone_events select gen_random_uuid(), '${DEMO_STORE_ID}',
    timestamptz '2026-03-01T01:00:30Z' + i * interval '1 s', repeat('0', 63) || '1', 'camera'
  from generate_series(1, 37000) i;
  grant select on public.zone_events to shopkeeper;`;

const LEGACY = {
  visits: 'id, user_id, visit_date, store_id, org_id, customer_id, created_at',
  zone_events: 'id, store_id, event_time, hashed_mac, kind',
} as const;

/** Count and md5 of all rows that were there before, over the columns that they had. */
const fingerprint = async (db: PGlite): Promise<unknown> => [
  await singleValue(
    db,
    `select count(*) || ' ' || md5(string_agg(concat_ws('|', ${LEGACY.visits}), ',' order by id))
     from visits where user_id::text = '00000000-0000-4000-8000-000000000001'`,
  ),
  await singleValue(
    db,
    `select count(*) || ' ' || md5(string_agg(concat_ws('|', ${LEGACY.zone_events}), ',' order by id))
     from zone_events where kind is not null`,
  ),
];

/** Their columns, grants and policies; those of others are left out. */
const surroundings = async (db: PGlite): Promise<unknown> => [
  await rowsOf(
    db,
    `select attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, atthasdef
     from pg_attribute
     where attnum > 0 and (attrelid = 'visits'::regclass
         and attname = any (string_to_array('${LEGACY.visits}', ', '))
       or attrelid = 'zone_events'::regclass
         and attname = any (string_to_array('${LEGACY.zone_events}', ', ')))
     order by 1, attnum`,
  ),
  await rowsOf(
    db,
    `select table_name, grantee, privilege_type from information_schema.role_table_grants
     where table_name in ('visits', 'zone_events') and grantee <> 'service_role' order by 1, 2, 3`,
  ),
  await rowsOf(
    db,
    `select tablename, policyname, permissive, roles, cmd, qual, with_check from pg_policies
     where policyname = 'own visits'`,
  ),
];

describe.each(['text', 'uuid'])('a project whose visits have a user_id of type %s', (type) => {
  it('keeps its rows, grants and policies through migration, ingests and a failed ingest', async () => {
    const db = await emptyDatabase();
    await db.exec(legacyProject(type));
    const before = [await fingerprint(db), await surroundings(db)];
    expect(before[0]).toEqual([expect.stringMatching(/^3000 /), expect.stringMatching(/^37000 /)]);
    const unchanged = async () =>
      expect([await fingerprint(db), await surroundings(db)]).toEqual(before);

    await applyMigrations(onPglite(db));
    await unchanged();

    await db.query(`update stores set settings = jsonb_build_object('system_user_id', $1::text)`, [
      SYSTEM_USER,
    ]);
    await ingest(db, batchOf([reading('2026-03-01T01:00:00Z')]));
    await ingest(db, batchOf([reading('2026-03-01T01:20:00Z')]));
    await ingest(db, batchOf([reading('2026-03-01T01:10:00Z', ZONE.aisle)]));
    await unchanged();

    await db.exec(`alter table funnel_events add constraint broken check (stage <> 'checkout')`);
    const failing = batchOf([reading('2026-03-01T01:11:00Z', ZONE.checkout)]);
    expect(await ingest(db, failing)).toMatchObject({ error: { code: '23514' } });
    await unchanged();

    expect(
      await rowsOf(
        db,
        `select user_id::text, cardinality(zones_visited) as zones from visits where source = 'neuralsense'`,
      ),
    ).toEqual([{ user_id: SYSTEM_USER, zones: 2 }]);
    expect(await singleValue(db, 'select count(*)::int from visit_zone_events')).toBe(3);
    await forgetEverything(db);
    await db.close();
  }, 120_000);
});

it('what is in the way stops the migration before anything is changed, and is said at once', async () => {
  const db = await emptyDatabase();
  const migrating = () => applyMigrations(onPglite(db)).catch(String);
  await db.exec('create table public.visits (id bigint, store_id text, shift text not null)');
  expect(await migrating()).toMatch(
    /visits\.id is bigint, but uuid is needed\n.*visits\.shift is not null.*\n.*visits\.store_id is text/,
  );

  await db.exec(`
    drop table public.visits;
    create table public.organisations (id uuid, name text);
    create table public.stores (id uuid primary key, org_id uuid);
    grant update on public.stores to anon;
    create table public.org_members (org_id uuid primary key);
    create table public.visits (id uuid primary key, source varchar(5), user_id varchar(36),
      duration_minutes numeric(5, 2), entry_time timestamptz(3),
      metadata jsonb generated always as ('{}'::jsonb) stored);
    create view public.funnel_events as select 1 as stage;`);
  const said = String(await migrating());
  for (const problem of [
    'organisations.id is not unique',
    'org_members.user_id is missing',
    'visits.source is character varying(5): too narrow',
    'visits.duration_minutes is numeric(5,2): too narrow',
    'visits.entry_time is timestamp(3) with time zone: too narrow',
    'visits.metadata is computed',
    'funnel_events is no table',
    'table stores has no row level security, and anon may write to it',
  ])
    expect(said).toContain(problem);
  expect(said.split('\n')).toHaveLength(9);
  expect(await singleValue(db, `select to_regclass('public.zones_dim')`)).toBeNull();
  expect(await singleValue(db, `select to_regnamespace('private')`)).toBeNull();
  await db.close();
}, 60_000);

describe('tables without row level security', () => {
  const MEMBER = '00000000-0000-4000-8000-0000000000b1';
  let db: PGlite;
  beforeAll(async () => {
    db = await migratedDatabase(`
      create role anon nologin; create role authenticated nologin;
      create role service_role nologin bypassrls;
      create table public.visits (id uuid primary key default gen_random_uuid(), note text,
        source varchar(20), user_id varchar(36), visit_date varchar(10),
        duration_minutes numeric(10, 2));
      create table public.zone_events (id uuid primary key, note text);
      create table public.stores (id uuid primary key, store_name text);
      insert into public.visits (note) values ('pos');
      insert into public.zone_events (id, note) values (gen_random_uuid(), 'pos');
      insert into public.stores values (gen_random_uuid(), 'an old one');
      grant all on public.visits, public.zone_events to anon, authenticated;
      grant select on public.stores to anon;`);
    await db.query('insert into org_members (org_id, user_id) values ($1, $2)', [
      DEMO_ORG_ID,
      MEMBER,
    ]);
    await ingest(db, batchOf([reading('2026-03-01T01:00:00Z')]));
  }, 60_000);
  afterAll(() => db.close());

  it('may have lengths that suffice', async () => {
    expect(
      await rowsOf(db, `select visit_date, user_id from visits where source = 'neuralsense'`),
    ).toEqual([{ visit_date: '2026-03-01', user_id: 'system' }]);
  });

  it('have nothing to do at a warm start', async () => {
    expect(await applyMigrations(onPglite(db))).toEqual({ migrations: [], seeds: [] });
    expect(
      await singleValue(db, 'select count(*)::int from supabase_migrations.schema_migrations'),
    ).toBe(readdirSync('supabase/migrations').length);
  });

  it.each(['visits', 'zone_events'])('%s: the rows of others stay open', async (table) => {
    for (const role of ['anon', 'authenticated'] as const) {
      await asRole(db, role, `update ${table} set note = 'of ' || $1::text`, [role], MEMBER);
      expect(await asRole(db, role, `select note from ${table}`, [], MEMBER)).toEqual([
        { note: `of ${role}` },
      ]);
    }
    expect(await singleValue(db, `select count(*)::int from ${table}`)).toBe(2);
  });

  it('no grant is added, and what was readable still is', async () => {
    const stores = await asRole(db, 'anon', 'select store_name from stores');
    expect(stores).toContainEqual({ store_name: 'an old one' });
    await expect(
      asRole(db, 'authenticated', 'select id from stores', [], MEMBER),
    ).rejects.toMatchObject({ code: '42501' });
  });
});

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

  it.each(OPENED)('show rows of %s to members at most', async (table, column) => {
    const sql = `select distinct ${column} as of from ${table} order by 1`;
    const others = [{ of: 'pos' }];
    expect(await asRole(db, 'anon', sql)).toEqual(others);
    expect(await asRole(db, 'authenticated', sql, [], STRANGER)).toEqual(others);
    // Whoever reads all columns of visits would read the hashes of ours.
    const own = table === 'visits' ? [] : [{ of: ours(column) }];
    expect(await asRole(db, 'authenticated', sql, [], MEMBER)).toEqual(
      [...others, ...own].sort((a, b) => a.of.localeCompare(b.of)),
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
