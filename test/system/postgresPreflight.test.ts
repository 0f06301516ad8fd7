import { readFileSync } from 'node:fs';
import { type Database, type Postgres, startPostgres } from '../support/postgres.ts';

const SCRIPT = readFileSync('supabase/preflight.sql', 'utf8');

let server: Postgres;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server?.remove());

/** The rows of each of its queries, in order. */
const preflight = async ({ pool }: Database) => {
  const results: unknown = await pool.query(SCRIPT);
  if (!Array.isArray(results)) throw new Error('one result only');
  const [tables, columns, policies, grants, constraints, state] = results
    .filter(({ command }) => command === 'SELECT')
    .map(({ rows }) => rows);
  return { tables, columns, policies, grants, constraints, state };
};

it('says of an empty database that nothing is there', async () => {
  const found = await preflight(await server.createDatabase('empty'));
  expect(found.tables).toHaveLength(13);
  for (const table of found.tables) expect(table).toMatchObject({ is_there: false, rows: null });
  expect([found.columns, found.policies, found.grants, found.constraints]).toEqual([
    [],
    [],
    [],
    [],
  ]);
  expect(found.state).toEqual([{ has_history: false, has_private_schema: false }]);
});

it('prints what a project has, and changes nothing', async () => {
  const db = await server.createDatabase('legacy');
  await db.run(`
    create role shopkeeper;
    create table visits (id uuid primary key default gen_random_uuid(), user_id uuid not null,
      visit_date date not null, note varchar(20));
    alter table visits enable row level security;
    create policy "own visits" on visits for select to shopkeeper using (note is not null);
    grant select on visits to shopkeeper;
    insert into visits (user_id, visit_date)
    select gen_random_uuid(), '2025-01-01' from generate_series(1, 3);`);
  const found = await preflight(db);

  expect(found.tables).toContainEqual({
    table_name: 'visits',
    is_there: true,
    rows: '3',
    row_level_security: true,
    owner: 'postgres',
  });
  expect(found.columns).toMatchObject([
    { table_name: 'visits', column_name: 'id', type: 'uuid', is_nullable: 'NO' },
    { column_name: 'user_id', type: 'uuid', is_nullable: 'NO', column_default: null },
    { column_name: 'visit_date', type: 'date', is_nullable: 'NO' },
    { column_name: 'note', type: 'character varying(20)', is_nullable: 'YES' },
  ]);
  expect(found.policies).toMatchObject([
    { table_name: 'visits', policy: 'own visits', cmd: 'SELECT', qual: '(note IS NOT NULL)' },
  ]);
  expect(found.grants).toContainEqual({
    table_name: 'visits',
    grantee: 'shopkeeper',
    privileges: 'SELECT',
  });
  expect(found.constraints).toMatchObject([
    { name: 'visits_pkey', definition: 'PRIMARY KEY (id)' },
  ]);
});

it('runs in a transaction that may not write', async () => {
  const db = await server.createDatabase('writing');
  const writing = SCRIPT.replace('-- 1.', 'create table written ();\n-- 1.');
  await expect(db.run(writing)).rejects.toMatchObject({ code: '25006' });
});
