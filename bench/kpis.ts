/**
 * What each question of a dashboard costs in a store with a year of history, and what a batch of 50
 * readings costs there against a store of ten thousand readings. On a PostgreSQL server of its own.
 *
 * npm run bench:kpis -- [--days 365] [--visits 830] [--events 34] [--runs 15] [--batches 40]
 *   [--keep] [--on postgres://…]
 *
 * Ten million readings need some ten gigabytes of disk and half an hour; `--keep` leaves the server and
 * says where it is, `--on` asks one that was left.
 */
import { parseArgs } from 'node:util';
import type { PoolClient } from 'pg';
import { DEMO_ORG_ID, DEMO_STORE_ID } from '../src/embedded/database/demoStore.ts';
import { batchOf, reading, ZONE } from '../test/support/batches.ts';
import {
  attachPostgres,
  type Database,
  migrate,
  type Postgres,
  startPostgres,
} from '../test/support/postgres.ts';
import { type Cost, costOf, medians, processOf } from './cost.ts';
import { fillDay, prepareYear, type StoreYear } from './storeYear.ts';

const UNTIL = '2026-03-02T00:00:00+09:00';
const ALLOWED_MS = 100;
const ALLOWED_RATIO = 1.5;
const SMALL: StoreYear = {
  days: 1,
  visitsPerDay: 300,
  eventsPerVisit: 34,
  staysPerVisit: 6,
  until: UNTIL,
};
const MEMBER = '00000000-0000-4000-8000-000000000001';

const seconds = (begun: number): string => ((performance.now() - begun) / 1000).toFixed(1);

const fill = async (client: PoolClient, year: StoreYear): Promise<void> => {
  // What is generated refers to what is there.
  await client.query('set session_replication_role = replica');
  await client.query(prepareYear);
  for (let day = 1; day <= year.days; day++) {
    await client.query(`begin; set local synchronous_commit = off; ${fillDay(year, day)} commit;`);
    if (day % 30 === 0) process.stderr.write(`${day} of ${year.days} days\n`);
  }
  await client.query('reset session_replication_role');
  await client.query('vacuum analyze');
  const begun = performance.now();
  await client.query(`select private.count_figures('${DEMO_STORE_ID}')`);
  process.stdout.write(`all figures counted anew in ${seconds(begun)} s\n`);
  await client.query('vacuum analyze');
};

const open = async (database: Database, year: StoreYear): Promise<PoolClient> => {
  await migrate(database);
  const client = await database.pool.connect();
  await client.query(
    'insert into org_members (org_id, user_id) values ($1, $2) on conflict do nothing',
    [DEMO_ORG_ID, MEMBER],
  );
  const { rowCount } = await client.query('select from zone_events limit 1');
  if (rowCount === 0) await fill(client, year);
  return client;
};

const day = (ago: number): string => new Date(Date.parse(UNTIL) - ago * 86_400_000).toISOString();
const date = (ago: number): string =>
  new Date(Date.parse(UNTIL) + 9 * 3_600_000 - ago * 86_400_000).toISOString().slice(0, 10);

const questions = (days: number): ReadonlyArray<readonly [string, string]> => {
  const ranges = [
    ['day', 1, 0],
    ['week', 7, 0],
    ['month', 31, 0],
    ['year', days, 0],
    ['odd month', 31.37, 0.41],
  ] as const;
  const ranged = ['overview', 'visitors', 'zones', 'funnel', 'visit_lengths', 'paths', 'people'];
  const store = `'${DEMO_STORE_ID}'`;
  return [
    ...ranged.flatMap((name) =>
      ranges.map(
        ([range, from, to]) =>
          [`kpi_${name} ${range}`, `kpi_${name}(${store}, '${day(from)}', '${day(to)}')`] as const,
      ),
    ),
    ['kpi_hourly day', `kpi_hourly(${store}, '${date(1)}', '${date(0)}')`],
    ['kpi_hourly month', `kpi_hourly(${store}, '${date(31)}', '${date(0)}')`],
    ['kpi_zone_hours', `kpi_zone_hours(${store}, '${ZONE.aisle}', '${date(1)}')`],
    ['kpi_compare', `kpi_compare(${store}, '${date(1)}', '${day(0)}')`],
    ['kpi_compare so far', `kpi_compare(${store}, '${date(1)}', '${day(0.4)}')`],
    ['kpi_occupancy', `kpi_occupancy(${store}, '${day(0.4)}')`],
    ['kpi_thresholds', `kpi_thresholds(${store})`],
    ['ingest_runs', `ingest_runs(${store}, 20)`],
    ['ingest_health', `ingest_health(${store}, now())`],
  ];
};

