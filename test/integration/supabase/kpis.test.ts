import type { PGlite } from '@electric-sql/pglite';
import { DEMO_ORG_ID, DEMO_STORE_ID } from '../../../src/embedded/database/demoStore.ts';
import { batchOf, dwell, macHash, reading, ZONE } from '../../support/batches.ts';
import {
  asRole,
  forgetEverything,
  ingest,
  MEMBER,
  migratedDatabase,
  type Row,
  rowsOf,
} from '../../support/database.ts';

const STRANGER = '00000000-0000-4000-8000-000000000002';
const OTHER_ORG = '00000000-0000-4000-8000-0000000000b0';
const BERLIN = '00000000-0000-4000-8000-0000000000b1';
const BERLIN_ENTRANCE = '00000000-0000-4000-8000-0000000000b2';
const BERLIN_SHELF = '00000000-0000-4000-8000-0000000000b3';
const BARE = '00000000-0000-4000-8000-0000000000b4';

/*
 * The day: Monday 2 March 2026 in Seoul (UTC+9). A stay lasts from the first to the last reading of a
 * run in one zone; E entrance, W window (display), A aisle, C checkout; seconds in each.
 *
 *  phone  begins    ends      length  stays                visit  bounce       engaged
 *  1      10:00:00  10:10:00     600  E 60, W 300, C 60    yes    no           yes (W 300)
 *  2      10:30:00  10:30:40      40  E 40                 no     yes (short)  no
 *  3      11:00:00  11:05:00     300  E 300                yes    yes (E only) no
 *  4      11:10:00  11:11:30      90  E 0, A 60            yes    yes (short)  yes (A 60)
 *  5      11:20:00  11:22:20     140  W 50, A 30, W 20     yes    no           yes (W 70)
 *  1      15:00:00  15:02:00     120  E 0, A 50, C 0       yes    no           no
 *  6      23:50:00  00:10:00    1200  A 480, W 300         yes    no           yes (A 480)
 *
 *  7 sessions, 6 visits by 5 phones; lengths of visits 90 120 140 300 600 1200:
 *  mean 2450 / 6, median (140 + 300) / 2 = 220. Bounces 3 of 7, engaged 4 of 6.
 *  Begun per hour: 10 one, 11 three, 15 one, 23 one.
 */
const DAY = '2026-03-02';
const seoul = (time: string, day = DAY): string =>
  new Date(`${day}T${time}+09:00`).toISOString().replace('.000Z', 'Z');
const at = (time: string, zone: string, phone: number, day = DAY) =>
  reading(seoul(time, day), zone, phone);
const { entrance: E, windowWest: W, aisle: A, checkout: C } = ZONE;
const theDay = [
  at('10:00:00', E, 1),
  at('10:01:00', E, 1),
  at('10:02:00', W, 1),
  at('10:07:00', W, 1),
  at('10:09:00', C, 1),
  at('10:10:00', C, 1),
  at('10:30:00', E, 2),
  at('10:30:40', E, 2),
  at('11:00:00', E, 3),
  at('11:05:00', E, 3),
  at('11:10:00', E, 4),
  at('11:10:30', A, 4),
  at('11:11:30', A, 4),
  at('11:20:00', W, 5),
  at('11:20:50', W, 5),
  at('11:21:00', A, 5),
  at('11:21:30', A, 5),
  at('11:22:00', W, 5),
  at('11:22:20', W, 5),
  at('15:00:00', E, 1),
  at('15:00:30', A, 1),
  at('15:01:20', A, 1),
  at('15:02:00', C, 1),
  at('23:50:00', A, 6),
  at('23:58:00', A, 6),
  at('00:05:00', W, 6, '2026-03-03'),
  at('00:10:00', W, 6, '2026-03-03'),
];
const WHOLE_DAY = [DEMO_STORE_ID, seoul('00:00:00'), seoul('00:00:00', '2026-03-03')];

type Call = readonly [name: string, args: ReadonlyArray<unknown>];
const CALLS: ReadonlyArray<Call> = [
  ['kpi_thresholds', [DEMO_STORE_ID]],
  ['kpi_overview', WHOLE_DAY],
  ['kpi_visitors', WHOLE_DAY],
  ['kpi_compare', [DEMO_STORE_ID, DAY, seoul('12:00:00', '2026-03-09')]],
  ['kpi_hourly', [DEMO_STORE_ID, DAY, '2026-03-03']],
  ['kpi_zones', WHOLE_DAY],
  ['kpi_zone_hours', [DEMO_STORE_ID, E, DAY]],
  ['kpi_funnel', WHOLE_DAY],
  ['kpi_visit_lengths', WHOLE_DAY],
  ['kpi_paths', WHOLE_DAY],
  ['kpi_occupancy', [DEMO_STORE_ID, seoul('10:10:00')]],
  ['ingest_runs', [DEMO_STORE_ID, 20]],
  ['ingest_health', [DEMO_STORE_ID]],
  ['kpi_live', [DEMO_STORE_ID]],
  ['kpi_people', WHOLE_DAY],
  ['ingest_sensors', [DEMO_STORE_ID]],
  ['ingest_backlog', [DEMO_STORE_ID]],
];

