/**
 * What a batch of 50 readings costs in a small store, in a store with a long history, and where one
 * visitor has been there all day. The stores take turns, so a busy machine slows them all alike.
 *
 * npm run bench:ingest -- [--on pglite|postgres] [--rows 300000] [--batches 40]
 */
import { parseArgs } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import type { PoolClient } from 'pg';
import { DEMO_ORG_ID, DEMO_STORE_ID } from '../src/embedded/database/demoStore.ts';
import { applyMigrations, onPglite, type RunScript } from '../src/embedded/database/migrate.ts';
import type { UploadBatch } from '../supabase/functions/_shared/contract.ts';
import { batchOf, dwell, macHash, reading, ZONE } from '../test/support/batches.ts';
import { migrate, startPostgres } from '../test/support/postgres.ts';

const ALLOWED_RATIO = 1.5;
const SMALL = 10_000;
const LONG_VISIT = 10_000;
const PHONES = 50;
const WINDOW_MS = 5_000;
/** Evening in the demo store, whose day began at four in the morning. */
const NOW = Date.parse('2026-03-02T10:00:00Z');

interface Store {
  readonly run: RunScript;
  readonly ingest: (batch: UploadBatch) => Promise<unknown>;
}

interface Engine {
  readonly name: string;
  readonly createStore: (name: string) => Promise<Store>;
  readonly close: () => Promise<void>;
}

const CALL = 'select public.ingest_neuralsense_batch($1) as answer';

const onEmbedded = (): Engine => {
  const open: PGlite[] = [];
  return {
    name: 'PGlite',
    createStore: async () => {
      const db = new PGlite();
      open.push(db);
      await applyMigrations(onPglite(db));
      return {
        run: onPglite(db),
        ingest: async (batch) => (await db.query(CALL, [batch])).rows[0],
      };
    },
    close: async () => {
      for (const db of open) await db.close();
    },
  };
};

const onServer = async (): Promise<Engine> => {
  const server = await startPostgres();
  const clients: PoolClient[] = [];
  return {
    name: 'PostgreSQL',
    createStore: async (name) => {
      const database = await server.createDatabase(name);
      await migrate(database);
      const client = await database.pool.connect();
      clients.push(client);
      return {
        run: async (script) => {
          await client.query(script);
          return [];
        },
        ingest: async (batch) => (await client.query(CALL, [batch])).rows[0],
      };
    },
    close: async () => {
      for (const client of clients) client.release();
      await server.remove();
    },
  };
};

/** Earlier visits of other phones, up to the day before: 30 readings and 6 stays each. */
const history = (events: number): string => `
  create temp table zones as select row_number() over (order by zone_code) - 1 as n, id
  from public.zones_dim where store_id = '${DEMO_STORE_ID}';
  create temp table past as
  select v, private.uuid_of('visit' || v) as id, encode(sha256(v::text::bytea), 'hex') as mac,
    timestamptz '2026-03-01T10:00:00Z' - v * interval '30 seconds' as entry_time
  from generate_series(1, ${Math.ceil(events / 30)}) v;
  insert into public.zone_events (id, org_id, store_id, zone_id, batch_id, reading_key, hashed_mac,
    event_time, sensor_type, rssi_readings, position_x, position_y, confidence)
  select private.uuid_of('event' || v || '|' || e), '${DEMO_ORG_ID}', '${DEMO_STORE_ID}', zones.id,
    past.id, encode(sha256((v || '|' || e)::bytea), 'hex'), mac,
    entry_time + e * interval '5 seconds', 'wifi', '{"pi1": -50, "pi5": -61.5}', 1.5, 2.5, 0.8
  from past cross join generate_series(0, 29) e join zones on zones.n = (v + e / 5) % 19;
  insert into public.visits (id, org_id, store_id, user_id, visit_date, visitor_id, entry_time,
    exit_time, duration_minutes, zones_visited, source, metadata)
  select past.id, '${DEMO_ORG_ID}', '${DEMO_STORE_ID}', 'system', entry_time::date,
    private.visitor_id('${DEMO_STORE_ID}', mac), entry_time, entry_time + interval '145 seconds',
    2.42, array(select id from zones where n < 6), 'neuralsense',
    jsonb_build_object('hashed_mac', mac)
  from past;
  insert into public.visit_zone_events (id, org_id, store_id, visit_id, zone_id, sequence,
    entered_at, exited_at, dwell_seconds, zone_seconds, origin, source)
  select private.uuid_of('stay' || v || '|' || s), '${DEMO_ORG_ID}', '${DEMO_STORE_ID}', past.id,
    zones.id, s + 1, entry_time + s * interval '25 seconds',
    entry_time + s * interval '25 seconds' + interval '20 seconds', 20, 20, 'dwell', 'neuralsense'
  from past cross join generate_series(0, 5) s join zones on zones.n = (v + s) % 19;
  insert into public.zone_dwells (store_id, hashed_mac, zone_id, entered_at, exited_at, dwell_seconds)
  select '${DEMO_STORE_ID}', mac, stay.zone_id, entered_at, exited_at, dwell_seconds
  from past join public.visit_zone_events stay on stay.visit_id = past.id;
  drop table past, zones;`;