/** The median of some runs after three that warm up. */
const ask = async (client: PoolClient, call: string, runs: number): Promise<Cost> => {
  const pid = await processOf(client);
  const costs: Cost[] = [];
  for (let run = -3; run < runs; run++) {
    const cost = await costOf(pid, () => client.query(`select * from ${call}`));
    if (run >= 0) costs.push(cost);
  }
  return medians(costs);
};

const inMs = (value: number): string => value.toFixed(1).padStart(8);

const lineOf = (name: string, { taken, computed }: Cost): string =>
  `${name.padEnd(28)} ${inMs(taken)} ms, computed ${inMs(computed)} ms`;

const REFERENCE = '(select count(*) from generate_series(1, 1000000)) counted';

const askAll = async (client: PoolClient, days: number, runs: number): Promise<boolean> => {
  const claims = JSON.stringify({ role: 'authenticated', sub: MEMBER });
  await client.query(`select set_config('request.jwt.claims', $1, false)`, [claims]);
  await client.query('set role authenticated');
  // How fast this machine is just now: a million rows made and counted.
  const reference = await ask(client, REFERENCE, runs);
  process.stdout.write(`${lineOf('reference', reference)}\n`);
  let isFast = true;
  for (const [name, call] of questions(days)) {
    const { taken, computed } = await ask(client, `public.${call}`, runs);
    if (taken >= ALLOWED_MS) isFast = false;
    process.stdout.write(`${lineOf(name, { taken, computed })}\n`);
  }
  await client.query('reset role');
  return isFast;
};

const CALL = 'select public.ingest_neuralsense_batch($1)';
const PHONES = 50;

/** Everybody's next window; they wander now and then. */
const batchAt = (k: number) => {
  const zones = Object.values(ZONE);
  const at = new Date(Date.parse(UNTIL) + 10 * 3_600_000 + k * 5_000).toISOString();
  return batchOf(
    Array.from({ length: PHONES }, (_, phone) =>
      reading(at, zones[Math.floor((k + phone) / 10) % zones.length], phone + 1),
    ),
  );
};

/** The stores take turns, so that a busy machine slows them all alike. */
const compareIngestion = async (
  small: PoolClient,
  large: PoolClient,
  batches: number,
): Promise<boolean> => {
  const stores = await Promise.all(
    [small, large].map(async (client) => ({
      client,
      pid: await processOf(client),
      costs: [] as Cost[],
    })),
  );
  // Where an earlier run left off, so that the readings are new.
  const { rows } = await large.query('select count(*)::int as n from raw_imports');
  for (let k = -10; k < batches; k++)
    for (const { client, pid, costs } of stores) {
      const batch = batchAt(rows[0].n + k + 10);
      const cost = await costOf(pid, () => client.query(CALL, [batch]));
      if (k >= 0) costs.push(cost);
    }
  const nothing = { taken: Number.NaN, computed: Number.NaN };
  const [few = nothing, many = nothing] = stores.map(({ costs }) => medians(costs));
  for (const [what, small, large] of [
    ['taken', few.taken, many.taken],
    ['computed', few.computed, many.computed],
  ] as const)
    process.stdout.write(
      `a batch of ${PHONES}, ${what}: ${inMs(small)} ms in the small store, ${inMs(large)} ms in the large, × ${(large / small).toFixed(2)}\n`,
    );
  return many.taken / few.taken <= ALLOWED_RATIO;
};

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '365' },
    visits: { type: 'string', default: '830' },
    events: { type: 'string', default: '34' },
    runs: { type: 'string', default: '15' },
    batches: { type: 'string', default: '40' },
    keep: { type: 'boolean', default: false },
    on: { type: 'string' },
  },
});
const year: StoreYear = {
  days: Number(values.days),
  visitsPerDay: Number(values.visits),
  eventsPerVisit: Number(values.events),
  staysPerVisit: 6,
  until: UNTIL,
};
const measure = async (server: Pick<Postgres, 'createDatabase'>): Promise<string> => {
  const database = await server.createDatabase('large');
  const large = await open(database, year);
  const small = await open(await server.createDatabase('small'), SMALL);
  const { rows } = await large.query(
    `select (select count(*) from zone_events) as events, (select count(*) from visits) as visits`,
  );
  process.stdout.write(`${rows[0].events} zone_events, ${rows[0].visits} visits\n`);
  const isFast = await askAll(large, year.days, Number(values.runs));
  const isFlat = await compareIngestion(small, large, Number(values.batches));
  if (!(isFast && isFlat)) process.exitCode = 1;
  large.release();
  small.release();
  return database.url.replace(/\/large$/, '');
};

if (values.on === undefined) {
  const server = await startPostgres();
  try {
    const url = await measure(server);
    if (values.keep) process.stdout.write(`left at ${url}\n`);
  } finally {
    if (!values.keep) await server.remove();
  }
} else await measure(attachPostgres(values.on));
process.exit();