let db: PGlite;
beforeAll(async () => {
  db = await migratedDatabase();
  await db.exec(`
    insert into organisations (id, name) values ('${OTHER_ORG}', 'Other');
    insert into org_members (org_id, user_id) values
      ('${DEMO_ORG_ID}', '${MEMBER}'), ('${OTHER_ORG}', '${STRANGER}');
    insert into stores (id, org_id, store_name, time_zone) values
      ('${BERLIN}', '${OTHER_ORG}', 'Berlin', 'Europe/Berlin'),
      ('${BARE}', '${OTHER_ORG}', 'No zone yet', 'Asia/Seoul');
    insert into zones_dim (id, org_id, store_id, zone_code, zone_name, zone_type, position_x,
      position_z) values
      ('${BERLIN_ENTRANCE}', '${OTHER_ORG}', '${BERLIN}', '1', 'Eingang', 'entrance', 1, 1),
      ('${BERLIN_SHELF}', '${OTHER_ORG}', '${BERLIN}', '2', 'Regal', 'display', 2, 2);`);
}, 60_000);
afterAll(() => db.close());

const sql = (name: string, args: ReadonlyArray<unknown>): string =>
  `select * from public.${name}(${args.map((_, position) => `$${position + 1}`).join(', ')})`;
const callAs = (user: string, name: string, args: ReadonlyArray<unknown>) =>
  asRole(db, 'authenticated', sql(name, args), args, user);
const kpi = (name: string, ...args: ReadonlyArray<unknown>) => callAs(MEMBER, name, args);
const berlin = (name: string, ...args: ReadonlyArray<unknown>) => callAs(STRANGER, name, args);
const only = async (rows: Promise<ReadonlyArray<Row>>): Promise<Row> => (await rows)[0] ?? {};
const pick = (rows: ReadonlyArray<Row>, ...columns: ReadonlyArray<string>) =>
  rows.map((row) => columns.map((column) => row[column]));

const withSettings = async <A>(settings: object, run: () => Promise<A>): Promise<A> => {
  const set = (value: object) =>
    db.query('update stores set settings = $1 where id = $2', [value, DEMO_STORE_ID]);
  await set(settings);
  try {
    return await run();
  } finally {
    await set({});
  }
};

