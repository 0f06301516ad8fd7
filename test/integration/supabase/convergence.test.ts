import type { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { DEMO_STORE_ID } from '../../../src/embedded/database/demoStore.ts';
import type {
  DeviceClass,
  UploadDwell,
  UploadReading,
} from '../../../supabase/functions/_shared/contract.ts';
import { batchOf, dwell, reading, ZONE } from '../../support/batches.ts';
import {
  addMember,
  asRole,
  forgetEverything,
  ingest,
  MEMBER,
  migratedDatabase,
  rowsOf,
  singleValue,
  staleFigures,
} from '../../support/database.ts';
import { DERIVED_SQL, type Derived, derivation } from '../../support/derivation.ts';

let db: PGlite;
beforeAll(async () => {
  db = await migratedDatabase();
  await addMember(db);
}, 60_000);
afterAll(() => db.close());

type Row = { readonly reading: UploadReading } | { readonly dwell: UploadDwell };

const zones: ReadonlyArray<string> = Object.values(ZONE);
/** Around 04:00 in Seoul, so that visits meet the day's start; gaps on both sides of 15 min. */
const at = (minute: number): string =>
  new Date(Date.parse('2026-03-01T17:30:00Z') + minute * 60_000).toISOString();

const readingsIn = (rows: ReadonlyArray<Row>) =>
  rows.flatMap((row) => ('reading' in row ? [row.reading] : []));
const dwellsIn = (rows: ReadonlyArray<Row>) =>
  rows.flatMap((row) => ('dwell' in row ? [row.dwell] : []));
const batchFrom = (rows: ReadonlyArray<Row>) => batchOf(readingsIn(rows), dwellsIn(rows));
const expected = (rows: ReadonlyArray<Row>): Derived =>
  derivation(readingsIn(rows), dwellsIn(rows));

const derived = async (): Promise<Derived> => ({
  visits: await rowsOf(db, DERIVED_SQL.visits),
  stays: await rowsOf(db, DERIVED_SQL.stays),
  funnel: await rowsOf(db, DERIVED_SQL.funnel),
});

/** All rows of the tables, less what says when they were written. */
const snapshot = async (): Promise<ReadonlyArray<unknown>> =>
  Promise.all(
    ['zone_events', 'zone_dwells', 'visits', 'visit_zone_events', 'funnel_events'].map((table) =>
      singleValue(
        db,
        `select jsonb_agg(r - 'created_at' - 'batch_id' order by r - 'created_at' - 'batch_id')
         from (select to_jsonb(t) as r from public.${table} t) rows`,
      ),
    ),
  );

const deviceClass: fc.Arbitrary<DeviceClass | undefined> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 4, arbitrary: fc.constant('randomised_burst' as const) },
  { weight: 2, arbitrary: fc.constant('randomised_visitor' as const) },
  { weight: 1, arbitrary: fc.constant('randomised_resident' as const) },
);
const phone = fc.integer({ min: 1, max: 3 });
const zone = fc.constantFrom(...zones);

// The signal follows from the zone: one line of one phone always lies in one zone.
const heard = (minute: number, zone_id: string, who: number, device_class?: DeviceClass): Row => ({
  reading: {
    ...reading(at(minute), zone_id, who, -40 - zones.indexOf(zone_id)),
    ...(device_class === undefined ? {} : { device_class }),
  },
});

/** A phone's way through the shop, in order: most rows follow closely, some start another visit. */
const aStep = fc.record({
  step: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(0, 0, 0.1, 0.5, 1) },
    fc.constantFrom(15, 15.1, 60),
  ),
  zone,
  phone: fc.integer({ min: 1, max: 2 }),
  /** How long ago the dwell began that this row is, if it is one. */
  dwelt: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    fc.constantFrom(0, 0.1, 0.6, 1.5, 20),
  ),
  lasts: fc.constantFrom(0, 0, 0, 2, 40),
});
const aWay = fc.array(aStep, { minLength: 2, maxLength: 40, size: 'max' }).map((steps) => {
  let minute = 0;
  return steps.map(({ step, zone: zone_id, phone: who, dwelt, lasts }): Row => {
    minute += step;
    return dwelt === null
      ? heard(minute, zone_id, who)
      : { dwell: dwell(at(minute - dwelt), at(minute + lasts), zone_id, who) };
  });
});

/** Rows anywhere in three hours. */
const aHeap = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.nat(180), zone, phone, deviceClass)
        .map(([minute, zone_id, who, device]) => heard(minute, zone_id, who, device)),
    },
    fc.tuple(fc.nat(180), fc.constantFrom(0, 1, 5, 12, 90), zone, phone).map(
      ([minute, minutes, zone_id, who]): Row => ({
        dwell: dwell(at(minute), at(minute + minutes), zone_id, who),
      }),
    ),
  ),
  { minLength: 1, maxLength: 30, size: 'max' },
);

