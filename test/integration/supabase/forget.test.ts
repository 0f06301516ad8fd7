import type { PGlite } from '@electric-sql/pglite';
import { DEMO_STORE_ID } from '../../../src/embedded/database/demoStore.ts';
import { hashMac } from '../../../src/production/hashMac.ts';
import { batchOf, dwell, macHash, reading, ZONE } from '../../support/batches.ts';
import {
  forgetEverything,
  ingest,
  migratedDatabase,
  type Row,
  rowsOf,
  rpcOn,
  singleValue,
} from '../../support/database.ts';

const PHONE = macHash(0xf00d_cafe);
const NOTHING = {
  zone_events: 0,
  zone_dwells: 0,
  sessions: 0,
  visits: 0,
  visit_zone_events: 0,
  funnel_events: 0,
  raw_imports: 0,
  etl_runs: 0,
};

let db: PGlite;
beforeAll(async () => {
  db = await migratedDatabase();
}, 60_000);
beforeEach(() => forgetEverything(db));
afterAll(() => db.close());

const call = async (name: string, args: Record<string, unknown>): Promise<unknown> => {
  const { data, error } = await rpcOn(db)(name, args);
  if (error) throw Object.assign(new Error(error.message), error);
  return data;
};
const forget = (hashed_mac: string, store_id = DEMO_STORE_ID) =>
  call('forget_phone', { store_id, hashed_mac });

/** A morning of phone 1 and of the phone to be forgotten, in batches that they share. */
const morning = () => {
  const ours = <A extends object>(row: A) => ({ ...row, hashed_mac: PHONE });
  return [
    batchOf([
      reading('2026-03-01T01:00:00Z'),
      ours(reading('2026-03-01T01:00:02Z')),
      reading('2026-03-01T01:02:00Z', ZONE.windowWest),
      ours(reading('2026-03-01T01:03:00Z', ZONE.checkout)),
    ]),
    batchOf(
      [ours(reading('2026-03-01T05:00:00Z', ZONE.aisle))],
      [
        ours(dwell('2026-03-01T01:00:02Z', '2026-03-01T01:03:00Z', ZONE.entrance)),
        dwell('2026-03-01T01:00:00Z', '2026-03-01T01:02:00Z', ZONE.entrance),
      ],
    ),
    batchOf([ours(reading('2026-03-01T05:01:00Z', '00000000-0000-4000-8000-00000000dead'))]),
  ];
};