describe('the small day', () => {
  beforeAll(async () => {
    await forgetEverything(db);
    await ingest(db, batchOf(theDay));
    // Rows of the same store and day that no sensor caused, and a policy that shows them to members,
    // as a project may have had them before.
    await db.query(
      `insert into visits (id, org_id, store_id, user_id, visit_date, visitor_id, entry_time,
         exit_time, source)
       select gen_random_uuid(), $1, $2, 'till', '2026-03-02', gen_random_uuid(), $3, $4, source
       from unnest(array['pos', null]) source`,
      [DEMO_ORG_ID, DEMO_STORE_ID, seoul('12:00:00'), seoul('13:00:00')],
    );
    await db.exec('create policy "all visits" on visits for select to authenticated using (true)');
  });

  it('has an overview', async () => {
    expect(await only(kpi('kpi_overview', ...WHOLE_DAY))).toEqual({
      sessions: 7,
      footfall: 6,
      unique_visitors: 5,
      mean_dwell_seconds: expect.closeTo(2450 / 6),
      median_dwell_seconds: 220,
      bounces: 3,
      bounce_rate: expect.closeTo(3 / 7),
      engaged: 4,
      engagement_rate: expect.closeTo(4 / 6),
      peak_hour: 11,
      peak_hour_footfall: 3,
      estimates: ['unique_visitors'],
    });
  });

  it('has the earlier of two equal hours as its peak', async () => {
    const row = await only(
      kpi('kpi_overview', DEMO_STORE_ID, seoul('12:00:00'), seoul('00:00:00', '2026-03-03')),
    );
    expect(row).toMatchObject({ peak_hour: 15, peak_hour_footfall: 1 });
  });

  it('counts a visit in the half-open period in which it begins', async () => {
    const footfall = async (from: string, to: string) =>
      (await only(kpi('kpi_overview', DEMO_STORE_ID, from, to)))['footfall'];
    expect(await footfall(seoul('10:00:00'), seoul('11:00:00'))).toBe(1);
    expect(await footfall(seoul('11:00:00'), seoul('11:00:01'))).toBe(1);
    expect(await footfall(seoul('11:00:01'), seoul('12:00:00'))).toBe(2);
    expect(await footfall(seoul('11:00:00'), seoul('11:00:00'))).toBe(0);
    expect(await footfall(seoul('00:00:00', '2026-03-03'), seoul('12:00:00', '2026-03-03'))).toBe(
      0,
    );
  });

  it('has 24 hours of the store, most of them empty', async () => {
    const rows = await kpi('kpi_hourly', DEMO_STORE_ID, DAY, '2026-03-03');
    expect(rows.map(({ hour }) => hour)).toEqual(Array.from({ length: 24 }, (_, hour) => hour));
    expect(rows.map(({ footfall }) => footfall)).toEqual([
      0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1,
    ]);
    expect(rows[0]).toEqual({
      hour_start: new Date('2026-03-01T15:00:00Z'),
      day: new Date('2026-03-02T00:00:00Z'),
      hour: 0,
      footfall: 0,
      mean_dwell_seconds: 0,
    });
    expect(rows[11]).toMatchObject({ mean_dwell_seconds: expect.closeTo((300 + 90 + 140) / 3) });
  });

  it('has zones with reach and dwell, the untouched ones too', async () => {
    const rows = await kpi('kpi_zones', ...WHOLE_DAY);
    expect(rows.map(({ zone_code }) => zone_code)).toEqual(
      Array.from({ length: 19 }, (_, zone) => String(zone + 1)),
    );
    // Entrance 60 + 300 + 0 + 0, window 300 + 70 + 300, aisle 60 + 30 + 480 + 50, checkout 60 + 0.
    const figures = ['zone_id', 'visits', 'entrants', 'reach', 'total_dwell_seconds'] as const;
    expect(
      pick(
        rows.filter(({ entrants }) => entrants !== 0),
        ...figures,
        'mean_dwell_seconds',
      ),
    ).toEqual([
      [E, 6, 4, expect.closeTo(4 / 6), 360, 90],
      [W, 6, 3, expect.closeTo(3 / 6), 670, expect.closeTo(670 / 3)],
      [A, 6, 4, expect.closeTo(4 / 6), 620, 155],
      [C, 6, 2, expect.closeTo(2 / 6), 60, 30],
    ]);
    expect(rows[2]).toMatchObject({
      zone_type: 'display',
      entrants: 0,
      reach: 0,
      total_dwell_seconds: 0,
      mean_dwell_seconds: 0,
    });
  });

  it('still lists a zone that was in use then, and no other that is not', async () => {
    await db.query(`update zones_dim set is_active = false where id = any ($1)`, [
      [W, '467e0412-f3c3-5d75-b156-4ea036484929'],
    ]);
    const rows = await kpi('kpi_zones', ...WHOLE_DAY);
    await db.query('update zones_dim set is_active = true');
    expect(rows.map(({ zone_code }) => zone_code)).toContain('2');
    expect(rows).toHaveLength(18);
  });

  it("has one zone's hours; a stay belongs to the hour in which it begins", async () => {
    const busy = async (zone: string, day: string) =>
      pick(
        (await kpi('kpi_zone_hours', DEMO_STORE_ID, zone, day)).filter(
          ({ entrants }) => entrants !== 0,
        ),
        'hour',
        'entrants',
        'total_dwell_seconds',
        'mean_dwell_seconds',
      );
    expect(await kpi('kpi_zone_hours', DEMO_STORE_ID, W, DAY)).toHaveLength(24);
    // Phone 5 is at the window twice in this hour and counts once.
    expect(await busy(W, DAY)).toEqual([
      [10, 1, 300, 300],
      [11, 1, 70, 70],
    ]);
    // Phone 6 came at 23:50 the day before.
    expect(await busy(W, '2026-03-03')).toEqual([[0, 1, 300, 300]]);
    expect(await busy(E, DAY)).toEqual([
      [10, 1, 60, 60],
      [11, 2, 300, 150],
      [15, 1, 0, 0],
    ]);
  });

  it('has a funnel that begins with the footfall', async () => {
    // browse: all but 3; engage (60 s in a display zone): 1, 5 and 6; checkout: 1 twice.
    expect(await kpi('kpi_funnel', ...WHOLE_DAY)).toEqual([
      { step: 1, stage: 'enter', visits: 6, share_of_enter: 1 },
      { step: 2, stage: 'browse', visits: 5, share_of_enter: expect.closeTo(5 / 6) },
      { step: 3, stage: 'engage', visits: 3, share_of_enter: 0.5 },
      { step: 4, stage: 'checkout', visits: 2, share_of_enter: expect.closeTo(2 / 6) },
    ]);
  });

  it('has lengths', async () => {
    expect(
      pick(
        await kpi('kpi_visit_lengths', ...WHOLE_DAY),
        'at_least_seconds',
        'under_seconds',
        'sessions',
        'visits',
      ),
    ).toEqual([
      [0, 60, 1, 0],
      [60, 120, 1, 1],
      [120, 300, 2, 2],
      [300, 600, 1, 1],
      [600, 1200, 1, 1],
      [1200, 1800, 1, 1],
      [1800, 3600, 0, 0],
      [3600, null, 0, 0],
    ]);
  });

  it('has paths from zone to zone', async () => {
    const rows = await kpi('kpi_paths', ...WHOLE_DAY);
    // 1: E W C and E A C; 4: E A; 5: W A W; 6: A W.
    expect(pick(rows, 'from_zone_id', 'to_zone_id', 'moves', 'visits', 'all_moves')).toEqual([
      [E, A, 2, 2, 8],
      [A, W, 2, 2, 8],
      [E, W, 1, 1, 8],
      [W, A, 1, 1, 8],
      [W, C, 1, 1, 8],
      [A, C, 1, 1, 8],
    ]);
    expect(rows[0]).toMatchObject({ from_zone_name: 'Entrance', to_zone_code: '6' });
  });

  it('knows who was where in the ten minutes before an instant', async () => {
    const present = async (as_of: string) =>
      pick(
        (await kpi('kpi_occupancy', DEMO_STORE_ID, as_of)).filter(({ visitors }) => visitors !== 0),
        'scope',
        'zone_id',
        'visitors',
      );
    // Each phone is where it was seen last: 1 went from the window to the checkout.
    expect(await present(seoul('10:10:00'))).toEqual([
      ['store', null, 1],
      ['zone', C, 1],
    ]);
    // Now included, ten minutes ago not: 4 was seen at 11:11:30, and 5 is in the aisle.
    expect(await present(seoul('11:21:29'))).toEqual([
      ['store', null, 2],
      ['zone', A, 2],
    ]);
    expect(await present(seoul('11:20:00'))).toEqual([
      ['store', null, 2],
      ['zone', W, 1],
      ['zone', A, 1],
    ]);
    expect(await present(seoul('11:21:30'))).toEqual([
      ['store', null, 1],
      ['zone', A, 1],
    ]);
    const rows = await kpi('kpi_occupancy', DEMO_STORE_ID, seoul('09:00:00'));
    expect(rows.map(({ visitors }) => visitors)).toEqual(Array.from({ length: 20 }, () => 0));
  });

  it('follows the thresholds of the store', async () => {
    const overview = () => only(kpi('kpi_overview', ...WHOLE_DAY));
    const settings = {
      visit_at_least_seconds: 120,
      bounce_under_seconds: 140,
      engage_after_seconds: 70,
      live_window_minutes: 20,
    };
    expect(await kpi('kpi_thresholds', DEMO_STORE_ID)).toEqual([
      {
        time_zone: 'Asia/Seoul',
        visit_at_least_seconds: 60,
        bounce_under_seconds: 120,
        engage_after_seconds: 60,
        live_window_minutes: 10,
      },
    ]);
    expect(await withSettings(settings, () => kpi('kpi_thresholds', DEMO_STORE_ID))).toEqual([
      { time_zone: 'Asia/Seoul', ...settings },
    ]);
    // Phone 4 stayed for 90 s; phone 1 stayed for 120 s and had no bounce before.
    expect(await withSettings({ visit_at_least_seconds: 120 }, overview)).toMatchObject({
      footfall: 5,
      unique_visitors: 4,
      engaged: 3,
      bounces: 3,
    });
    expect(await withSettings({ visit_at_least_seconds: 90 }, overview)).toMatchObject({
      footfall: 6,
    });
    expect(await withSettings({ bounce_under_seconds: 140 }, overview)).toMatchObject({
      bounces: 4,
    });
    expect(await withSettings({ bounce_under_seconds: 90 }, overview)).toMatchObject({
      bounces: 2,
    });
    expect(await withSettings({ engage_after_seconds: 70 }, overview)).toMatchObject({
      engaged: 3,
    });
    expect(await withSettings({ engage_after_seconds: 71 }, overview)).toMatchObject({
      engaged: 2,
    });
    const live = await withSettings({ live_window_minutes: 20 }, () =>
      kpi('kpi_occupancy', DEMO_STORE_ID, seoul('11:22:20')),
    );
    expect(live[0]).toMatchObject({ scope: 'store', visitors: 3 });
  });

  it.each([
    ['15 min', '15 min'],
    ['NaN', 'NaN'],
    ['too much', 1e300],
    ['less than nothing', -1],
    ['a list', [1]],
  ])('takes thresholds that are not usable for not set: %s', async (_what, value) => {
    const usual = await kpi('kpi_overview', ...WHOLE_DAY);
    const settings = {
      visit_at_least_seconds: value,
      bounce_under_seconds: value,
      engage_after_seconds: value,
      live_window_minutes: value,
    };
    expect(await withSettings(settings, () => kpi('kpi_thresholds', DEMO_STORE_ID))).toEqual(
      await kpi('kpi_thresholds', DEMO_STORE_ID),
    );
    expect(await withSettings(settings, () => kpi('kpi_overview', ...WHOLE_DAY))).toEqual(usual);
  });

  it('takes a time zone that nobody knows for UTC', async () => {
    const move = (zone: string) =>
      db.query('update stores set time_zone = $1 where id = $2', [zone, DEMO_STORE_ID]);
    await move('Mars/Phobos');
    try {
      expect(await only(kpi('kpi_thresholds', DEMO_STORE_ID))).toMatchObject({ time_zone: 'UTC' });
      for (const [name, args] of CALLS) expect(await kpi(name, ...args)).toBeDefined();
    } finally {
      await move('Asia/Seoul');
    }
  });

  it('tells new visitors from those that came back', async () => {
    await ingest(
      db,
      batchOf([
        at('10:00:00', E, 1, '2026-03-04'),
        at('10:05:00', E, 1, '2026-03-04'),
        at('10:00:00', E, 2, '2026-03-04'),
        at('10:05:00', E, 2, '2026-03-04'),
        at('10:00:00', E, 7, '2026-03-04'),
        at('10:05:00', E, 7, '2026-03-04'),
        at('11:00:00', E, 7, '2026-03-04'),
        at('11:05:00', E, 7, '2026-03-04'),
      ]),
    );
    // Phone 2 had passed by, but not visited; phone 7 came twice, both times in the period.
    expect(
      await kpi(
        'kpi_visitors',
        DEMO_STORE_ID,
        seoul('00:00:00', '2026-03-04'),
        seoul('00:00:00', '2026-03-05'),
      ),
    ).toEqual([
      {
        unique_visitors: 3,
        new_visitors: 2,
        returning_visitors: 1,
        estimates: ['unique_visitors', 'new_visitors', 'returning_visitors'],
      },
    ]);
    expect(await only(kpi('kpi_visitors', ...WHOLE_DAY))).toMatchObject({
      unique_visitors: 5,
      new_visitors: 5,
    });
  });

  it('takes two stays in one zone for no move', async () => {
    await ingest(
      db,
      batchOf(
        ['10:00:00', '10:01:00', '10:02:00', '10:03:00']
          .map((time) => at(time, A, 8, '2026-03-05'))
          .concat(at('10:04:00', W, 8, '2026-03-05')),
        [
          dwell(seoul('10:00:00', '2026-03-05'), seoul('10:01:00', '2026-03-05'), A, 8),
          dwell(seoul('10:02:00', '2026-03-05'), seoul('10:03:00', '2026-03-05'), A, 8),
        ],
      ),
    );
    const period = [seoul('00:00:00', '2026-03-05'), seoul('00:00:00', '2026-03-06')];
    const rows = await kpi('kpi_paths', DEMO_STORE_ID, ...period);
    expect(pick(rows, 'from_zone_id', 'to_zone_id', 'moves', 'all_moves')).toEqual([[A, W, 1, 1]]);
  });

  it('is compared with the same weekday before, up to the same time of day', async () => {
    const compared = async (...args: ReadonlyArray<unknown>) =>
      pick(
        await kpi('kpi_compare', DEMO_STORE_ID, ...args),
        'period',
        'from_ts',
        'to_ts',
        'footfall',
      );
    // Monday 9 March, 11:15 in Seoul: a week before, 5 had not come yet.
    const now = seoul('11:15:00', '2026-03-09');
    expect(await compared(null, now)).toEqual([
      ['day', new Date(seoul('00:00:00', '2026-03-09')), new Date(now), 0],
      ['same_weekday_before', new Date(WHOLE_DAY[1] ?? ''), new Date(seoul('11:15:00')), 3],
    ]);
    expect(await compared(DAY, now)).toEqual([
      ['day', new Date(WHOLE_DAY[1] ?? ''), new Date(WHOLE_DAY[2] ?? ''), 6],
      [
        'same_weekday_before',
        new Date(seoul('00:00:00', '2026-02-23')),
        new Date(seoul('00:00:00', '2026-02-24')),
        0,
      ],
    ]);
    // 00:30 in Seoul is still the day before in London.
    const midnight = await kpi('kpi_compare', DEMO_STORE_ID, null, seoul('00:30:00', '2026-03-09'));
    expect(pick(midnight, 'day')).toEqual([
      [new Date('2026-03-09T00:00:00Z')],
      [new Date('2026-03-02T00:00:00Z')],
    ]);
  });

  it('gives no hash away', async () => {
    const answers = JSON.stringify(
      await Promise.all(CALLS.map(([name, args]) => kpi(name, ...args))),
    );
    const hidden = await rowsOf(
      db,
      `select distinct visitor_id from visits where source = 'neuralsense'`,
    );
    expect(answers).toContain('Entrance');
    expect(hidden).toHaveLength(8);
    for (const { visitor_id } of hidden) expect(answers).not.toContain(visitor_id);
    for (const phone of [1, 2, 3, 4, 5, 6, 7, 8]) expect(answers).not.toContain(macHash(phone));
  });
});

