import type { PGlite } from '@electric-sql/pglite';
import { DEMO_ORG_ID } from '../../src/embedded/database/demoStore.ts';
import { applyMigrations, onPglite } from '../../src/embedded/database/migrate.ts';
import { hashIngestToken } from '../../supabase/functions/_shared/ingestToken.ts';
import type { Rpc } from '../../supabase/functions/process-neuralsense-data/database.ts';
import { emptyDatabase } from './emptyDatabase.ts';

export type Row = Record<string, unknown>;

/** A real Postgres in this process, migrated and seeded. `before` runs on the still empty one. */
export const migratedDatabase = async (before = ''): Promise<PGlite> => {
  const db = await emptyDatabase();
  await db.exec(before);
  await applyMigrations(onPglite(db));
  return db;
};

export const rowsOf = async (
  db: PGlite,
  sql: string,
  values: ReadonlyArray<unknown> = [],
): Promise<ReadonlyArray<Row>> => (await db.query<Row>(sql, [...values])).rows;

/** The one value of a query's one row. */
export const singleValue = async (
  db: PGlite,
  sql: string,
  values: ReadonlyArray<unknown> = [],
): Promise<unknown> => Object.values((await rowsOf(db, sql, values))[0] ?? {})[0];

/** Of the demo store's organisation, once {@link addMember} has run. */
export const MEMBER = '00000000-0000-4000-8000-000000000001';

export const addMember = (db: PGlite): Promise<unknown> =>
  db.query('insert into public.org_members (org_id, user_id) values ($1, $2)', [
    DEMO_ORG_ID,
    MEMBER,
  ]);

/** Runs one statement as the API would for this role; `user` is the signed-in user's id. */
export const asRole = (
  db: PGlite,
  role: 'anon' | 'authenticated' | 'service_role',
  sql: string,
  values: ReadonlyArray<unknown> = [],
  user = '',
): Promise<ReadonlyArray<Row>> =>
  db.transaction(async (tx) => {
    const claims = JSON.stringify({ role, ...(user === '' ? {} : { sub: user }) });
    await tx.query(`select set_config('request.jwt.claims', $1, true)`, [claims]);
    await tx.exec(`set local role ${role}`);
    return (await tx.query<Row>(sql, [...values])).rows;
  });

const field = (value: unknown, name: string): string => {
  const found = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === 'string' ? found : '';
};

/** supabase-js's `rpc` with the service role, without the network. */
export const rpcOn =
  (db: PGlite): Rpc =>
  async (name, args) => {
    const keys = Object.keys(args);
    const named = keys.map((key, position) => `${key} => $${position + 1}`).join(', ');
    try {
      const [row] = await asRole(
        db,
        'service_role',
        `select public.${name}(${named}) as answer`,
        Object.values(args),
      );
      return { data: row?.['answer'], error: null };
    } catch (thrown) {
      return {
        data: null,
        error: { code: field(thrown, 'code'), message: field(thrown, 'message') },
      };
    }
  };

/** Stores a batch as the function does; a refusal of the database is thrown. */
export const ingest = async (db: PGlite, batch: object): Promise<Row> => {
  const { data, error } = await rpcOn(db)('ingest_neuralsense_batch', { batch });
  if (error) throw Object.assign(new Error(error.message), error);
  return Object(data);
};

export const addToken = async (db: PGlite, store: string, token: string): Promise<void> => {
  await db.query(
    `insert into public.ingest_tokens (store_id, label, token_hash) values ($1, 'test', $2)`,
    [store, await hashIngestToken(token)],
  );
};

/** Everything that sensors have caused; the shop itself stays. */
export const forgetEverything = (db: PGlite): Promise<unknown> =>
  db.exec(`truncate public.raw_imports, public.etl_runs, public.zone_events, public.zone_dwells,
    public.visits, public.visit_zone_events, public.funnel_events, private.sessions,
    private.figures, private.figure_rules, private.bursts, realtime.messages`);

/** Figures that are not what counting anew says; each is [which, measure, at, key, n, m, micros]. */
export const staleFigures = (db: PGlite, store: string): Promise<ReadonlyArray<Row>> =>
  rowsOf(
    db,
    `with kept as (
       select measure, at, key, n, m, micros from private.figures where store_id = $1
     ), counted as (
       select measure, at, key, sum(n)::bigint as n, sum(m)::bigint as m, sum(micros)::bigint as micros
       from private.counted_figures($1) group by measure, at, key
     )
     (select 'kept' as which, * from kept except all select 'kept', * from counted)
     union all
     (select 'counted', * from counted except all select 'counted', * from kept)`,
    [store],
  );
