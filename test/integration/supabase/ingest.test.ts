import type { PGlite } from '@electric-sql/pglite';
import { either as E } from 'fp-ts';
import { DEMO_ORG_ID, DEMO_STORE_ID } from '../../../src/embedded/database/demoStore.ts';
import { IngestResult } from '../../../supabase/functions/_shared/contract.ts';
import { batchOf, dwell, macHash, reading, ZONE } from '../../support/batches.ts';
import {
  forgetEverything,
  ingest,
  migratedDatabase,
  rowsOf,
  singleValue,
} from '../../support/database.ts';

let db: PGlite;
beforeAll(async () => {
  db = await migratedDatabase();
}, 60_000);
beforeEach(() => forgetEverything(db));
afterAll(() => db.close());

const count = (table: string) => singleValue(db, `select count(*)::int from ${table}`);

/** One phone walks in, looks at a window for 70 s, and pays. */
const walk = [
  reading('2026-03-01T01:00:00Z', ZONE.entrance),
  reading('2026-03-01T01:00:10Z', ZONE.windowWest),
  reading('2026-03-01T01:01:20Z', ZONE.windowWest),
  reading('2026-03-01T01:02:00Z', ZONE.checkout),
];

describe('a batch', () => {
  it('may say where a phone was without saying how surely; no other confidence will do', async () => {
    const at = { x: 1, y: 2 };
    const of = (minute: number, estimated_position: object) => ({
      ...reading(`2026-03-01T01:0${minute}:00Z`),
      estimated_position,
    });
    const rows = [at, { ...at, confidence: 0.5 }, { ...at, confidence: null }].map((where, n) =>
      of(n, where),
    );
    const answer = await ingest(db, { ...batchOf([]), readings: rows });

    expect(answer).toMatchObject({
      rejections: [{ list: 'readings', index: 2, code: 'invalid_row' }],
    });
    expect(await rowsOf(db, 'select confidence from zone_events order by event_time')).toEqual([
      { confidence: null },
      { confidence: 0.5 },
    ]);
  });

  it('becomes rows of every table', async () => {
    const batch = batchOf(walk);
    const result = IngestResult.decode(await ingest(db, batch));

    expect(result).toEqual(
      E.right({
        batch_id: batch.batch_id,
        run_id: await singleValue(db, 'select id from etl_runs'),
        duplicate: false,
        counts: {
          readings: 4,
          dwells: 0,
          zone_events: 4,
          visits: 1,
          visit_zone_events: 3,
          funnel_events: 4,
          rejected: 0,
        },
        rejections: [],
      }),
    );
    expect(
      await rowsOf(
        db,
        `select user_id, visit_date::text, duration_minutes::float, zones_visited, customer_id,
           metadata, source from visits`,
      ),
    ).toEqual([
      {
        user_id: 'system',
        visit_date: '2026-03-01',
        duration_minutes: 2,
        zones_visited: [ZONE.entrance, ZONE.windowWest, ZONE.checkout],
        customer_id: null,
        metadata: { hashed_mac: macHash(1) },
        source: 'neuralsense',
      },
    ]);
    expect(
      await rowsOf(
        db,
        `select sequence, zone_id, dwell_seconds::float as seconds, origin
         from visit_zone_events order by sequence`,
      ),
    ).toEqual([
      { sequence: 1, zone_id: ZONE.entrance, seconds: 0, origin: 'readings' },
      { sequence: 2, zone_id: ZONE.windowWest, seconds: 70, origin: 'readings' },
      { sequence: 3, zone_id: ZONE.checkout, seconds: 0, origin: 'readings' },
    ]);
    expect(
      await rowsOf(
        db,
        `select stage, to_char(event_time at time zone 'UTC', 'HH24:MI:SS') as at
         from funnel_events order by event_time`,
      ),
    ).toEqual([
      { stage: 'enter', at: '01:00:00' },
      { stage: 'browse', at: '01:00:10' },
      { stage: 'engage', at: '01:01:10' },
      { stage: 'checkout', at: '01:02:00' },
    ]);
    expect(await rowsOf(db, 'select status, payload from raw_imports')).toEqual([
      { status: 'completed', payload: batch },
    ]);
    expect(await rowsOf(db, 'select status, counters, error_code from etl_runs')).toEqual([
      {
        status: 'completed',
        counters: E.isRight(result) ? result.right.counts : undefined,
        error_code: null,
      },
    ]);
  });

  it('answers the questions that the source document asks', async () => {
    await ingest(db, batchOf(walk));
    expect(
      await singleValue(
        db,
        `select count(*)::int from zone_events where sensor_type = 'wifi' and created_at > now() - interval '1 hour'`,
      ),
    ).toBe(4);
    expect(
      await singleValue(
        db,
        `select count(*)::int from visits where source = 'neuralsense' and created_at > now() - interval '1 hour'`,
      ),
    ).toBe(1);
    expect(
      await rowsOf(
        db,
        `select * from etl_runs where etl_function = 'process-neuralsense-data' order by started_at desc limit 5`,
      ),
    ).toHaveLength(1);
  });

  it('sent twice adds nothing and gets the first answer', async () => {
    const batch = batchOf(walk);
    const first = await ingest(db, batch);
    expect(await ingest(db, batch)).toEqual({ ...first, duplicate: true });
    expect([await count('zone_events'), await count('visits'), await count('etl_runs')]).toEqual([
      4, 1, 1,
    ]);
  });

  it('is refused when its id came with another payload before', async () => {
    const batch = batchOf(walk);
    await ingest(db, batch);
    await expect(ingest(db, { ...batch, readings: walk.slice(1) })).rejects.toMatchObject({
      code: 'PT409',
    });
    expect(await count('zone_events')).toBe(4);
  });

  it('is refused for a store of another organisation', async () => {
    const batch = { ...batchOf(walk), org_id: '00000000-0000-4000-8000-000000000000' };
    await expect(ingest(db, batch)).rejects.toMatchObject({ code: 'PT403' });
    expect(await count('raw_imports')).toBe(0);
  });

  it('loses only the rows that are at fault', async () => {
    const stranger = '00000000-0000-4000-8000-00000000dead';
    const batch = batchOf(
      [
        ...walk,
        reading('2026-03-01T01:00:05Z', stranger),
        reading(new Date(Date.now() + 3_600_000).toISOString()),
      ],
      [dwell('2026-03-01T01:00:05Z', '2026-03-01T01:00:06Z', stranger)],
    );
    const broken = { ...batch, readings: [...batch.readings, { hashed_mac: 'x' }, 'junk', null] };
    expect(await ingest(db, broken)).toMatchObject({
      counts: { zone_events: 4, rejected: 6 },
      rejections: [
        { list: 'readings', index: 4, code: 'unknown_zone' },
        { list: 'readings', index: 5, code: 'future_timestamp' },
        { list: 'readings', index: 6, code: 'invalid_row' },
        { list: 'readings', index: 7, code: 'invalid_row' },
        { list: 'readings', index: 8, code: 'invalid_row' },
        { list: 'dwells', index: 0, code: 'unknown_zone' },
      ],
    });
  });

  it('loses a dwell that is not as long as it says, or too long, and no other row', async () => {
    const stay = (exit: string, phone: number, dwell_seconds?: number) => {
      const usual = dwell('2026-03-01T01:00:00Z', exit, ZONE.entrance, phone);
      return { ...usual, dwell_seconds: dwell_seconds ?? usual.dwell_seconds };
    };
    const batch = batchOf(walk, [
      stay('2026-03-01T01:00:10Z', 1, 10.9),
      stay('2026-03-01T01:00:10Z', 2, 11.1),
      stay('2026-03-01T01:00:10Z', 3, 8.9),
      stay('2026-03-01T01:00:10Z', 4, 1e308),
      stay('2026-03-03T01:00:00Z', 5),
      stay('2026-03-03T01:00:01Z', 6),
    ]);
    const invalid = [1, 2, 3, 5].map((index) => ({ list: 'dwells', index, code: 'invalid_row' }));
    expect(await ingest(db, batch)).toMatchObject({
      counts: { zone_events: 4, visits: 1, rejected: 4 },
      rejections: invalid,
    });
    expect(await count('zone_dwells')).toBe(2);
  });

  it.each(['1e400', '1e-400', '-1e400'])('survives the number %s anywhere', async (number) => {
    const text = JSON.stringify(
      batchOf(
        [...walk, reading('2026-03-01T01:03:00Z', ZONE.checkout)],
        [dwell('2026-03-01T01:00:00Z', '2026-03-01T01:00:10Z', ZONE.entrance)],
      ),
    )
      .replace('"dwell_seconds":10', `"dwell_seconds":${number}`)
      .replace('"x":1.5', `"x":${number}`);
    const isTiny = number === '1e-400';
    expect(
      await singleValue(db, 'select ingest_neuralsense_batch($1::text::jsonb)', [text]),
    ).toMatchObject({
      counts: { zone_events: isTiny ? 5 : 4, rejected: isTiny ? 1 : 2 },
    });
  });

  it('is announced once, without a hash', async () => {
    await ingest(db, batchOf(walk));
    const messages = await rowsOf(db, 'select topic, private, payload from realtime.messages');
    expect(messages).toMatchObject([{ topic: `store:${DEMO_STORE_ID}:live`, private: true }]);
    expect(JSON.stringify(messages)).not.toContain(macHash(1));
  });

  it('is kept when announcing fails', async () => {
    await db.exec('alter table realtime.messages rename to elsewhere');
    try {
      expect(await ingest(db, batchOf(walk))).toMatchObject({ counts: { visits: 1 } });
    } finally {
      await db.exec('alter table realtime.elsewhere rename to messages');
    }
  });
});

