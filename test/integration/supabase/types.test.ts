import { readFileSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { describeSchema, sealTypes, TYPES_FILE, withoutSeal } from '../../../scripts/types-seal.ts';
import { onPglite } from '../../../src/embedded/database/migrate.ts';
import { migratedDatabase } from '../../support/database.ts';

const kept = readFileSync(TYPES_FILE, 'utf8');

/** What `npm run types` would write for this schema, were the types the ones that are kept. */
const sealedFor = async (db: PGlite): Promise<string> =>
  sealTypes(withoutSeal(kept), await describeSchema(onPglite(db)));

let db: PGlite;
beforeAll(async () => {
  db = await migratedDatabase();
}, 60_000);
afterAll(() => db.close());

it('database.types.ts is of this schema and as it was written (else: npm run types)', async () => {
  expect(kept).toBe(await sealedFor(db));
});

it.each([
  'alter table public.stores add column colour text',
  'alter table public.stores alter column store_name drop not null',
  'alter table public.zones_dim alter column position_x type numeric',
  'alter table public.funnel_events drop constraint funnel_events_zone_id_fkey',
  'create function public.more() returns integer language sql as $$ select 1 $$',
  'drop function public.phone_traces(uuid, text) cascade',
  `create type public.mood as enum ('good')`,
])('is of another schema after: %s', async (change) => {
  await db.exec(`begin; ${change}`);
  expect(await sealedFor(db)).not.toBe(kept);
  await db.exec('rollback');
  expect(await sealedFor(db)).toBe(kept);
});

it('an edit by hand breaks the seal', async () => {
  const edited = withoutSeal(kept).replace('store_id: string', 'store_id: number');
  expect(sealTypes(edited, await describeSchema(onPglite(db)))).not.toContain(kept.split('\n')[2]);
});

it('names every table and function of the API', async () => {
  const { rows } = await db.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r'
     union select proname from pg_proc where pronamespace = 'public'::regnamespace`,
  );
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter(({ name }) => !kept.includes(`      ${name}: {`))).toEqual([]);
});
