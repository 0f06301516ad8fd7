import type { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { DEMO_STORE_ID } from '../../../src/embedded/database/demoStore.ts';
import type { UploadDwell, UploadReading } from '../../../supabase/functions/_shared/contract.ts';
import { batchOf, dwell, reading, ZONE } from '../../support/batches.ts';
import { forgetEverything, ingest, migratedDatabase, singleValue } from '../../support/database.ts';

let db: PGlite;
beforeAll(async () => {
  db = await migratedDatabase();
}, 60_000);
afterAll(() => db.close());

type Row = { readonly reading: UploadReading } | { readonly dwell: UploadDwell };

const zones = Object.values(ZONE);
/** Around 04:00 in Seoul, so that visits meet the day's start; gaps on both sides of 15 min. */
const at = (minute: number): string =>
  new Date(Date.parse('2026-03-01T17:30:00Z') + minute * 60_000).toISOString();

const aReading = fc
  .record({
    minute: fc.nat(180),
    zone: fc.constantFrom(...zones),
    phone: fc.integer({ min: 1, max: 2 }),
  })
  .map(
    ({ minute, zone, phone }): Row => ({
      // The signal follows from the zone: one line of one phone always lies in one zone.
      reading: reading(at(minute), zone, phone, -40 - zones.indexOf(zone)),
    }),
  );
const aDwell = fc
  .record({
    minute: fc.nat(180),
    minutes: fc.nat(12),
    zone: fc.constantFrom(...zones),
    phone: fc.integer({ min: 1, max: 2 }),
  })
  .map(
    ({ minute, minutes, zone, phone }): Row => ({
      dwell: dwell(at(minute), at(minute + minutes), zone, phone),
    }),
  );

const batchFrom = (rows: ReadonlyArray<Row>) =>
  batchOf(
    rows.flatMap((row) => ('reading' in row ? [row.reading] : [])),
    rows.flatMap((row) => ('dwell' in row ? [row.dwell] : [])),
  );

/** All rows of the derived tables, less what says when they were written. */
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

const split = (rows: ReadonlyArray<Row>, cuts: ReadonlyArray<number>) => {
  const ends = [...cuts.map((cut) => cut % (rows.length + 1)), rows.length].sort((a, b) => a - b);
  return ends.map((end, i) => rows.slice(ends[i - 1] ?? 0, end)).filter((part) => part.length > 0);
};

it('any order, partition and repetition of the same rows ends in the same tables', async () => {
  const scenario = fc
    .array(fc.oneof({ weight: 3, arbitrary: aReading }, aDwell), { minLength: 1, maxLength: 25 })
    .chain((rows) =>
      fc.record({
        rows: fc.constant(rows),
        order: fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length }),
        repeats: fc.subarray(rows),
        cuts: fc.array(fc.nat(40), { maxLength: 6 }),
      }),
    );
  await fc.assert(
    fc.asyncProperty(scenario, async ({ rows, order, repeats, cuts }) => {
      await forgetEverything(db);
      await ingest(db, batchFrom(rows));
      const atOnce = await snapshot();

      await forgetEverything(db);
      for (const part of split([...order, ...repeats], cuts)) await ingest(db, batchFrom(part));
      expect(await snapshot()).toEqual(atOnce);
    }),
    { numRuns: 40 },
  );
}, 120_000);

/** Forgets all that was derived, and derives it from the readings and dwells that are kept. */
const deriveFromNothing = () =>
  db.exec(`
    truncate visits, visit_zone_events, funnel_events;
    select private.derive_visits('${DEMO_STORE_ID}',
      array(select row(hashed_mac, event_time)::private.sighting from zone_events),
      array(select row(hashed_mac, entered_at)::private.sighting from zone_dwells));`);

/** Minutes from the row before; most rows follow closely, some start another visit. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, 0, 0.1, 0.5, 1) },
  fc.constantFrom(15, 15.1, 60),
);
const aStep = fc.record({
  step,
  zone: fc.constantFrom(...zones),
  phone: fc.integer({ min: 1, max: 2 }),
  /** How long ago the dwell began that this row is, if it is one. */
  dwelt: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    fc.constantFrom(0, 0.1, 0.6, 1.5, 20),
  ),
  lasts: fc.constantFrom(0, 0, 0, 2),
});

it('visits carried on batch by batch are those that are derived from nothing', async () => {
  const scenario = fc.record({
    steps: fc.array(aStep, { minLength: 2, maxLength: 40, size: 'max' }),
    cuts: fc.array(fc.nat(40), { minLength: 3, maxLength: 10, size: 'max' }),
    late: fc.array(fc.nat(40), { maxLength: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ steps, cuts, late }) => {
      let minute = 0;
      const rows = steps.map(({ step, zone, phone, dwelt, lasts }): Row => {
        minute += step;
        return dwelt === null
          ? { reading: reading(at(minute), zone, phone, -40 - zones.indexOf(zone)) }
          : { dwell: dwell(at(minute - dwelt), at(minute + lasts), zone, phone) };
      });
      const delayed = new Set(late.map((place) => rows[place]));
      const inOrder = rows.filter((row) => !delayed.has(row));
      await forgetEverything(db);
      for (const part of [...split(inOrder, cuts), rows.filter((row) => delayed.has(row))]) {
        await ingest(db, batchFrom(part));
        const carriedOn = await snapshot();
        await deriveFromNothing();
        expect(await snapshot()).toEqual(carriedOn);
      }
    }),
    { numRuns: 40, interruptAfterTimeLimit: 200_000 },
  );
}, 300_000);

it('two zones at one instant are carried on from the second', async () => {
  await forgetEverything(db);
  await ingest(db, batchOf([reading(at(0)), reading(at(1)), reading(at(1), ZONE.aisle, 1, -60)]));
  await ingest(db, batchOf([reading(at(2), ZONE.aisle)]));
  const carriedOn = await snapshot();
  await deriveFromNothing();
  expect(await snapshot()).toEqual(carriedOn);
  expect(await singleValue(db, 'select count(*)::int from visit_zone_events')).toBe(2);
});

it('ids of visits follow from their content alone', async () => {
  await forgetEverything(db);
  await ingest(db, batchOf([reading(at(0)), reading(at(5))]));
  const before = await singleValue(db, 'select id from visits');
  await ingest(db, batchOf([reading(at(9))]));
  expect(await singleValue(db, 'select id from visits')).toBe(before);
});