describe('a store whose settings are not usable', () => {
  const tables = () =>
    rowsOf(
      db,
      `select v.visit_date, v.entry_time, v.exit_time, f.stage, f.event_time
       from visits v join funnel_events f on f.visit_id = v.id order by f.event_time, f.stage`,
    );
  const set = (settings: unknown, timeZone = 'Asia/Seoul') =>
    db.query('update stores set settings = $1::text::jsonb, time_zone = $2 where id = $3', [
      JSON.stringify(settings),
      timeZone,
      DEMO_STORE_ID,
    ]);
  afterEach(() => set({}));

  const UNUSABLE = ['15 min', '15', 'NaN', 1e300, -1, -1e300, true, null, [], {}];
  it.each([
    ...['session_gap_minutes', 'day_starts_at_hour', 'engage_after_seconds'].flatMap((key) =>
      UNUSABLE.map((value) => ({ [key]: value })),
    ),
    [],
    'nothing',
    null,
  ])('is taken as one without them: %j', async (settings) => {
    await ingest(db, batchOf(walk));
    const usual = await tables();
    await forgetEverything(db);
    await set(settings ?? 0);
    expect(await ingest(db, batchOf(walk))).toMatchObject({ counts: { visits: 1 } });
    expect(await tables()).toEqual(usual);
  });

  it.each(['Mars/Phobos', '', 'x'.repeat(300)])(
    'is taken to be in UTC when its time zone is %p',
    async (timeZone) => {
      await set({}, timeZone);
      expect(await ingest(db, batchOf([reading('2026-03-01T20:00:00Z')]))).toMatchObject({
        counts: { visits: 1 },
      });
      expect(await singleValue(db, 'select visit_date::text from visits')).toBe('2026-03-01');
    },
  );
});

