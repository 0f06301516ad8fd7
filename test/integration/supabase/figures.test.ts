import type { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { DEMO_STORE_ID } from '../../../src/embedded/database/demoStore.ts';
import { batchOf, macHash, reading, ZONE } from '../../support/batches.ts';
import {
  addMember,
  asRole,
  ingest,
  MEMBER,
  migratedDatabase,
  type Row,
  rowsOf,
  rpcOn,
  singleValue,
  staleFigures,
} from '../../support/database.ts';

const zones = Object.values(ZONE);
/** Ten days of a store in Berlin; on 29 March its day has 23 hours. */
const BEGIN = Date.parse('2026-03-24T00:00:00Z');
const HOUR_MS = 3_600_000;
const DAYS = 10;

let db: PGlite;

/** Repeats itself, so a failure does, too. */
const sequence = (seed: number) => () => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
  return seed / 2 ** 31;
};

/** Visits of some seconds to an hour, at any time of day, of phones that come again and of others. */
const someVisits = () => {
  const random = sequence(7);
  return Array.from({ length: 90 }, () => {
    const begins = BEGIN + Math.floor(random() * DAYS * 24) * HOUR_MS + random() * HOUR_MS;
    const phone = Math.floor(random() ** 2 * 25);
    const steps = 1 + Math.floor(random() * 8);
    const pace = random() * 400_000;
    return Array.from({ length: steps }, (_, step) =>
      reading(
        new Date(Math.round(begins + step * pace)).toISOString(),
        zones[Math.floor(random() * zones.length)],
        phone,
      ),
    );
  });
};

beforeAll(async () => {
  db = await migratedDatabase();
  await addMember(db);
  await db.exec(`update stores set time_zone = 'Europe/Berlin'`);
  for (const readings of someVisits()) await ingest(db, batchOf(readings));
}, 60_000);
afterAll(() => db.close());

const kpi = (name: string, ...args: ReadonlyArray<unknown>) =>
  asRole(
    db,
    'authenticated',
    `select * from public.${name}(${args.map((_, i) => `$${i + 1}`).join(', ')})`,
    args,
    MEMBER,
  );
const FUNCTIONS = [
  'kpi_overview',
  'kpi_visitors',
  'kpi_zones',
  'kpi_funnel',
  'kpi_visit_lengths',
  'kpi_paths',
];
const figures = async (from: string, to: string) => {
  const found: Array<ReadonlyArray<Row>> = [];
  for (const name of FUNCTIONS) found.push(await kpi(name, DEMO_STORE_ID, from, to));
  return found;
};
const withoutKept = async <A>(run: () => Promise<A>): Promise<A> => {
  const [{ rules } = {}] = await rowsOf(db, 'delete from private.figure_rules returning rules');
  try {
    return await run();
  } finally {
    await db.query('insert into private.figure_rules values ($1, $2)', [DEMO_STORE_ID, rules]);
  }
};
const kept = () => singleValue(db, 'select private.are_figures_kept($1)', [DEMO_STORE_ID]);

/** Any two instants: midnights and hours of Berlin, visits' own beginnings, and whatever lies between. */
const instant = fc.oneof(
  fc.nat(DAYS).map((day) => BEGIN - HOUR_MS + day * 24 * HOUR_MS),
  fc.nat(DAYS * 24).map((hour) => BEGIN + hour * HOUR_MS),
  fc.constantFrom(...someVisits().map(([first]) => Date.parse(first?.timestamp ?? ''))),
  fc.integer({ min: BEGIN - 1e8, max: BEGIN + 1e9 }),
);
const period = fc
  .tuple(instant, instant)
  .map(([a, b]) =>
    [Math.min(a, b), Math.max(a, b)].map((at) => new Date(at).toISOString() as string),
  );

it('are what counting anew gives', async () => {
  expect(await kept()).toBe(true);
  expect(await singleValue(db, 'select count(*)::int from private.figures')).toBeGreaterThan(300);
  expect(await staleFigures(db, DEMO_STORE_ID)).toEqual([]);
});

it('answer any period as the visits themselves do', async () => {
  await fc.assert(
    fc.asyncProperty(period, async ([from = '', to = '']) => {
      const answer = await figures(from, to);
      expect(await withoutKept(() => figures(from, to))).toEqual(answer);
      const visit = `source = 'neuralsense' and exit_time - entry_time >= interval '60 s'`;
      const [direct] = await rowsOf(
        db,
        `select count(*)::int as footfall, count(distinct visitor_id)::int as unique_visitors,
           coalesce(percentile_cont(0.5) within group (
             order by extract(epoch from exit_time - entry_time)::float8), 0) as median_dwell_seconds
         from visits where ${visit} and entry_time >= $1 and entry_time < $2`,
        [from, to],
      );
      const median = expect.closeTo(Number(direct?.['median_dwell_seconds']), 6);
      expect(answer[0]).toMatchObject([{ ...direct, median_dwell_seconds: median }]);
      const [again] = await rowsOf(
        db,
        `select count(distinct visitor_id)::int as returning_visitors from visits v
         where ${visit} and entry_time >= $1 and entry_time < $2
           and visitor_id in (select visitor_id from visits where ${visit} and entry_time < $1)`,
        [from, to],
      );
      expect(answer[1]).toMatchObject([again]);
    }),
    { numRuns: 60, interruptAfterTimeLimit: 60_000 },
  );
}, 90_000);