describe('a store in a zone with daylight saving', () => {
  const visit = (begin: string, phone: number) => [
    reading(begin, BERLIN_ENTRANCE, phone),
    reading(new Date(Date.parse(begin) + 120_000).toISOString(), BERLIN_SHELF, phone),
  ];
  beforeAll(async () => {
    await forgetEverything(db);
    await ingest(db, {
      ...batchOf(
        [
          // Sunday 29 March 2026: at 01:00Z the clock goes from 02:00 to 03:00.
          '2026-03-28T22:59:59Z', // 23:59:59 on Saturday
          '2026-03-28T23:00:00Z', // 00:00
          '2026-03-29T00:30:00Z', // 01:30
          '2026-03-29T01:00:00Z', // 03:00
          '2026-03-29T21:59:59Z', // 23:59:59
          '2026-03-29T22:00:00Z', // 00:00 on Monday
          // Sunday 26 October 2025: at 01:00Z it goes from 03:00 back to 02:00.
          '2025-10-25T22:00:00Z', // 00:00
          '2025-10-26T00:30:00Z', // 02:30, the first time
          '2025-10-26T01:30:00Z', // 02:30, the second time
          '2025-10-26T01:40:00Z', // 02:40, the second time
          '2025-10-26T22:59:59Z', // 23:59:59
          '2025-10-26T23:00:00Z', // 00:00 on Monday
        ].flatMap(visit),
      ),
      store_id: BERLIN,
      org_id: OTHER_ORG,
    });
  });

  it('has 23 hours on the spring Sunday, and no hour 2', async () => {
    const rows = await berlin('kpi_hourly', BERLIN, '2026-03-29', '2026-03-30');
    expect(rows).toHaveLength(23);
    expect(
      pick(
        rows.filter(({ footfall }) => footfall !== 0),
        'hour',
        'hour_start',
        'footfall',
      ),
    ).toEqual([
      [0, new Date('2026-03-28T23:00:00Z'), 1],
      [1, new Date('2026-03-29T00:00:00Z'), 1],
      [3, new Date('2026-03-29T01:00:00Z'), 1],
      [23, new Date('2026-03-29T21:00:00Z'), 1],
    ]);
  });

  it('has 25 hours on the autumn Sunday, and hour 2 twice', async () => {
    const rows = await berlin('kpi_hourly', BERLIN, '2025-10-26', '2025-10-27');
    expect(rows).toHaveLength(25);
    expect(
      pick(
        rows.filter(({ footfall }) => footfall !== 0),
        'hour',
        'hour_start',
        'footfall',
      ),
    ).toEqual([
      [0, new Date('2025-10-25T22:00:00Z'), 1],
      [2, new Date('2025-10-26T00:00:00Z'), 1],
      [2, new Date('2025-10-26T01:00:00Z'), 2],
      [23, new Date('2025-10-26T22:00:00Z'), 1],
    ]);
  });

  it('has no hour of the next day where the clocks go back over midnight', async () => {
    await db.query(`update stores set time_zone = 'Atlantic/Azores' where id = $1`, [BERLIN]);
    const rows = await berlin('kpi_hourly', BERLIN, '2025-10-25', '2025-10-26');
    const next = await berlin('kpi_hourly', BERLIN, '2025-10-26', '2025-10-27');
    await db.query(`update stores set time_zone = 'Europe/Berlin' where id = $1`, [BERLIN]);
    expect(rows.map(({ hour }) => hour)).toEqual([...Array(24).keys(), 0]);
    expect(new Set(rows.map(({ day }) => String(day))).size).toBe(1);
    expect(next).toHaveLength(24);
  });

  it('has them in the hours of a zone as well', async () => {
    const rows = await berlin('kpi_zone_hours', BERLIN, BERLIN_SHELF, '2025-10-26');
    expect(rows).toHaveLength(25);
    // 23:59:59 and two minutes: the shelf is reached on Monday; and on Sunday nobody came over.
    expect(
      pick(
        rows.filter(({ entrants }) => entrants !== 0),
        'hour',
        'entrants',
      ),
    ).toEqual([
      [0, 1],
      [2, 1],
      [2, 2],
    ]);
  });

  it('compares whole days of different lengths', async () => {
    const rows = await berlin('kpi_compare', BERLIN, '2026-03-29', '2026-11-01T00:00:00Z');
    expect(pick(rows, 'from_ts', 'to_ts', 'footfall')).toEqual([
      [new Date('2026-03-28T23:00:00Z'), new Date('2026-03-29T22:00:00Z'), 4],
      [new Date('2026-03-21T23:00:00Z'), new Date('2026-03-22T23:00:00Z'), 0],
    ]);
  });
});

