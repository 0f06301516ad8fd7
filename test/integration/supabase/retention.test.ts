import type { PGlite } from '@electric-sql/pglite';
import fc from 'fast-check';
import { DEMO_STORE_ID } from '../../../src/embedded/database/demoStore.ts';
import type { UploadDwell, UploadReading } from '../../../supabase/functions/_shared/contract.ts';
import { batchOf, dwell, reading, ZONE } from '../../support/batches.ts';
import {
  forgetEverything,
  ingest,
  migratedDatabase,
  type Row,
  rowsOf,
  rpcOn,
  singleValue,
} from '../../support/database.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const GAP_MINUTES = 15;

/** This many days and minutes ago; minutes forward from there. */
const ago = (days: number, minutes = 0): string =>
  new Date(Date.now() - days * DAY_MS + minutes * MINUTE_MS).toISOString();

let db: PGlite;
beforeAll(async () => {
  db = await migratedDatabase();
}, 60_000);
const startAfresh = async () => {
  await forgetEverything(db);
  await db.exec(`delete from private.store_retention; update stores set settings = '{}'`);
};
beforeEach(startAfresh);
afterAll(() => db.close());

const prune = async (max_rows = 20_000): Promise<Row> => {
  const args = { store_id: DEMO_STORE_ID, max_rows };
  const { data, error } = await rpcOn(db)('prune_store_data', args);
  if (error) throw Object.assign(new Error(error.message), error);
  return Object(data);
};
const set = (settings: object) => db.query('update stores set settings = $1', [settings]);
const count = (table: string, where = 'true') =>
  singleValue(db, `select count(*)::int from ${table} where ${where}`);

const DERIVED = [
  'select id, visitor_id, entry_time, exit_time, zones_visited from visits order by id',
  `select visit_id, sequence, zone_id, entered_at, exited_at, dwell_seconds, origin
   from visit_zone_events order by 1, 2`,
  'select visit_id, stage, zone_id, event_time from funnel_events order by 1, 2',
];
const derived = async (): Promise<ReadonlyArray<ReadonlyArray<Row>>> => {
  const found: Array<ReadonlyArray<Row>> = [];
  for (const sql of DERIVED) found.push(await rowsOf(db, sql));
  return found;
};