/** Every value of every table of ours, as text: nothing that is added later can hide from it. */
const everything = async (): Promise<string> => {
  const tables = await rowsOf(
    db,
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema in ('public', 'private', 'realtime') and table_type = 'BASE TABLE'`,
  );
  const texts: string[] = [];
  for (const { name } of tables)
    texts.push(
      ...(await rowsOf(db, `select t::text as row from ${name} t`)).map((r) => String(r['row'])),
    );
  return texts.join('\n');
};

const WHAT_PHONES_CAUSE = [
  'select id, hashed_mac, event_time from zone_events order by id',
  'select hashed_mac, zone_id, entered_at, exited_at from zone_dwells order by 1, 2, 3',
  'select id, visitor_id, entry_time, exit_time, zones_visited, metadata from visits order by id',
  'select visit_id, sequence, zone_id, entered_at, exited_at from visit_zone_events order by 1, 2',
  'select visit_id, stage, zone_id, event_time from funnel_events order by 1, 2',
];
const facts = async (): Promise<ReadonlyArray<ReadonlyArray<Row>>> => {
  const found: Array<ReadonlyArray<Row>> = [];
  for (const sql of WHAT_PHONES_CAUSE) found.push(await rowsOf(db, sql));
  return found;
};

it('a forgotten phone is in no row of any table, and its traces were counted', async () => {
  for (const batch of morning()) await ingest(db, batch);
  const visitor = String(
    await singleValue(db, 'select private.visitor_id($1, $2)', [DEMO_STORE_ID, PHONE]),
  );
  const visits = await rowsOf(db, 'select id from visits where visitor_id = $1', [visitor]);
  expect(visits).toHaveLength(2);

  const receipt = Object(await forget(PHONE));
  expect(receipt.removed).toEqual({
    zone_events: 3,
    zone_dwells: 1,
    sessions: 2,
    visits: 2,
    visit_zone_events: expect.any(Number),
    funnel_events: expect.any(Number),
    raw_imports: 3,
    etl_runs: 0,
  });
  expect(receipt.removed.visit_zone_events).toBeGreaterThan(1);
  expect(receipt.removed.funnel_events).toBeGreaterThan(1);
  expect(receipt.left).toEqual(NOTHING);
  const left = await everything();
  for (const trace of [PHONE, visitor, ...visits.map(({ id }) => String(id))])
    expect(left).not.toContain(trace);
});

it('leaves the other phones as if the forgotten one had never come', async () => {
  const batches = morning();
  for (const batch of batches) {
    const readings = batch.readings.filter(({ hashed_mac }) => hashed_mac !== PHONE);
    const dwells = batch.dwells.filter(({ hashed_mac }) => hashed_mac !== PHONE);
    await ingest(db, { ...batch, readings, dwells });
  }
  const without = await facts();
  await forgetEverything(db);
  for (const batch of batches) await ingest(db, batch);
  expect(await facts()).not.toEqual(without);
  await forget(PHONE);
  expect(await facts()).toEqual(without);
});

it('keeps what the others sent in the same batches', async () => {
  for (const batch of morning()) await ingest(db, batch);
  await forget(PHONE);
  expect(
    await rowsOf(
      db,
      `select jsonb_array_length(payload -> 'readings') as readings,
         jsonb_array_length(payload -> 'dwells') as dwells, result is not null as answered
       from raw_imports order by created_at`,
    ),
  ).toEqual([
    { readings: 2, dwells: 0, answered: true },
    { readings: 0, dwells: 1, answered: true },
    { readings: 0, dwells: 0, answered: true },
  ]);
});

it('a batch that is sent once more does not bring it back', async () => {
  const batches = morning();
  for (const batch of batches) await ingest(db, batch);
  await forget(PHONE);
  for (const batch of batches) expect(await ingest(db, batch)).toMatchObject({ duplicate: true });
  expect(await call('phone_traces', { store_id: DEMO_STORE_ID, hashed_mac: PHONE })).toEqual(
    NOTHING,
  );
});

it('a batch that failed and is sent once more does not bring it back, and brings the others', async () => {
  const batches = morning();
  await db.exec(
    `alter table visits add constraint broken check (source <> 'neuralsense') not valid`,
  );
  for (const batch of batches.slice(0, 2))
    expect(await ingest(db, batch)).toMatchObject({ error: { code: '23514' } });
  await db.exec('alter table visits drop constraint broken');
  expect(await forget(PHONE)).toMatchObject({ removed: { raw_imports: 2 }, left: NOTHING });

  for (const batch of batches.slice(0, 2))
    expect(await ingest(db, batch)).toMatchObject({ batch_id: batch.batch_id, duplicate: false });
  expect(await call('phone_traces', { store_id: DEMO_STORE_ID, hashed_mac: PHONE })).toEqual(
    NOTHING,
  );
  expect(await everything()).not.toContain(PHONE);
  expect(await singleValue(db, 'select count(*)::int from zone_events')).toBe(2);
  expect(await singleValue(db, 'select count(*)::int from zone_dwells')).toBe(1);
});

it('overwrites the hash wherever else a batch or a run may hold it', async () => {
  for (const batch of morning()) await ingest(db, batch);
  await db.query(
    `update raw_imports set payload = payload || jsonb_build_object('note', $1::text),
       result = result || jsonb_build_object('note', $1::text)`,
    [`of ${PHONE}`],
  );
  await db.query(`update etl_runs set error_message = 'no row for ' || $1::text`, [PHONE]);
  expect(await forget(PHONE)).toMatchObject({ removed: { etl_runs: 3 }, left: NOTHING });
  expect(await everything()).not.toContain(PHONE);
  expect(await singleValue(db, 'select min(error_message) from etl_runs')).toBe(
    'no row for forgotten',
  );
});

it('may be repeated, and forgets in one store only', async () => {
  for (const batch of morning()) await ingest(db, batch);
  const another = String(
    await singleValue(
      db,
      `insert into stores (org_id, store_name) select id, 'Another' from organisations returning id`,
    ),
  );
  expect(await forget(PHONE, another)).toEqual({ removed: NOTHING, left: NOTHING });
  expect(await forget(PHONE)).toMatchObject({ removed: { visits: 2 } });
  expect(await forget(PHONE)).toEqual({ removed: NOTHING, left: NOTHING });
});

it.each([
  ['a MAC address in place of its hash', 'a8:76:50:e9:28:20', DEMO_STORE_ID, 'PT422'],
  ['a store that is not there', PHONE, '00000000-0000-4000-8000-00000000dead', 'PT404'],
])('refuses %s', async (_what, hash, store, code) => {
  await expect(forget(hash, store)).rejects.toMatchObject({ code });
});

describe('a new hash secret', () => {
  const MAC = 'a8:76:50:e9:28:20';
  const [before, after] = [hashMac('the old secret')(MAC), hashMac('the new secret')(MAC)];
  const heard = (hashed_mac: string, at: string) => batchOf([{ ...reading(at), hashed_mac }]);

  it('makes strangers of known visitors', async () => {
    expect(after).not.toBe(before);
    await ingest(db, heard(before, '2026-03-01T01:00:00Z'));
    await ingest(db, heard(after, '2026-03-01T01:01:00Z'));
    expect(await singleValue(db, 'select count(distinct visitor_id)::int from visits')).toBe(2);
  });

  it('leaves what was stored before to be forgotten under the old one', async () => {
    await ingest(db, heard(before, '2026-03-01T01:00:00Z'));
    expect(await forget(after)).toMatchObject({ removed: { visits: 0 } });
    expect(await forget(before)).toMatchObject({ removed: { visits: 1 }, left: NOTHING });
  });
});