it('are asked for without limits, too', async () => {
  const answer = await figures('-infinity', 'infinity');
  expect(await withoutKept(() => figures('-infinity', 'infinity'))).toEqual(answer);
  expect(answer[0]?.[0]?.['sessions']).toBe(
    await singleValue(db, 'select count(*)::int from visits'),
  );
});

describe('when what they are counted by changes', () => {
  const change = (sql: string) => db.query(sql, [DEMO_STORE_ID]);
  it.each([
    [
      'a threshold',
      `update stores set settings = '{"visit_at_least_seconds": 600}' where id = $1`,
      `update stores set settings = '{}' where id = $1`,
    ],
    [
      'the time zone',
      `update stores set time_zone = 'Asia/Kathmandu' where id = $1`,
      `update stores set time_zone = 'Europe/Berlin' where id = $1`,
    ],
    [
      'a zone’s type',
      `update zones_dim set zone_type = 'entrance' where store_id = $1 and zone_code = '6'`,
      `update zones_dim set zone_type = 'aisle' where store_id = $1 and zone_code = '6'`,
    ],
  ])(
    'they answer by the new rule at once, and are kept by it from the next batch on: %s',
    async (_what, forth, back) => {
      const period = ['2026-03-25T00:00:00Z', '2026-04-01T12:34:56Z'] as const;
      const before = await figures(...period);
      await change(forth);
      expect(await kept()).toBe(false);
      const changed = await figures(...period);
      expect(changed).not.toEqual(before);
      await ingest(db, batchOf([reading('2026-05-01T00:00:00Z', ZONE.entrance, 99)]));
      expect(await kept()).toBe(true);
      expect(await staleFigures(db, DEMO_STORE_ID)).toEqual([]);
      expect(await figures(...period)).toEqual(changed);
      await change(back);
      await rpcOn(db)('prune_store_data', { store_id: DEMO_STORE_ID, max_rows: 1 });
      expect(await kept()).toBe(true);
      expect(await figures(...period)).toEqual(before);
    },
  );
});

it('forget a phone with its visits', async () => {
  for (const phone of [0, 1, 2]) {
    const args = { store_id: DEMO_STORE_ID, hashed_mac: macHash(phone) };
    expect((await rpcOn(db)('forget_phone', args)).error).toBeNull();
    expect(await staleFigures(db, DEMO_STORE_ID)).toEqual([]);
  }
});

it('do not change when readings are pruned', async () => {
  const before = await figures('-infinity', 'infinity');
  await db.exec(`update stores set settings = '{"keep_zone_events_days": 2}'`);
  await rpcOn(db)('prune_store_data', { store_id: DEMO_STORE_ID, max_rows: 100_000 });
  expect(await singleValue(db, 'select count(*)::int from zone_events')).toBe(0);
  expect(await figures('-infinity', 'infinity')).toEqual(before);
  expect(await staleFigures(db, DEMO_STORE_ID)).toEqual([]);
});

it('are not trusted in a large store whose rules were changed and changed back', async () => {
  await db.exec(`update stores set settings = '{}'`);
  await db.query(
    `insert into private.sessions (store_id, hashed_mac, entry_time, exit_time, visit_id, visitor_id,
       zones, zones_since, is_persistent, is_resident)
     select $1, lpad(to_hex(100000 + n), 64, '0'), at, at + interval '5 minutes', gen_random_uuid(),
       gen_random_uuid(), array[$2::uuid], array[at], true, false
     from generate_series(1, 5001) n
     cross join lateral (select timestamptz '2026-04-10T03:00:00Z' + n * interval '1 minute') t (at)`,
    [DEMO_STORE_ID, ZONE.aisle],
  );
  await rpcOn(db)('prune_store_data', { store_id: DEMO_STORE_ID });
  expect(await kept()).toBe(true);
  const soon = new Date(Date.now() - HOUR_MS).toISOString();
  const visits = async () => (await kpi('kpi_overview', DEMO_STORE_ID, soon, 'infinity'))[0];

  await db.exec(`update stores set settings = '{"visit_at_least_seconds": 30}'`);
  const later = new Date(Date.parse(soon) + 300_000).toISOString();
  await ingest(db, batchOf([reading(soon, ZONE.aisle, 77), reading(later, ZONE.aisle, 77)]));
  await db.exec(`update stores set settings = '{}'`);

  expect(await visits()).toMatchObject({ footfall: 1 });
  await rpcOn(db)('prune_store_data', { store_id: DEMO_STORE_ID });
  expect(await visits()).toMatchObject({ footfall: 1 });
  expect(await kept()).toBe(true);
  expect(await staleFigures(db, DEMO_STORE_ID)).toEqual([]);
}, 60_000);