describe('a transform that fails', () => {
  it('leaves the raw import and a failed run, no facts, and succeeds the next time', async () => {
    const batch = batchOf(walk);
    await db.exec(`alter table funnel_events add constraint broken check (stage <> 'engage')`);
    expect(await ingest(db, batch)).toMatchObject({ error: { code: '23514' } });
    expect(await rowsOf(db, 'select status, error_code, error_message from etl_runs')).toEqual([
      {
        status: 'failed',
        error_code: '23514',
        error_message: expect.stringContaining('violates check constraint "broken"'),
      },
    ]);
    expect([
      await count('raw_imports'),
      await count('zone_events'),
      await count('visits'),
      await count('realtime.messages'),
    ]).toEqual([1, 0, 0, 0]);

    await db.exec('alter table funnel_events drop constraint broken');
    expect(await ingest(db, batch)).toMatchObject({ duplicate: false, counts: { visits: 1 } });
    expect(await rowsOf(db, 'select status from etl_runs order by started_at')).toEqual([
      { status: 'failed' },
      { status: 'completed' },
    ]);
    expect(await count('raw_imports')).toBe(1);
  });
});

describe('visits', () => {
  const visits = () =>
    rowsOf(
      db,
      `select visit_date::text as day, round(extract(epoch from exit_time - entry_time))::int as seconds
       from visits order by entry_time`,
    );

  it('end where a phone is silent for longer than the session gap', async () => {
    await ingest(
      db,
      batchOf([
        reading('2026-03-01T01:00:00Z'),
        reading('2026-03-01T01:15:00Z'),
        reading('2026-03-01T01:30:01Z'),
      ]),
    );
    expect(await visits()).toEqual([
      { day: '2026-03-01', seconds: 900 },
      { day: '2026-03-01', seconds: 0 },
    ]);
  });

  it('become one when a late reading lies between them, and leave no orphan', async () => {
    await ingest(db, batchOf([reading('2026-03-01T01:00:00Z'), reading('2026-03-01T01:20:00Z')]));
    expect(await count('visits')).toBe(2);
    await ingest(db, batchOf([reading('2026-03-01T01:10:00Z', ZONE.aisle)]));
    expect(await visits()).toEqual([{ day: '2026-03-01', seconds: 1200 }]);
    expect(
      await singleValue(
        db,
        `select count(*)::int from visit_zone_events s full join visits v on v.id = s.visit_id
         where v.id is null or s.id is null`,
      ),
    ).toBe(0);
    expect(await count('funnel_events')).toBe(2);
  });

  it('belong to the day of their beginning in the store, across its midnight', async () => {
    await ingest(db, batchOf([reading('2026-03-01T14:55:00Z'), reading('2026-03-01T15:05:00Z')]));
    expect(await visits()).toEqual([{ day: '2026-03-01', seconds: 600 }]);
    await ingest(db, batchOf([reading('2026-03-01T15:05:00Z', ZONE.aisle, 2)]));
    expect((await visits())[1]).toEqual({ day: '2026-03-02', seconds: 0 });
  });

  it("end at the start of the store's day, so that a phone that never leaves has many", async () => {
    await ingest(db, batchOf([reading('2026-03-01T18:59:00Z'), reading('2026-03-01T19:01:00Z')]));
    expect(await visits()).toEqual([
      { day: '2026-03-02', seconds: 0 },
      { day: '2026-03-02', seconds: 0 },
    ]);
  });

  it("follow the store's own session gap", async () => {
    await db.query(`update stores set settings = '{"session_gap_minutes": 1}' where id = $1`, [
      DEMO_STORE_ID,
    ]);
    try {
      await ingest(db, batchOf([reading('2026-03-01T01:00:00Z'), reading('2026-03-01T01:02:00Z')]));
      expect(await count('visits')).toBe(2);
    } finally {
      await db.query(`update stores set settings = '{}' where id = $1`, [DEMO_STORE_ID]);
    }
  });

  it('keep two lines of one phone in one window apart', async () => {
    await ingest(
      db,
      batchOf([
        reading('2026-03-01T01:00:00Z', ZONE.entrance, 1, -50),
        reading('2026-03-01T01:00:00Z', ZONE.entrance, 1, -55),
        reading('2026-03-01T01:00:00Z', ZONE.entrance, 1, -55),
      ]),
    );
    expect(await count('zone_events')).toBe(2);
  });
});

