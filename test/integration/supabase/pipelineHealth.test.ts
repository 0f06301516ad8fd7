import type { PGlite } from '@electric-sql/pglite';
import { DEMO_ORG_ID, DEMO_STORE_ID } from '../../../src/embedded/database/demoStore.ts';
import { batchOf, reading, ZONE } from '../../support/batches.ts';
import { asRole, ingest, migratedDatabase } from '../../support/database.ts';

const MEMBER = 'aaaaaaaa-0000-4000-8000-000000000001';

let db: PGlite;
beforeEach(async () => {
  db = await migratedDatabase();
  await db.query('insert into org_members (org_id, user_id) values ($1, $2)', [
    DEMO_ORG_ID,
    MEMBER,
  ]);
}, 60_000);
afterEach(() => db.close());

const ask = (call: string) => asRole(db, 'authenticated', `select * from ${call}`, [], MEMBER);
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const heardBy = (timestamp: string, ...sensors: ReadonlyArray<string>) => ({
  ...reading(timestamp, ZONE.aisle),
  rssi_readings: Object.fromEntries(sensors.map((sensor) => [sensor, -60])),
});

it('knows when each sensor of the last day was last heard', async () => {
  expect(await ask(`ingest_sensors('${DEMO_STORE_ID}')`)).toEqual([]);
  const [now, long, gone] = [minutesAgo(1), minutesAgo(300), minutesAgo(25 * 60)];
  await ingest(
    db,
    batchOf([heardBy(gone, 'pi9'), heardBy(long, 'pi2', 'pi10'), heardBy(now, 'pi10')]),
  );
  const rows = await ask(`ingest_sensors('${DEMO_STORE_ID}')`);
  expect(rows.map(({ sensor_id, last_heard_at }) => [sensor_id, last_heard_at])).toEqual([
    ['pi2', new Date(long)],
    ['pi10', new Date(now)],
  ]);
  expect(Number(rows[1]?.['seconds_since'])).toBeGreaterThanOrEqual(60);
  expect(Number(rows[1]?.['seconds_since'])).toBeLessThan(180);
  expect(await ask(`ingest_sensors('${DEMO_STORE_ID}', now() - interval '2 days')`)).toEqual([]);
});

it('counts what arrived and could not be processed, until it can', async () => {
  const batch = batchOf([reading(minutesAgo(1))]);
  await db.exec('alter table zone_events add constraint broken check (false) not valid');
  await ingest(db, batch);
  const [waiting] = await ask(`ingest_backlog('${DEMO_STORE_ID}')`);
  expect(waiting).toEqual({ failed_imports: 1, oldest_failed_at: expect.any(Date) });
  await db.exec('alter table zone_events drop constraint broken');
  await ingest(db, batch);
  expect(await ask(`ingest_backlog('${DEMO_STORE_ID}')`)).toEqual([
    { failed_imports: 0, oldest_failed_at: null },
  ]);
});
