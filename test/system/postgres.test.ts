import type { PoolClient } from 'pg';
import { DEMO_ORG_ID, DEMO_STORE_ID } from '../../src/embedded/database/demoStore.ts';
import type { UploadBatch } from '../../supabase/functions/_shared/contract.ts';
import { batchOf, dwell, reading, ZONE } from '../support/batches.ts';
import { type Database, migrate, type Postgres, startPostgres } from '../support/postgres.ts';
import type { Edition } from '../support/postgresPrograms.ts';

const CONNECTIONS = 8;
const DERIVED = ['zone_events', 'zone_dwells', 'visits', 'visit_zone_events', 'funnel_events'];
const TABLES = [
  ...DERIVED,
  ...['organisations', 'org_members', 'stores', 'zones_dim'],
  ...['ingest_tokens', 'raw_imports', 'etl_runs'],
];
const CLOSED = ['ingest_tokens', 'raw_imports', 'zone_events', 'zone_dwells'];

let db: Database;

/** The tests of a block run against a server of this edition. */
const useServer = (edition: Edition): void => {
  let server: Postgres;
  beforeAll(async () => {
    server = await startPostgres({ edition });
    db = await server.createDatabase('shop');
    await migrate(db);
  }, 60_000);
  afterAll(() => server?.remove());
  beforeEach(() =>
    db.run(`truncate public.raw_imports, public.etl_runs, public.zone_events, public.zone_dwells,
      public.visits, public.visit_zone_events, public.funnel_events, private.sessions,
      private.figures, private.figure_rules, private.bursts, realtime.messages`),
  );
};

type Role = 'anon' | 'authenticated' | 'service_role';

/** Runs one statement as the API would for this role, over a connection of its own. */
const asRole = async (role: Role, sql: string, values: unknown[] = [], user = '') => {
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    const claims = JSON.stringify({ role, ...(user === '' ? {} : { sub: user }) });
    await client.query(`select set_config('request.jwt.claims', $1, true)`, [claims]);
    await client.query(`set local role ${role}`);
    const { rows } = await client.query(sql, values);
    await client.query('commit');
    return rows;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
};

const ingest = async (batch: UploadBatch) =>
  (await asRole('service_role', 'select ingest_neuralsense_batch($1) as answer', [batch]))[0]
    .answer;

const count = async (table: string): Promise<number> =>
  (await db.pool.query(`select count(*)::int as n from ${table}`)).rows[0].n;

/** All that was sent and derived, less what says when it was written. */
const snapshot = (): Promise<unknown[]> =>
  Promise.all(
    DERIVED.map(
      async (table) =>
        (
          await db.pool.query(
            `select to_jsonb(t) - 'created_at' - 'batch_id' as r from public.${table} t order by 1`,
          )
        ).rows,
    ),
  );

const at = (second: number): string =>
  new Date(Date.parse('2026-03-01T01:00:00Z') + second * 1000).toISOString();
const zones = Object.values(ZONE);
const zoneOf = (place: number): string => zones[place % zones.length] ?? ZONE.entrance;

/** An hour of five phones that wander, with a dwell now and then; batches overlap in time. */
const anHour = (): ReadonlyArray<UploadBatch> =>
  Array.from({ length: 48 }, (_, batch) => {
    const phones = [1, 2, 3, 4, 5];
    const seconds = (phone: number) => batch * 75 + phone * 3;
    return batchOf(
      phones.flatMap((phone) =>
        [0, 30, 90].map((later) =>
          reading(at(seconds(phone) + later), zoneOf(phone + Math.floor(batch / 3)), phone),
        ),
      ),
      batch % 6 === 5
        ? [dwell(at(seconds(1) - 60), at(seconds(1)), zoneOf(1 + Math.floor(batch / 3)), 1)]
        : [],
    );
  });

/** Sends the batches over eight connections at once, each taking the next that is left. */
const ingestAtOnce = async (batches: ReadonlyArray<UploadBatch>): Promise<unknown[]> => {
  const left = [...batches];
  const answers: unknown[] = [];
  const worker = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      answers.push(await ingest(next));
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return answers;
};

