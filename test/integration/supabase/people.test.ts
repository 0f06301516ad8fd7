import { readFileSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { DEMO_STORE_ID } from '../../../src/embedded/database/demoStore.ts';
import type { Presence } from '../../../src/model/checkpoint.ts';
import type { Reading } from '../../../src/model/reading.ts';
import { BURST_POLICY, burstStarts } from '../../../src/positioning/bursts.ts';
import {
  deviceClass,
  observePresence,
  PRESENCE_POLICY,
} from '../../../src/positioning/deviceClass.ts';
import { estimatePeople, footfallOf } from '../../../src/positioning/footfall.ts';
import type { DeviceClass, UploadReading } from '../../../supabase/functions/_shared/contract.ts';
import { batchOf, macHash, reading, ZONE } from '../../support/batches.ts';
import {
  addMember,
  asRole,
  forgetEverything,
  ingest,
  MEMBER,
  migratedDatabase,
  type Row,
  rowsOf,
  rpcOn,
} from '../../support/database.ts';
import { groupBy, mean, START_TS, simulated } from '../../unit/shop/simulated.ts';

const BEGIN_MS = Date.parse('2026-03-02T03:00:00Z');
const HOUR_S = 3_600;

let db: PGlite;
beforeAll(async () => {
  db = await migratedDatabase();
  await addMember(db);
}, 60_000);
beforeEach(async () => {
  await forgetEverything(db);
  await withSettings({});
});
afterAll(() => db.close());

const instant = (second: number) => new Date(BEGIN_MS + second * 1000).toISOString();

const heard = (
  second: number,
  phone: number,
  device_class: DeviceClass = 'randomised_burst',
  rssi = -60,
): UploadReading => ({
  ...reading(instant(second), ZONE.aisle, phone, rssi),
  rssi_readings: { pi1: rssi, pi2: -95 },
  device_class,
});

const people = async (from: number | null = 0, to = HOUR_S): Promise<Row> => {
  const [row] = await asRole(
    db,
    'authenticated',
    'select * from public.kpi_people($1, $2, $3)',
    [DEMO_STORE_ID, from === null ? null : instant(from), instant(to)],
    MEMBER,
  );
  return row ?? {};
};

const withSettings = async (settings: object): Promise<unknown> =>
  db.query('update stores set settings = $1', [settings]);

const kept = async () =>
  (await rowsOf(db, 'select at, begun from private.bursts where begun <> 0 order by at')).map(
    ({ at, begun }) => [(Number(at) - BEGIN_MS) / 1000, begun],
  );

describe('kpi_people', () => {
  it('counts bursts of randomised addresses that were heard here', async () => {
    await ingest(
      db,
      batchOf([
        heard(0, 1),
        heard(5, 1),
        heard(15, 1),
        heard(30, 1),
        heard(40, 2, 'fixed_visitor'),
        heard(45, 5, 'unknown_burst'),
        heard(50, 3, 'randomised_visitor', -91),
        heard(301, 4, 'randomised_resident', -90),
      ]),
    );
    expect(await kept()).toEqual([
      [0, 2],
      [300, 1],
    ]);
    expect(await people(0, 600)).toEqual({
      bursts: 3,
      minutes: 10,
      bursts_per_person_minute: 0.78,
      people: expect.closeTo(3 / 0.78 / 10),
      people_low: expect.closeTo(0.116, 3),
      people_high: expect.closeTo(0.952, 3),
      footfall: null,
      footfall_low: null,
      footfall_high: null,
      estimates: ['people', 'footfall'],
    });
  });

  it('estimates nothing from less than a minute', async () => {
    await ingest(db, batchOf([heard(240, 1), heard(260, 2)]));
    expect(await people(0, 299)).toMatchObject({ bursts: 2, people: null });
    expect(await people(0, 300)).toMatchObject({ bursts: 2, people: expect.any(Number) });
    for (const to of [200, 240, 241])
      expect(await people(0, to)).toMatchObject({ people: null, footfall_high: null });
  });

  it('knows no time before now: a gateway whose clock is ahead makes no negative people', async () => {
    const timestamp = new Date(Date.now() + 45_000).toISOString();
    await ingest(db, batchOf([{ ...heard(0, 1), timestamp }]));
    expect(await people(null, (Date.now() - BEGIN_MS) / 1000 + 600)).toMatchObject({
      bursts: 1,
      minutes: 0,
      people: null,
    });
  });

  it('tells no footfall where stays have no length', async () => {
    await withSettings({ visit_at_least_seconds: 0 });
    await ingest(db, batchOf([heard(0, 1), heard(20, 2, 'fixed_visitor')]));
    expect(await people()).toMatchObject({ people: expect.any(Number), footfall: null });
  });

  it('has no answer where no burst began', async () => {
    await ingest(db, batchOf([heard(0, 1, 'fixed_visitor'), heard(90, 1, 'fixed_visitor')]));
    expect(await people()).toMatchObject({ bursts: 0, people: null, footfall: null });
  });

  it('looks at the live window unless told', async () => {
    await ingest(db, batchOf([heard(0, 1), heard(700, 2), heard(1_100, 3)]));
    expect(await people(null, 1_200)).toMatchObject({
      bursts: 2,
      minutes: expect.closeTo(500 / 60),
    });
    await withSettings({ live_window_minutes: 30 });
    expect(await people(null, 1_200)).toMatchObject({ bursts: 3, minutes: 20 });
  });

  it('is what the same counts give in the pipeline', async () => {
    const stay = 300;
    const visit = Array.from({ length: stay / 5 + 1 }, (_, k) => heard(k * 5, 1, 'fixed_visitor'));
    await ingest(db, batchOf(visit));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5_000 }),
        fc.double({ min: 0.01, max: 50, noNaN: true }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        fc.option(fc.integer({ min: 1, max: 600 })),
        async (bursts, factor, spread, minutes) => {
          await withSettings({
            bursts_per_person_minute: factor,
            bursts_spread: spread,
            ...(minutes !== null && { mean_stay_minutes: minutes }),
          });
          await db.exec('truncate private.bursts');
          await db.query('insert into private.bursts values ($1, $2, $3, $2)', [
            DEMO_STORE_ID,
            instant(0),
            bursts,
          ]);
          const present = estimatePeople(bursts, 60, { burstsPerPersonMinute: factor, spread });
          const came = footfallOf(present, 1, minutes === null ? stay / HOUR_S : minutes / 60);
          const near = (value: number) =>
            expect.closeTo(value, 6 - Math.ceil(Math.log10(value + 1)));
          expect(await people()).toMatchObject({
            people: near(present.people),
            people_low: near(present.low),
            people_high: near(present.high),
            footfall: near(came.people),
            footfall_low: near(came.low),
            footfall_high: near(came.high),
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('bursts', () => {
  const sightings = fc.array(
    fc.record({
      second: fc.nat(60).map((k) => 150 + k * 5),
      phone: fc.nat(2),
      rssi: fc.constantFrom(-60, -60, -60, -92),
    }),
    { minLength: 1, maxLength: 30 },
  );

  it('are the same in whatever order and batches readings come, and what the pipeline counts', async () => {
    await fc.assert(
      fc.asyncProperty(
        sightings.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        fc.integer({ min: 1, max: 7 }),
        async ([list, shuffled], size) => {
          await forgetEverything(db);
          // One reading per phone and instant: which of two would be kept is another question.
          const first = new Map(
            list.map((one) => [`${one.phone} ${one.second}`, one.rssi] as const),
          );
          const readings = shuffled.map(({ second, phone }) =>
            heard(second, phone, 'randomised_visitor', first.get(`${phone} ${second}`)),
          );
          for (let at = 0; at < readings.length; at += size)
            await ingest(db, batchOf(readings.slice(at, at + size)));
          const begun = new Map<number, number>();
          const ordered = [...first]
            .map(([key, rssi]) => {
              const [phone, second] = key.split(' ').map(Number);
              return { phone_id: `a6:00:00:00:00:0${phone}`, ts: Number(second), rssi };
            })
            .sort((a, b) => a.ts - b.ts);
          for (const start of burstStarts(ordered, BURST_POLICY)) {
            const bin = Math.floor(start / 300) * 300;
            begun.set(bin, (begun.get(bin) ?? 0) + 1);
          }
          expect(await kept()).toEqual([...begun].sort(([a], [b]) => a - b));
          const heardHere = ordered.filter((one) => one.rssi >= BURST_POLICY.weakestDbm);
          expect((await people())['minutes']).toEqual(
            begun.size === 0
              ? null
              : expect.closeTo((HOUR_S - Math.min(...heardHere.map(({ ts }) => ts))) / 60),
          );
        },
      ),
      { numRuns: 30, interruptAfterTimeLimit: 60_000 },
    );
  }, 90_000);

  it('of a forgotten phone are gone, those of others stay', async () => {
    await ingest(db, batchOf([heard(0, 1), heard(60, 1), heard(2, 2), heard(400, 1)]));
    await rpcOn(db)('forget_phone', { store_id: DEMO_STORE_ID, hashed_mac: macHash(1) });
    expect(await kept()).toEqual([[0, 1]]);
  });

  it('outlive the readings that they were counted from', async () => {
    await ingest(db, batchOf([heard(0, 1)]));
    await withSettings({ keep_zone_events_days: 2 });
    const { data } = await rpcOn(db)('prune_store_data', { store_id: DEMO_STORE_ID });
    await db.exec('truncate private.store_retention');
    expect(data).toMatchObject({ zone_events: 1 });
    expect(await kept()).toEqual([[0, 1]]);
  });

  it('stand for no phone, and nobody reads them but through the estimate', async () => {
    for (const role of ['anon', 'authenticated'] as const)
      await expect(
        asRole(db, role, 'select * from private.bursts', [], MEMBER),
      ).rejects.toMatchObject({ code: '42501' });
  });
});

describe('in the simulated shop', () => {
  const WINDOW_S = 5;
  const [OPENED_S, CLOSES_S] = [600, 1_800];

  /** As the pipeline makes them of readings, but for the places. */
  const windowed = (readings: ReadonlyArray<Reading>): ReadonlyArray<UploadReading> => {
    const presences = new Map<string, Presence>();
    const windows = groupBy(readings, ({ ts }) => Math.ceil((ts - START_TS) / WINDOW_S) * WINDOW_S);
    return [...windows].flatMap(([second, ofWindow]) =>
      [...groupBy(ofWindow, ({ phone_id }) => phone_id)].map(([phone_id, ofPhone]) => {
        const presence = observePresence(PRESENCE_POLICY, presences.get(phone_id), second);
        presences.set(phone_id, presence);
        return {
          ...heard(second, 0, deviceClass(PRESENCE_POLICY, phone_id, presence)),
          hashed_mac: phone_id.replaceAll(':', '').padStart(64, '0'),
          rssi_readings: Object.fromEntries(
            ofPhone.map(({ sensor_id, rssi }) => [sensor_id, rssi]),
          ),
        };
      }),
    );
  };

  it('knows how many people are there and came, with the factor of the demo store', async () => {
    const [, settings = ''] =
      /'Asia\/Seoul', '(.+)'\)/.exec(readFileSync('supabase/seed.sql', 'utf8')) ?? [];
    await withSettings(JSON.parse(settings));
    const { readings, truth } = simulated(CLOSES_S, { seed: 11 });
    const rows = windowed(readings);
    for (let at = 0; at < rows.length; at += 500)
      await ingest(db, batchOf(rows.slice(at, at + 500)));

    const inside = truth.filter(
      ({ zone_id, kind, ts }) => zone_id !== null && kind !== 'fixed' && ts >= START_TS + OPENED_S,
    );
    // Who stands still is written down every four seconds.
    const spans = groupBy(inside, ({ ts }) => Math.floor(ts / 4));
    const present = mean(
      [...spans.values()].map((of) => new Set(of.map((one) => one.visitor)).size),
    );
    const came = truth.filter(({ event }) => event === 'enter').length;
    const now = await people(OPENED_S, CLOSES_S);
    const day = await people(0, CLOSES_S);
    const errorOf = (estimate: unknown, real: number) => Math.abs(Number(estimate) - real) / real;
    expect(errorOf(now['people'], present)).toBeLessThan(0.2);
    expect(present).toBeGreaterThan(Number(now['people_low']));
    expect(present).toBeLessThan(Number(now['people_high']));
    expect(errorOf(day['footfall'], came)).toBeLessThan(0.25);
    const ids = new Set(rows.map(({ hashed_mac }) => hashed_mac)).size;
    expect(errorOf(ids, came)).toBeGreaterThan(10 * errorOf(day['footfall'], came));
  }, 60_000);
});