describe('a store where nothing has happened', () => {
  beforeAll(() => forgetEverything(db));

  it('has zeros', async () => {
    expect(await only(kpi('kpi_overview', ...WHOLE_DAY))).toEqual({
      sessions: 0,
      footfall: 0,
      unique_visitors: 0,
      mean_dwell_seconds: 0,
      median_dwell_seconds: 0,
      bounces: 0,
      bounce_rate: 0,
      engaged: 0,
      engagement_rate: 0,
      peak_hour: null, // there is none; 0 would be midnight
      peak_hour_footfall: 0,
      estimates: ['unique_visitors'],
    });
    const zeros = async (name: string, column: string, ...args: ReadonlyArray<unknown>) => {
      const rows = await kpi(name, ...args);
      expect(pick(rows, column)).toEqual(rows.map(() => [0]));
      return rows.length;
    };
    expect(await zeros('kpi_hourly', 'footfall', DEMO_STORE_ID, DAY, '2026-03-03')).toBe(24);
    expect(await zeros('kpi_zones', 'reach', ...WHOLE_DAY)).toBe(19);
    expect(await zeros('kpi_zones', 'mean_dwell_seconds', ...WHOLE_DAY)).toBe(19);
    expect(await zeros('kpi_zone_hours', 'mean_dwell_seconds', DEMO_STORE_ID, E, DAY)).toBe(24);
    expect(await zeros('kpi_funnel', 'visits', ...WHOLE_DAY)).toBe(4);
    expect(await zeros('kpi_funnel', 'share_of_enter', ...WHOLE_DAY)).toBe(4);
    expect(await zeros('kpi_visit_lengths', 'sessions', ...WHOLE_DAY)).toBe(8);
    expect(await zeros('kpi_occupancy', 'visitors', DEMO_STORE_ID)).toBe(20);
    expect(await zeros('kpi_visitors', 'new_visitors', ...WHOLE_DAY)).toBe(1);
    expect(await zeros('kpi_compare', 'footfall', DEMO_STORE_ID)).toBe(2);
    expect(await kpi('kpi_paths', ...WHOLE_DAY)).toEqual([]);
    expect(await kpi('ingest_runs', DEMO_STORE_ID)).toEqual([]);
    expect(await only(kpi('ingest_health', DEMO_STORE_ID))).toEqual({
      last_run_at: null,
      last_run_status: null,
      last_success_at: null,
      seconds_since_success: null,
      last_reading_at: null,
      runs: 0,
      failed_runs: 0,
      readings: 0,
      zone_events: 0,
      rejected: 0,
      median_latency_ms: 0,
      max_latency_ms: 0,
    });
  });

  it('has them without a single zone, too', async () => {
    expect(await berlin('kpi_occupancy', BARE)).toMatchObject([{ scope: 'store', visitors: 0 }]);
    expect(await berlin('kpi_overview', BARE, ...WHOLE_DAY.slice(1))).toMatchObject([
      { footfall: 0, bounce_rate: 0 },
    ]);
    expect(await berlin('kpi_zones', BARE, ...WHOLE_DAY.slice(1))).toEqual([]);
  });
});