describe('dwells', () => {
  const stays = () =>
    rowsOf(
      db,
      `select zone_id, dwell_seconds::float as seconds, origin from visit_zone_events order by sequence`,
    );

  it('stand for the runs that they cover, whichever came first', async () => {
    const flicker = [...walk, reading('2026-03-01T01:00:40Z', ZONE.aisle)];
    const stay = dwell('2026-03-01T01:00:10Z', '2026-03-01T01:01:20Z', ZONE.windowWest);
    const expected = [
      { zone_id: ZONE.entrance, seconds: 0, origin: 'readings' },
      { zone_id: ZONE.windowWest, seconds: 70, origin: 'dwell' },
      { zone_id: ZONE.checkout, seconds: 0, origin: 'readings' },
    ];
    await ingest(db, batchOf(flicker));
    expect(await stays()).toHaveLength(5);
    await ingest(db, batchOf([], [stay]));
    expect(await stays()).toEqual(expected);

    await forgetEverything(db);
    await ingest(db, batchOf([], [stay]));
    expect(await stays()).toEqual([]);
    await ingest(db, batchOf(flicker));
    expect(await stays()).toEqual(expected);
  });
});

it('a store that is deleted takes everything with it', async () => {
  const store = '00000000-0000-4000-8000-0000000000c1';
  const zone = '00000000-0000-4000-8000-0000000000c2';
  await db.exec(`
    insert into stores (id, org_id, store_name) values ('${store}', '${DEMO_ORG_ID}', 'closing');
    insert into zones_dim (id, org_id, store_id, zone_code, zone_name, zone_type, position_x, position_z)
    values ('${zone}', '${DEMO_ORG_ID}', '${store}', '1', 'Entrance', 'entrance', 0, 0);`);
  const times = ['2026-03-01T01:00:00Z', '2026-03-01T01:02:00Z'];
  await ingest(db, {
    ...batchOf(
      times.map((time) => reading(time, zone)),
      [dwell('2026-03-01T01:00:00Z', '2026-03-01T01:01:00Z', zone)],
    ),
    store_id: store,
  });
  const tables = await rowsOf(
    db,
    `select attrelid::regclass::text as name from pg_attribute join pg_class on oid = attrelid
     where attname = 'store_id' and relkind = 'r'
       and relnamespace in ('public'::regnamespace, 'private'::regnamespace)`,
  );
  const held = async () => {
    const found: unknown[] = [];
    for (const { name } of tables)
      if (await singleValue(db, `select exists (select from ${name} where store_id = '${store}')`))
        found.push(name);
    return found;
  };
  expect(await held()).toEqual(expect.arrayContaining(['raw_imports', 'etl_runs', 'visits']));
  expect(await held()).toHaveLength(11);
  await db.query('delete from stores where id = $1', [store]);
  expect(await held()).toEqual([]);
});