describe('what is kept', () => {
  it('zone_events and dwells for 180 days, raw imports for 30, visits for ever', async () => {
    await ingest(
      db,
      batchOf(
        [reading(ago(181)), reading(ago(181, 2)), reading(ago(179)), reading(ago(1))],
        [dwell(ago(181), ago(181, 2), ZONE.entrance), dwell(ago(179), ago(179, 2), ZONE.entrance)],
      ),
    );
    await ingest(db, batchOf([reading(ago(0, -5))]));
    await db.exec(`update raw_imports set created_at = now() - interval '31 days'
      where created_at = (select min(created_at) from raw_imports)`);
    const visits = await derived();
    expect(await prune()).toMatchObject({
      raw_imports: 1,
      zone_events: 2,
      zone_dwells: 1,
      more: false,
    });
    expect(await count('zone_events')).toBe(3);
    expect(await count('zone_dwells')).toBe(1);
    expect(await count('raw_imports')).toBe(1);
    expect(await derived()).toEqual(visits);
    expect(await prune()).toMatchObject({ raw_imports: 0, zone_events: 0, zone_dwells: 0 });
  });

  it('is a setting of each store', async () => {
    await ingest(db, batchOf([reading(ago(20)), reading(ago(8))]));
    await db.exec(`update raw_imports set created_at = now() - interval '6 days'`);
    await set({ keep_raw_imports_days: 7, keep_zone_events_days: 10 });
    expect(await prune()).toMatchObject({ raw_imports: 0, zone_events: 1 });
    await set({ keep_raw_imports_days: 5, keep_zone_events_days: 10 });
    expect(await prune()).toMatchObject({ raw_imports: 1, zone_events: 0 });
  });

  it.each([
    ['a word', 'ten', 0],
    ['nothing', null, 0],
    ['less than two days', 0, 2],
    ['less than nothing', -5, 2],
  ])(
    'with a setting that is %s: the usual, and never less than two days',
    async (_w, days, pruned) => {
      await set({ keep_zone_events_days: days });
      await ingest(db, batchOf([reading(ago(100)), reading(ago(3)), reading(ago(1))]));
      expect(await prune()).toMatchObject({ zone_events: pruned });
    },
  );

  it('rows that are not ours stay, however old', async () => {
    const legacy = await migratedDatabase(`
      create table public.zone_events (id uuid, store_id uuid, zone_id uuid, event_time timestamptz);
      create table public.raw_imports (id uuid, store_id uuid, source text, created_at timestamptz);
      insert into public.zone_events select gen_random_uuid(), '${DEMO_STORE_ID}',
        '${ZONE.entrance}', now() - interval '2 years' from generate_series(1, 10);
      insert into public.raw_imports select gen_random_uuid(), '${DEMO_STORE_ID}', 'till',
        now() - interval '2 years' from generate_series(1, 10);`);
    const [{ answer } = {}] = await rowsOf(legacy, 'select prune_store_data($1) as answer', [
      DEMO_STORE_ID,
    ]);
    expect(answer).toMatchObject({ raw_imports: 0, zone_events: 0 });
    await legacy.close();
  }, 60_000);

  it('a dwell stays until its end is past, too', async () => {
    await ingest(db, batchOf([], [dwell(ago(180, -10), ago(180, 10), ZONE.entrance)]));
    expect(await prune()).toMatchObject({ zone_dwells: 0 });
  });

  it('goes a portion at a time', async () => {
    await ingest(db, batchOf([0, 1, 2, 3, 4].map((minute) => reading(ago(181, minute)))));
    expect(await prune(2)).toMatchObject({ zone_events: 2, more: true });
    expect(await prune(2)).toMatchObject({ zone_events: 2, more: true });
    expect(await prune(2)).toMatchObject({ zone_events: 1, more: false });
    await expect(prune(0)).rejects.toMatchObject({ code: 'PT422' });
  });
});

describe('a late batch', () => {
  it('for a time that was pruned is rejected row by row, and changes no visit', async () => {
    await ingest(db, batchOf([reading(ago(181)), reading(ago(181, 5), ZONE.windowWest)]));
    await prune();
    const visits = await derived();
    const answer = await ingest(
      db,
      batchOf(
        [reading(ago(181, 3), ZONE.aisle), reading(ago(1)), reading(ago(181), 'no zone')],
        [dwell(ago(181, 1), ago(181, 4), ZONE.entrance)],
      ),
    );
    expect(answer).toMatchObject({
      counts: { zone_events: 1, rejected: 3 },
      rejections: [
        { list: 'readings', index: 0, code: 'past_retention' },
        { list: 'readings', index: 2, code: 'invalid_row' },
        { list: 'dwells', index: 0, code: 'past_retention' },
      ],
    });
    expect(await count('visits')).toBe(2);
    await db.exec(`delete from visits where entry_time > now() - interval '2 days';`);
    expect((await derived())[0]).toEqual(visits[0]);
  });

  it('is taken where nothing was pruned yet, however old it is', async () => {
    expect(await ingest(db, batchOf([reading(ago(500))]))).toMatchObject({
      counts: { zone_events: 1, rejected: 0 },
    });
  });

  it('is still rejected after the store decides to keep more', async () => {
    await prune();
    await set({ keep_zone_events_days: 1000 });
    await prune();
    expect(await ingest(db, batchOf([reading(ago(181))]))).toMatchObject({
      rejections: [{ code: 'past_retention' }],
    });
  });

  it('that was received before its import was pruned adds nothing', async () => {
    const batch = batchOf([reading(ago(100)), reading(ago(100, 1))]);
    await ingest(db, batch);
    const visits = await derived();
    await db.exec(`update raw_imports set created_at = now() - interval '31 days'`);
    expect(await prune()).toMatchObject({ raw_imports: 1 });
    expect(await ingest(db, batch)).toMatchObject({ duplicate: false, counts: { zone_events: 0 } });
    expect(await derived()).toEqual(visits);
  });
});