describe('what is going on', () => {
  const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
  beforeEach(() => forgetEverything(db));

  it('is who was seen in the last ten minutes', async () => {
    await ingest(
      db,
      batchOf([
        reading(ago(11), A, 1),
        reading(ago(9), A, 2),
        reading(ago(5), W, 2),
        reading(ago(1), W, 3),
      ]),
    );
    const rows = await kpi('kpi_occupancy', DEMO_STORE_ID);
    expect(rows.filter(({ visitors }) => visitors !== 0)).toMatchObject([
      { scope: 'store', zone_id: null, visitors: 2 },
      { scope: 'zone', zone_id: W, zone_code: '2', zone_type: 'display', visitors: 2 },
    ]);
  });

  it('is whether data flow', async () => {
    const last = ago(2);
    await ingest(
      db,
      batchOf([reading(ago(3), E), reading(last, A), reading(last, BERLIN_SHELF, 2)]),
    );
    await db.exec(`alter table zone_events add constraint broken
      check (zone_id <> '${C}' or current_setting('request.jwt.claims') = '')`);
    await ingest(db, batchOf([reading(ago(1), C)]));
    await db.exec('alter table zone_events drop constraint broken');
    await db.query(
      `update etl_runs set error_message = error_message || $1 where status = 'failed'`,
      [macHash(1)],
    );

    const [failed, completed] = await kpi('ingest_runs', DEMO_STORE_ID);
    expect(failed).toMatchObject({ status: 'failed', error_code: '23514', readings: 0 });
    expect(failed?.['error_message']).toMatch(/violates check constraint.*<hash>$/);
    expect(completed).toMatchObject({
      status: 'completed',
      readings: 3,
      zone_events: 2,
      visits: 1,
      rejected: 1,
      error_code: null,
    });
    expect(await kpi('ingest_runs', DEMO_STORE_ID, 1)).toHaveLength(1);

    const health = await only(kpi('ingest_health', DEMO_STORE_ID));
    expect(health).toMatchObject({
      last_run_at: failed?.['started_at'],
      last_run_status: 'failed',
      last_success_at: completed?.['completed_at'],
      last_reading_at: new Date(last),
      runs: 2,
      failed_runs: 1,
      readings: 3,
      zone_events: 2,
      rejected: 1,
    });
    const since = Number(health['seconds_since_success']);
    expect(since).toBeGreaterThan(0);
    expect(since).toBeLessThan(60);
    expect(health['max_latency_ms']).toBe(
      Math.max(Number(failed?.['latency_ms']), Number(completed?.['latency_ms'])),
    );
    // An hour later nothing of it is recent, and the times are still known.
    const later = await only(kpi('ingest_health', DEMO_STORE_ID, ago(-61)));
    expect(later).toMatchObject({ runs: 0, readings: 0, last_run_at: failed?.['started_at'] });
  });
});