/** The same rows in another order, some of them again, in several batches. */
const scattered = (rows: ReadonlyArray<Row>) =>
  fc.record({
    rows: fc.constant(rows),
    sent: fc
      .tuple(
        fc.shuffledSubarray([...rows], { minLength: rows.length, maxLength: rows.length }),
        fc.subarray([...rows]),
      )
      .map(([order, repeats]) => [...order, ...repeats]),
    cuts: fc.array(fc.nat(60), { maxLength: 8, size: 'max' }),
  });

/** In order, but for some rows that come last. */
const delayed = (rows: ReadonlyArray<Row>) =>
  fc.record({
    rows: fc.constant(rows),
    sent: fc.array(fc.nat(40), { maxLength: 3 }).map((places) => {
      const late = new Set(places.map((place) => rows[place]));
      return [...rows.filter((row) => !late.has(row)), ...rows.filter((row) => late.has(row))];
    }),
    cuts: fc.array(fc.nat(40), { minLength: 3, maxLength: 10, size: 'max' }),
  });

const split = (rows: ReadonlyArray<Row>, cuts: ReadonlyArray<number>) => {
  const ends = [...cuts.map((cut) => cut % (rows.length + 1)), rows.length].sort((a, b) => a - b);
  return ends.map((end, i) => rows.slice(ends[i - 1] ?? 0, end)).filter((part) => part.length > 0);
};

it.each([
  ['any order, partition and repetition of rows', aHeap.chain(scattered)],
  ['any order, partition and repetition of a way', aWay.chain(scattered)],
  ['a way that comes in order, some of it late', aWay.chain(delayed)],
])(
  '%s: the tables are those of all rows at once',
  async (_what, scenario) => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ rows, sent, cuts }) => {
        await forgetEverything(db);
        const received: Row[] = [];
        for (const part of split(sent, cuts)) {
          await ingest(db, batchFrom(part));
          received.push(...part);
          expect(await derived()).toEqual(expected(received));
          expect(await staleFigures(db, DEMO_STORE_ID)).toEqual([]);
        }
        expect(await derived()).toEqual(expected(rows));
      }),
      { numRuns: 25, interruptAfterTimeLimit: 60_000 },
    );
  },
  120_000,
);

it('all columns, and what is not derived, are the same however rows come', async () => {
  const scenario = aHeap.chain(scattered);
  await fc.assert(
    fc.asyncProperty(scenario, async ({ rows, sent, cuts }) => {
      await forgetEverything(db);
      await ingest(db, batchFrom(rows));
      const atOnce = await snapshot();
      await forgetEverything(db);
      for (const part of split(sent, cuts)) await ingest(db, batchFrom(part));
      expect(await snapshot()).toEqual(atOnce);
    }),
    { numRuns: 8, interruptAfterTimeLimit: 30_000 },
  );
}, 90_000);

const stays = () =>
  rowsOf(
    db,
    `select origin, zone_id, dwell_seconds::float8 as seconds from visit_zone_events
     order by entered_at`,
  );

it('a phone that stays after its dwell was closed by silence keeps the later time', async () => {
  await forgetEverything(db);
  await ingest(db, batchOf([reading(at(0)), reading(at(1))], [dwell(at(0), at(1), ZONE.entrance)]));
  await ingest(db, batchOf([reading(at(6)), reading(at(9))]));
  expect(await stays()).toEqual([
    { origin: 'dwell', zone_id: ZONE.entrance, seconds: 60 },
    { origin: 'readings', zone_id: ZONE.entrance, seconds: 180 },
  ]);
});

it('a reading under a dwell does not divide what the dwell leaves', async () => {
  await forgetEverything(db);
  const [from, to] = [at(1), at(2)];
  const both = [reading(from), reading(from, ZONE.aisle, 1, -60), reading(to)];
  await ingest(db, batchOf(both, [dwell(at(0.5), from, ZONE.aisle)]));
  await ingest(db, batchOf([], [dwell(at(1.2), at(1.3), ZONE.checkout)]));
  expect(await derived()).toEqual(
    derivation(both, [dwell(at(0.5), from, ZONE.aisle), dwell(at(1.2), at(1.3), ZONE.checkout)]),
  );
});

it('a dwell meets the longer of two runs that begin at one instant', async () => {
  await forgetEverything(db);
  const readings = [
    reading(at(0), ZONE.checkout),
    reading(at(0), ZONE.aisle, 1, -60),
    reading(at(0.1), ZONE.aisle, 1, -60),
  ];
  await ingest(db, batchOf(readings));
  await ingest(db, batchOf([], [dwell(at(0.1), at(0.1), ZONE.entrance)]));
  expect(await derived()).toEqual(derivation(readings, [dwell(at(0.1), at(0.1), ZONE.entrance)]));
});

it('what is heard at the instant at which a run ends, beside another zone, does not divide the run', async () => {
  await forgetEverything(db);
  const before = [reading(at(0)), reading(at(1)), reading(at(1), ZONE.aisle, 1, -60)];
  const news = [reading(at(1), ZONE.windowWest, 1, -61)];
  await ingest(db, batchOf(before));
  await ingest(db, batchOf(news));
  expect(await derived()).toEqual(derivation([...before, ...news], []));
});