describe.each(['debian', 'npm'] as const)(
  'eight connections at once to the server of %s',
  (edition) => {
    useServer(edition);

    it('leave of one store what one connection leaves', async () => {
      const batches = anHour();
      for (const batch of batches) await ingest(batch);
      const sequential = await snapshot();
      await db.run(
        `truncate raw_imports, etl_runs, zone_events, zone_dwells, visits, private.sessions,
        private.figures, private.figure_rules, private.bursts cascade`,
      );
      expect(await count('visit_zone_events')).toBe(0);

      const answers = await ingestAtOnce([...batches].reverse());
      expect(answers.every((answer) => Object(answer).duplicate === false)).toBe(true);
      expect(await snapshot()).toEqual(sequential);
    }, 60_000);

    it('each with its own store need not wait for one another', async () => {
      await db.run(`
      insert into stores (id, org_id, store_name, time_zone)
      select ('00000000-0000-4000-8000-00000000000' || i)::uuid, '${DEMO_ORG_ID}', i, 'UTC'
      from generate_series(1, ${CONNECTIONS}) i on conflict do nothing;
      insert into zones_dim (id, org_id, store_id, zone_code, zone_name, zone_type, position_x,
        position_z)
      select md5(zone.id::text || store.id)::uuid, zone.org_id, store.id, zone_code, zone_name,
        zone_type, position_x, position_z
      from zones_dim zone join stores store on store.id <> zone.store_id
      where zone.store_id = '${DEMO_STORE_ID}' on conflict do nothing;`);
      const { rows } = await db.pool.query(
        `select store_id, jsonb_object_agg(zone_code, id) as zones from zones_dim
       where store_id <> '${DEMO_STORE_ID}' group by store_id`,
      );
      const stores = rows.map(({ store_id, zones: ids }) =>
        Array.from({ length: 20 }, (_, k) => ({
          ...batchOf([1, 2, 3].map((phone) => reading(at(k * 20), ids[1 + (k % 3)], phone))),
          store_id,
        })),
      );
      expect(stores).toHaveLength(CONNECTIONS);

      // One store's lock is held by somebody else all the while.
      const holder: PoolClient = await db.pool.connect();
      await holder.query('begin');
      await holder.query(
        `select pg_advisory_xact_lock(hashtextextended('neuralsense|' || $1, 0))`,
        [DEMO_STORE_ID],
      );
      try {
        await Promise.all(
          stores.map(async (batches) => {
            for (const batch of batches) await ingest(batch);
          }),
        );
      } finally {
        await holder.query('rollback');
        holder.release();
      }
      const visits = `select store_id, count(*)::int as visits, sum(duration_minutes)::float as minutes
      from visits group by store_id order by store_id`;
      expect((await db.pool.query(visits)).rows).toEqual(
        rows
          .map(({ store_id }) => ({ store_id, visits: 3, minutes: 18.99 }))
          .sort((a, b) => (a.store_id < b.store_id ? -1 : 1)),
      );
      expect(await count('zone_events')).toBe(CONNECTIONS * 20 * 3);
    }, 60_000);

    it('with one and the same batch: one takes it, the others get its answer', async () => {
      const batch = batchOf([reading(at(0)), reading(at(60), ZONE.aisle)]);
      const answers = await ingestAtOnce(Array.from({ length: CONNECTIONS }, () => batch));
      expect(answers.filter((answer) => Object(answer).duplicate === false)).toHaveLength(1);
      const [{ duplicate: _, ...answer }] = answers.map(Object);
      for (const other of answers) expect(other).toMatchObject(answer);
      expect([await count('raw_imports'), await count('etl_runs'), await count('visits')]).toEqual([
        1, 1, 1,
      ]);
    });
  },
);

describe('a server of Debian', () => {
  useServer('debian');

  describe('migrations', () => {
    it('have nothing to do the second time', async () => {
      expect(await migrate(db)).toEqual({ migrations: [], seeds: [] });
    });
  });

  describe('an ingest', () => {
    it('leaves the rows that it should', async () => {
      const batch = batchOf([
        reading(at(0), ZONE.entrance),
        reading(at(10), ZONE.windowWest),
        reading(at(80), ZONE.windowWest),
        reading(at(120), ZONE.checkout),
      ]);
      expect(await ingest(batch)).toMatchObject({
        duplicate: false,
        counts: { zone_events: 4, visits: 1, visit_zone_events: 3, funnel_events: 4, rejected: 0 },
      });
      const stays = `select sequence, zone_id, dwell_seconds::float as seconds from visit_zone_events
      order by sequence`;
      expect((await db.pool.query(stays)).rows).toEqual([
        { sequence: 1, zone_id: ZONE.entrance, seconds: 0 },
        { sequence: 2, zone_id: ZONE.windowWest, seconds: 70 },
        { sequence: 3, zone_id: ZONE.checkout, seconds: 0 },
      ]);
      const run = 'select status, error_code from etl_runs';
      expect((await db.pool.query(run)).rows).toEqual([{ status: 'completed', error_code: null }]);
    });
  });

  describe('access', () => {
    const MEMBER = '00000000-0000-4000-8000-000000000001';
    const STRANGER = '00000000-0000-4000-8000-000000000002';
    const DENIED = { code: '42501' };

    beforeEach(async () => {
      await db.run(`insert into org_members (org_id, user_id) values ('${DEMO_ORG_ID}', '${MEMBER}')
      on conflict do nothing`);
      await ingest(batchOf([reading(at(0))]));
    });

    it.each(TABLES)('anon neither reads nor writes %s', async (table) => {
      await expect(asRole('anon', `select 1 from ${table}`)).rejects.toMatchObject(DENIED);
      await expect(asRole('anon', `delete from ${table}`)).rejects.toMatchObject(DENIED);
    });

    it.each(TABLES.filter((table) => !CLOSED.includes(table)))(
      'a member reads %s, a stranger sees none of it',
      async (table) => {
        const sql = `select org_id from ${table}`.replace(
          'org_id from organisations',
          'id from organisations',
        );
        expect(await asRole('authenticated', sql, [], MEMBER)).not.toHaveLength(0);
        expect(await asRole('authenticated', sql, [], STRANGER)).toHaveLength(0);
      },
    );

    it.each(CLOSED)('a member does not read %s', async (table) => {
      const reads = asRole('authenticated', `select 1 from ${table}`, [], MEMBER);
      await expect(reads).rejects.toMatchObject(DENIED);
    });

    it('anon may execute no function of the API', async () => {
      const sql = `select p.oid::regprocedure::text as name from pg_proc p
      where p.pronamespace = 'public'::regnamespace and has_function_privilege('anon', p.oid, 'execute')`;
      expect((await db.pool.query(sql)).rows).toEqual([]);
    });

    it.each(['anon', 'authenticated'] as const)('%s does not ingest', async (role) => {
      const sql = 'select ingest_neuralsense_batch($1)';
      const ingests = asRole(role, sql, [batchOf([reading(at(5))])], MEMBER);
      await expect(ingests).rejects.toMatchObject(DENIED);
      expect(await count('zone_events')).toBe(1);
    });
  });
});