describe('access', () => {
  const refused = { code: '42501' };
  it('is tested for every function', async () => {
    const names = await rowsOf(
      db,
      `select proname from pg_proc where pronamespace = 'public'::regnamespace
         and (proname like 'kpi\\_%' or proname in
           ('ingest_runs', 'ingest_health', 'ingest_sensors', 'ingest_backlog'))`,
    );
    expect(new Set(CALLS.map(([name]) => name))).toEqual(
      new Set(names.map(({ proname }) => proname)),
    );
  });

  it.each(CALLS)('%s answers members of the store only', async (name, args) => {
    expect(await callAs(MEMBER, name, args)).toBeDefined();
    await expect(callAs(STRANGER, name, args)).rejects.toMatchObject({
      ...refused,
      message: expect.stringMatching(/member/),
    });
    await expect(callAs('', name, args)).rejects.toMatchObject(refused);
    const closed = { ...refused, message: `permission denied for function ${name}` };
    await expect(asRole(db, 'anon', sql(name, args), args)).rejects.toMatchObject(closed);
    await expect(asRole(db, 'service_role', sql(name, args), args)).rejects.toMatchObject(closed);
  });

  it('is checked by every function with rights of its own', async () => {
    const definers = await rowsOf(
      db,
      `select oid::regprocedure::text as name, proargtypes::regtype[]::text[] as types from pg_proc
       where pronamespace = 'private'::regnamespace and prosecdef
         and has_function_privilege('authenticated', oid, 'execute')
         and proname not in ('my_org_ids', 'require_member')`,
    );
    expect(definers.length).toBeGreaterThan(8);
    const values: Record<string, string> = {
      uuid: `'${DEMO_STORE_ID}'`,
      text: `'zone'`,
      integer: '1',
      'timestamp with time zone': `'${WHOLE_DAY[1]}'`,
    };
    for (const { name, types } of definers) {
      const args = [types].flat().map((type) => `${values[String(type)]}::${type}`);
      const call = `select * from ${String(name).split('(')[0]}(${args.join(', ')})`;
      expect(await asRole(db, 'authenticated', call, [], MEMBER)).toBeDefined();
      await expect(asRole(db, 'authenticated', call, [], STRANGER)).rejects.toMatchObject(refused);
      await expect(asRole(db, 'anon', call)).rejects.toMatchObject(refused);
    }
  });

  it.each([
    'visits_in($1, array[]::private.visit_span[])',
    `spans_between($1, '-infinity', 'infinity')`,
    `returns_of($1, array[]::private.visit_span[])`,
  ])('does not lead to who the visitors are: %s', async (call) => {
    await expect(
      asRole(db, 'authenticated', `select * from private.${call}`, [DEMO_STORE_ID], MEMBER),
    ).rejects.toMatchObject(refused);
  });

  it('to a store that is nowhere is refused like any other', async () => {
    const nowhere = '00000000-0000-4000-8000-00000000dead';
    await expect(kpi('kpi_overview', nowhere, ...WHOLE_DAY.slice(1))).rejects.toMatchObject(
      refused,
    );
    await expect(kpi('kpi_thresholds', null)).rejects.toMatchObject(refused);
  });

  it('comes before any other check', async () => {
    await expect(
      berlin('kpi_overview', DEMO_STORE_ID, seoul('12:00:00'), seoul('11:00:00')),
    ).rejects.toMatchObject(refused);
    await expect(berlin('kpi_zone_hours', DEMO_STORE_ID, BERLIN_SHELF, DAY)).rejects.toMatchObject(
      refused,
    );
  });
});