it('a dwell over the beginning of a run leaves what comes after it, to the first reading', async () => {
  await forgetEverything(db);
  const readings = [0, 1, 2, 3, 4].map((minute) => reading(at(minute)));
  await ingest(db, batchOf(readings));
  await ingest(db, batchOf([], [dwell(at(0), at(1.5), ZONE.aisle)]));
  expect(await derived()).toEqual(derivation(readings, [dwell(at(0), at(1.5), ZONE.aisle)]));
});

it('a dwell across the start of the day is divided between two visits', async () => {
  await forgetEverything(db);
  const minutes = [80, 85, 90, 95, 100];
  const long = dwell(at(80), at(100), ZONE.aisle);
  await ingest(
    db,
    batchOf(
      minutes.map((minute) => reading(at(minute), ZONE.aisle)),
      [long],
    ),
  );
  expect(await singleValue(db, 'select count(*)::int from visits')).toBe(2);
  expect(await stays()).toEqual([
    { origin: 'dwell', zone_id: ZONE.aisle, seconds: 300 },
    { origin: 'dwell', zone_id: ZONE.aisle, seconds: 600 },
  ]);
});

describe('a session is no visit', () => {
  const heardAs = (minute: number, device_class: DeviceClass) =>
    batchFrom([heard(minute, ZONE.aisle, 1, device_class)]);
  const visits = () => singleValue(db, 'select count(*)::int from visits');
  const footfall = async () => {
    const [row] = await asRole(
      db,
      'authenticated',
      'select footfall, unique_visitors from public.kpi_overview($1, $2, $3)',
      [DEMO_STORE_ID, at(-600), at(600)],
      MEMBER,
    );
    return row;
  };
  beforeEach(() => forgetEverything(db));

  it('while it was bursts only, and is one from its first burst on when it was more', async () => {
    await ingest(db, heardAs(0, 'randomised_burst'));
    await ingest(db, heardAs(2, 'fixed_burst'));
    expect(await visits()).toBe(0);
    await ingest(db, heardAs(4, 'randomised_visitor'));
    expect(await rowsOf(db, 'select duration_minutes::float8 as minutes from visits')).toEqual([
      { minutes: 4 },
    ]);
    expect(await stays()).toEqual([{ origin: 'readings', zone_id: ZONE.aisle, seconds: 240 }]);
  });

  it('of an id of unknown kind either, while it was bursts or when it is a resident’s', async () => {
    await ingest(db, heardAs(0, 'unknown_burst'));
    expect(await visits()).toBe(0);
    await ingest(db, heardAs(2, 'unknown_visitor'));
    expect(await visits()).toBe(1);
    await ingest(db, heardAs(4, 'unknown_resident'));
    expect(await visits()).toBe(0);
  });

  it('as soon as it is a resident’s, and stays none', async () => {
    await ingest(db, heardAs(0, 'fixed_visitor'));
    expect(await visits()).toBe(1);
    await ingest(db, heardAs(1, 'fixed_resident'));
    await ingest(db, heardAs(2, 'fixed_visitor'));
    expect([await visits(), await stays()]).toEqual([0, []]);
    expect(await singleValue(db, 'select count(*)::int from funnel_events')).toBe(0);
    expect(await footfall()).toEqual({ footfall: 0, unique_visitors: 0 });
  });

  it('of an access point, whatever was told of it before it was known as one', async () => {
    const stay = { dwell: dwell(at(0), at(2), ZONE.aisle, 1) };
    await ingest(db, batchFrom([heard(0, ZONE.aisle, 1, 'fixed_burst')]));
    await ingest(db, batchFrom([heard(1, ZONE.aisle, 1, 'fixed_visitor'), stay]));
    expect(await footfall()).toEqual({ footfall: 1, unique_visitors: 1 });
    await ingest(db, batchFrom([heard(3, ZONE.aisle, 1, 'fixed_resident')]));
    expect([await visits(), await stays(), await footfall()]).toEqual([
      0,
      [],
      { footfall: 0, unique_visitors: 0 },
    ]);
    expect(await staleFigures(db, DEMO_STORE_ID)).toEqual([]);
  });

  it('a class that is none costs its reading, and no other', async () => {
    const [known, odd] = [reading(at(0)), { ...reading(at(1)), device_class: 'robot' }];
    expect(await ingest(db, { ...batchOf([known]), readings: [known, odd] })).toMatchObject({
      counts: { zone_events: 1, rejected: 1 },
      rejections: [{ list: 'readings', index: 1, code: 'invalid_row' }],
    });
  });
});

it('ids of visits follow from their content alone', async () => {
  await forgetEverything(db);
  await ingest(db, batchOf([reading(at(0)), reading(at(5))]));
  const before = await singleValue(db, 'select id from visits');
  await ingest(db, batchOf([reading(at(9))]));
  expect(await singleValue(db, 'select id from visits')).toBe(before);
});