/** One phone that has been heard every five seconds until now, and wanders now and then. */
const longVisit = (events: number): string => `
  insert into public.zone_events (id, org_id, store_id, zone_id, batch_id, reading_key, hashed_mac,
    event_time, sensor_type, rssi_readings, position_x, position_y, confidence)
  select private.uuid_of('long' || e), '${DEMO_ORG_ID}', '${DEMO_STORE_ID}',
    (array['${Object.values(ZONE).join("','")}'])[1 + e / 20 % 4]::uuid, gen_random_uuid(),
    encode(sha256(('long' || e)::bytea), 'hex'), '${macHash(1)}',
    to_timestamp(${NOW / 1000} - e * 5), 'wifi', '{"pi1": -50}', 1.5, 2.5, 0.8
  from generate_series(1, ${events}) e;
  select private.derive_visits('${DEMO_STORE_ID}', array(
    select row(hashed_mac, event_time)::private.sighting from public.zone_events
    where hashed_mac = '${macHash(1)}'), '{}');`;

/** What the gateway sends at a time: everybody's last window, and a dwell of who went elsewhere. */
const batchAt = (k: number): UploadBatch => {
  const zones = Object.values(ZONE);
  const zoneOf = (window: number, phone: number) =>
    zones[Math.floor((window + phone) / 10) % zones.length] ?? ZONE.entrance;
  const at = (window: number) => new Date(NOW + window * WINDOW_MS).toISOString();
  const phones = Array.from({ length: PHONES }, (_, i) => i + 1);
  return batchOf(
    phones.map((phone) => reading(at(k), zoneOf(k, phone), phone)),
    phones
      .filter((phone) => k >= 10 && zoneOf(k, phone) !== zoneOf(k - 1, phone))
      .map((phone) => dwell(at(k - 10), at(k - 1), zoneOf(k - 1, phone), phone)),
  );
};

const median = (values: ReadonlyArray<number>): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const measure = async (engine: Engine, rows: number, batches: number): Promise<boolean> => {
  const fill = { small: history(SMALL), large: history(rows), long: longVisit(LONG_VISIT) };
  const stores: Array<{ name: string; store: Store; times: number[] }> = [];
  for (const [name, script] of Object.entries(fill)) {
    const store = await engine.createStore(name);
    await store.run(script);
    // PGlite has no autovacuum: there the planner knows nothing.
    if (engine.name === 'PostgreSQL') await store.run('vacuum analyze');
    stores.push({ name, store, times: [] });
  }
  const warmUp = 10;
  for (let k = 0; k < batches + warmUp; k++)
    for (const { store, times } of stores) {
      const begun = performance.now();
      await store.ingest(batchAt(k));
      if (k >= warmUp) times.push(performance.now() - begun);
    }
  const base = median(stores[0]?.times ?? []);
  const ratios = stores.map(({ times }) => median(times) / base);
  const words = { small: `${SMALL} events`, large: `${rows} events`, long: 'a visit all day' };
  for (const [i, { name, times }] of stores.entries())
    process.stdout.write(
      `${engine.name.padEnd(11)} ${Reflect.get(words, name).padEnd(16)} ` +
        `${median(times).toFixed(1).padStart(7)} ms  × ${ratios[i]?.toFixed(2)}\n`,
    );
  return ratios.every((ratio) => ratio <= ALLOWED_RATIO);
};

const { values } = parseArgs({
  options: {
    on: { type: 'string' },
    rows: { type: 'string', default: '300000' },
    batches: { type: 'string', default: '40' },
  },
});
for (const [name, open] of [
  ['pglite', onEmbedded],
  ['postgres', onServer],
] as const) {
  if (values.on !== undefined && values.on !== name) continue;
  const engine = await open();
  try {
    if (!(await measure(engine, Number(values.rows), Number(values.batches)))) {
      process.stdout.write(`${engine.name}: more than ${ALLOWED_RATIO} times the small store\n`);
      process.exitCode = 1;
    }
  } finally {
    await engine.close();
  }
}