describe('a visit across the border', () => {
  beforeEach(() => set({ keep_zone_events_days: 10 }));

  it('keeps all its events, and a late reading makes it longer, not shorter', async () => {
    const minutes = [-40, -30, -20, -10, 0.5, 10];
    await ingest(db, batchOf(minutes.map((minute) => reading(ago(10, minute)))));
    const [[before] = []] = await derived();
    expect(await prune()).toMatchObject({ zone_events: 0 });
    expect(await ingest(db, batchOf([reading(ago(10, 20), ZONE.aisle)]))).toMatchObject({
      counts: { zone_events: 1 },
    });
    const [visits] = await derived();
    expect(visits).toMatchObject([{ id: before?.['id'], entry_time: before?.['entry_time'] }]);
    expect(visits?.[0]?.['zones_visited']).toHaveLength(2);
  });

  it('takes no reading that could reach a visit whose events are gone', async () => {
    await ingest(db, batchOf([reading(ago(10, -8)), reading(ago(10, -1))]));
    const visits = await derived();
    await prune();
    expect(await count('zone_events')).toBe(0);
    const late = batchOf([reading(ago(10, 5)), reading(ago(10, GAP_MINUTES + 0.1))]);
    expect(await ingest(db, late)).toMatchObject({
      rejections: [{ index: 0, code: 'past_retention' }],
    });
    expect((await derived())[0]).toEqual(expect.arrayContaining([...(visits[0] ?? [])]));
    expect(await count('visits')).toBe(2);
  });

  it('is as it would be without pruning, whatever comes late (property)', async () => {
    const minute = fc.integer({ min: -50, max: 60 });
    const zone = fc.constantFrom(...Object.values(ZONE));
    const phone = fc.integer({ min: 1, max: 2 });
    const arbitraryReading = fc.record({ minute, zone, phone });
    const arbitraryDwell = fc.record({
      minute,
      zone,
      phone,
      long: fc.integer({ min: 1, max: 90 }),
    });
    const arbitraryBatch = fc.record({
      readings: fc.array(arbitraryReading, { maxLength: 25 }),
      dwells: fc.array(arbitraryDwell, { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(arbitraryBatch, arbitraryBatch, async (early, late) => {
        const base = Date.now() - 10 * DAY_MS;
        const at = (m: number) => new Date(base + m * MINUTE_MS + 30_000).toISOString();
        const rows = (batch: typeof early) => ({
          readings: batch.readings.map((r) => reading(at(r.minute), r.zone, r.phone)),
          dwells: batch.dwells.map((d) =>
            dwell(at(d.minute), at(d.minute + d.long), d.zone, d.phone),
          ),
        });
        const [first, second] = [rows(early), rows(late)];

        await startAfresh();
        await set({ keep_zone_events_days: 10 });
        await ingest(db, batchOf(first.readings, first.dwells));
        await prune();
        const { rejections } = await ingest(db, batchOf(second.readings, second.dwells));
        const pruned = await derived();

        const rejected = new Set(
          (Array.isArray(rejections) ? rejections : []).map(
            ({ list, index }) => `${list} ${index}`,
          ),
        );
        const accepted = <A extends UploadReading | UploadDwell>(
          list: string,
          all: ReadonlyArray<A>,
        ) => all.filter((_, index) => !rejected.has(`${list} ${index}`));
        await startAfresh();
        await ingest(db, batchOf(first.readings, first.dwells));
        await ingest(
          db,
          batchOf(accepted('readings', second.readings), accepted('dwells', second.dwells)),
        );
        expect(pruned).toEqual(await derived());
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});

describe('pg_cron', () => {
  it('is not there: nothing is scheduled, and `npm run prune` is the way', async () => {
    expect(await singleValue(db, 'select private.schedule_pruning()')).toBe(false);
  });

  it('is there: the migration schedules one job, which prunes the store that is due', async () => {
    const scheduled = await migratedDatabase(`
      create schema cron;
      create table cron.job (jobname text primary key, schedule text, command text);
      create function cron.schedule(job_name text, schedule text, command text) returns bigint
      language sql as $$
        insert into cron.job values ($1, $2, $3)
        on conflict (jobname) do update set schedule = $2, command = $3;
        select 1::bigint $$;`);
    await scheduled.exec('select private.schedule_pruning()');
    const jobs = await rowsOf(scheduled, 'select * from cron.job');
    expect(jobs).toEqual([
      { jobname: 'neuralsense-prune', schedule: '* * * * *', command: expect.any(String) },
    ]);
    await ingest(scheduled, batchOf([reading(ago(181)), reading(ago(1))]));
    await scheduled.exec(String(jobs[0]?.['command']));
    expect(await singleValue(scheduled, 'select count(*)::int from zone_events')).toBe(1);
    await scheduled.close();
  }, 60_000);

  const pruneNext = () => singleValue(db, 'select private.prune_next_store()');
  const OTHER_STORE_ID = '00000000-0000-4000-8000-0000000000b2';
  const withAnotherStore = () =>
    db.query(
      `insert into stores (id, org_id, store_name) select $1, org_id, 'other' from stores where id = $2`,
      [OTHER_STORE_ID, DEMO_STORE_ID],
    );
  afterEach(() => db.query('delete from stores where id = $1', [OTHER_STORE_ID]));

  it('prunes one store at a time, each once an hour', async () => {
    await withAnotherStore();
    const pruned = [await pruneNext(), await pruneNext(), await pruneNext()];
    expect(pruned.slice(0, 2).sort()).toEqual([DEMO_STORE_ID, OTHER_STORE_ID].sort());
    expect(pruned[2]).toBeNull();
    await db.exec(`update private.store_retention set due_at = due_at - interval '1 hour'`);
    expect(await pruneNext()).toBe(pruned[0]);
  });

  it('goes on at once while there is more', async () => {
    const SAME = `org_id, store_id, zone_id, batch_id, hashed_mac, event_time, sensor_type,
      rssi_readings, position_x, position_y, confidence`;
    await ingest(db, batchOf(Array.from({ length: 3 }, (_, n) => reading(ago(181, n)))));
    await db.query(
      `insert into zone_events (id, reading_key, ${SAME})
       select gen_random_uuid(), n, ${SAME}
       from (select * from zone_events limit 1) event, generate_series(1, 20000) n`,
    );
    expect(await pruneNext()).toBe(DEMO_STORE_ID);
    expect(await count('zone_events')).toBeGreaterThan(0);
    expect(await pruneNext()).toBe(DEMO_STORE_ID);
    expect(await count('zone_events')).toBe(0);
    expect(await pruneNext()).toBeNull();
  });

  it('is kept from no store by what fails in another', async () => {
    await withAnotherStore();
    await db.exec(`
      create function no_delete() returns trigger language plpgsql as
        $$ begin raise exception 'no'; end $$;
      create trigger no_delete before delete on zone_events for each row execute function no_delete();`);
    await ingest(db, batchOf([reading(ago(181))]));
    const pruned = [await pruneNext(), await pruneNext()];
    await db.exec('drop function no_delete cascade');
    expect(pruned.sort()).toEqual([DEMO_STORE_ID, OTHER_STORE_ID].sort());
    expect(await pruneNext()).toBeNull();
    expect(await count('zone_events')).toBe(1);
  });
});