describe('a request that makes no sense', () => {
  const invalid = { code: '22023' };

  it.each([
    'kpi_overview',
    'kpi_visitors',
    'kpi_zones',
    'kpi_funnel',
    'kpi_visit_lengths',
    'kpi_paths',
  ])('is refused by %s', async (name) => {
    const [store, from, to] = WHOLE_DAY;
    await expect(kpi(name, store, to, from)).rejects.toMatchObject(invalid);
    await expect(kpi(name, store, from, null)).rejects.toMatchObject(invalid);
  });

  it('is refused where the answer would be cut', async () => {
    expect(await kpi('kpi_hourly', DEMO_STORE_ID, '2026-03-01', '2026-04-01')).toHaveLength(744);
    for (const [from, to] of [
      ['2026-03-01', '2026-04-02'],
      ['2026-03-02', '2026-03-01'],
      ['2026-03-02', null],
      ['2026-03-02', 'infinity'],
      ['-infinity', '2026-03-02'],
      ['infinity', 'infinity'],
    ]) {
      await expect(kpi('kpi_hourly', DEMO_STORE_ID, from, to)).rejects.toMatchObject(invalid);
    }
  });

  it.each(['infinity', '-infinity', null])('is refused for the day %p', async (day) => {
    await expect(kpi('kpi_zone_hours', DEMO_STORE_ID, E, day)).rejects.toMatchObject(invalid);
  });

  it.each(['infinity', '-infinity'])('is refused as of %p', async (at) => {
    await expect(kpi('kpi_occupancy', DEMO_STORE_ID, at)).rejects.toMatchObject(invalid);
    await expect(kpi('ingest_health', DEMO_STORE_ID, at)).rejects.toMatchObject(invalid);
    await expect(kpi('kpi_compare', DEMO_STORE_ID, DAY, at)).rejects.toMatchObject(invalid);
    await expect(kpi('kpi_compare', DEMO_STORE_ID, at, seoul('12:00:00'))).rejects.toMatchObject(
      invalid,
    );
  });

  it('means now where it says null', async () => {
    await forgetEverything(db);
    await ingest(db, batchOf([reading(new Date().toISOString())]));
    expect(await only(kpi('kpi_occupancy', DEMO_STORE_ID, null))).toMatchObject({ visitors: 1 });
    expect(await only(kpi('ingest_health', DEMO_STORE_ID, null))).toMatchObject({
      runs: 1,
      seconds_since_success: expect.any(Number),
    });
    expect(await only(kpi('kpi_compare', DEMO_STORE_ID, null, null))).toMatchObject({
      sessions: 1,
    });
    await db.query(
      `insert into etl_runs (id, org_id, store_id, batch_id, etl_function, status, started_at)
       select gen_random_uuid(), $1, $2, gen_random_uuid(), 'process-neuralsense-data', 'running',
         now() - interval '1 day' from generate_series(1, 25)`,
      [DEMO_ORG_ID, DEMO_STORE_ID],
    );
    expect(await kpi('ingest_runs', DEMO_STORE_ID, null)).toHaveLength(20);
  });

  it("is refused for another store's zone", async () => {
    await expect(kpi('kpi_zone_hours', DEMO_STORE_ID, BERLIN_SHELF, DAY)).rejects.toMatchObject({
      code: 'PT404',
    });
  });
});
