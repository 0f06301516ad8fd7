import type { PGlite } from '@electric-sql/pglite';
import { DEMO_ORG_ID, DEMO_STORE_ID } from '../../../src/embedded/database/demoStore.ts';
import {
  INGEST_TOKEN_HEADER,
  type LiveOccupancy,
  SCHEMA_VERSION,
} from '../../../supabase/functions/_shared/contract.ts';
import { handle } from '../../../supabase/functions/process-neuralsense-data/handler.ts';
import {
  addToken,
  asRole,
  migratedDatabase,
  type Row,
  rowsOf,
  rpcOn,
} from '../../support/database.ts';

const TOKEN = 'a-token-of-the-demo-store';
const MEMBER = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5eaa';
const NOBODY = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5eab';

const count = (change: Partial<LiveOccupancy> = {}): LiveOccupancy => ({
  schema_version: SCHEMA_VERSION,
  store_id: DEMO_STORE_ID,
  at: new Date().toISOString(),
  entries: 2,
  exits: 1,
  zones: [
    { zone_code: '12', visitors: 4 },
    { zone_code: '3', visitors: 1 },
  ],
  ...change,
});

describe('what a store counts live', () => {
  let db: PGlite;
  const post = (body: unknown, token = TOKEN) =>
    handle(
      new Request('http://localhost/process-neuralsense-data/live', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { [INGEST_TOKEN_HEADER]: token },
      }),
      { rpc: rpcOn(db), requestId: () => 'request-1' },
    );
  const told = (): Promise<ReadonlyArray<Row>> =>
    rowsOf(db, `select topic, event, private, payload from realtime.messages`);
  const known = (user = MEMBER) =>
    asRole(db, 'authenticated', `select * from public.kpi_live($1)`, [DEMO_STORE_ID], user);

  beforeAll(async () => {
    db = await migratedDatabase();
    await addToken(db, DEMO_STORE_ID, TOKEN);
    await db.query('insert into public.org_members (org_id, user_id) values ($1, $2)', [
      DEMO_ORG_ID,
      MEMBER,
    ]);
  }, 60_000);
  afterAll(() => db.close());
  beforeEach(() => db.exec('truncate public.live_occupancy, realtime.messages'));

  it('is told to who listens, zones by their ids, and kept for who comes later', async () => {
    const live = count();
    const answer = await post(live);
    expect([answer.status, await answer.json()]).toEqual([200, { live_window_seconds: 600 }]);
    const zone = (zone_code: string, visitors: number) => ({
      zone_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      zone_code,
      visitors,
    });
    const zones = [zone('3', 1), zone('12', 4)];
    const { at, entries, exits } = live;
    expect(await told()).toEqual([
      {
        topic: `store:${DEMO_STORE_ID}:live`,
        event: 'occupancy',
        private: true,
        payload: { store_id: DEMO_STORE_ID, at, entries, exits, visitors: 5, zones },
      },
    ]);
    const [row] = await known();
    expect(row).toEqual({
      at: new Date(at),
      seconds_since: expect.any(Number),
      visitors: 5,
      entries,
      exits,
      zones,
    });
  });

  it('is an empty shop, too', async () => {
    expect((await post(count({ zones: [] }))).status).toBe(200);
    expect((await known())[0]).toMatchObject({ visitors: 0, zones: [] });
  });

  it('counts phones in zones that nobody knows, without naming these', async () => {
    await post(count({ zones: [{ zone_code: '99', visitors: 7 }] }));
    expect((await known())[0]).toMatchObject({ visitors: 7, zones: [] });
  });

  it('keeps to the order of counting: a late one is passed over', async () => {
    const now = Date.now();
    await post(count({ at: new Date(now).toISOString(), entries: 5 }));
    const late = await post(count({ at: new Date(now - 5_000).toISOString(), entries: 9 }));
    expect(late.status).toBe(200);
    expect(await known()).toEqual([expect.objectContaining({ entries: 5 })]);
    expect(await told()).toHaveLength(1);
  });

  it('takes how long a phone counts from the store’s settings', async () => {
    const set = `update public.stores set settings = $1 where id = $2`;
    await db.query(set, ['{"live_window_minutes": 3}', DEMO_STORE_ID]);
    expect(await (await post(count())).json()).toEqual({ live_window_seconds: 180 });
    await db.query(set, ['{}', DEMO_STORE_ID]);
  });

  it.each<[string, number, Partial<LiveOccupancy>]>([
    ['a clock that is far ahead', 422, { at: new Date(Date.now() + 3_600_000).toISOString() }],
    ['a clock that is far behind', 422, { at: new Date(Date.now() - 3_600_000).toISOString() }],
    ['less than nobody', 422, { zones: [{ zone_code: '1', visitors: -1 }] }],
    ['a zone called NUL', 422, { zones: [{ zone_code: '1\u0000', visitors: 1 }] }],
    ['half of a surrogate pair', 422, { zones: [{ zone_code: '\ud800', visitors: 1 }] }],
    ['the year 1', 422, { at: '0001-01-01T00:00:00Z' }],
    ['half a visitor', 422, { zones: [{ zone_code: '1', visitors: 0.5 }] }],
    ['no instant', 422, { at: 'now' }],
    ['more zones than there can be', 422, { zones: Array(501).fill(count().zones[0]) }],
    ['another store', 401, { store_id: NOBODY }],
  ])('refuses %s', async (_what, status, change) => {
    expect((await post(count(change))).status).toBe(status);
    expect(await told()).toEqual([]);
  });

  it('is not taken from who has no token of the store', async () => {
    expect((await post(count(), 'another')).status).toBe(401);
    expect(await told()).toEqual([]);
  });

  it('is closed to who is no member, and written by the function alone', async () => {
    await post(count());
    await expect(known(NOBODY)).rejects.toThrow('no member');
    const table = 'select * from public.live_occupancy';
    expect(await asRole(db, 'authenticated', table, [], NOBODY)).toEqual([]);
    expect(await asRole(db, 'authenticated', table, [], MEMBER)).toHaveLength(1);
    await expect(asRole(db, 'anon', table)).rejects.toThrow('permission denied');
    const tell = `select public.broadcast_live('{}')`;
    await expect(asRole(db, 'authenticated', tell, [], MEMBER)).rejects.toThrow('denied');
    const change = `update public.live_occupancy set at = now()`;
    await expect(asRole(db, 'authenticated', change, [], MEMBER)).rejects.toThrow('denied');
  });
});
