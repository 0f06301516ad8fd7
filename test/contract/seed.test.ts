import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import { seedOf, seedSql, uuidV5 } from '../../scripts/seed-zones.ts';
import { readConfig } from '../../src/config.ts';
import { migratedDatabase } from '../support/database.ts';
import { SHOP } from '../support/shop.ts';

it('seed.sql holds the zones of zones.csv and the sensors of sensors.csv', () => {
  expect(readFileSync('supabase/seed.sql', 'utf8')).toBe(seedSql(SHOP));
});

it('a zone’s id depends on its number alone', () => {
  const shop = (x: number, zone_name: string) =>
    seedSql({ sensors: [], zones: [{ zone_id: 1, x, y: 2, zone_name, zone_type: 'aisle' }] });
  const id = /\('([0-9a-f-]{36})', '[0-9a-f-]{36}', '[0-9a-f-]{36}', '1'/;
  expect(id.exec(shop(1, "O'Hara"))?.[1]).toBe(id.exec(shop(9, 'x'))?.[1]);
});

it('version 5 as the standard’s example has it', () => {
  expect(uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
    '2ed6657d-e927-568b-95e1-2665a8aea6a2',
  );
});

it('what the files no longer have goes out of use, and comes back with its id', async () => {
  const shop = (count: number) =>
    seedSql({ zones: SHOP.zones.slice(0, count), sensors: SHOP.sensors.slice(0, count) });
  const db = await migratedDatabase();
  const active = async () => {
    const { rows } = await db.query(
      `select (select count(*)::int from zones_dim where is_active) as zones,
         (select count(*)::int from zones_dim) as zones_ever,
         (select count(*)::int from sensors where is_active) as sensors,
         (select count(*)::int from sensors) as sensors_ever`,
    );
    return rows;
  };
  await db.exec('delete from zones_dim; delete from sensors');
  const found = [];
  for (const count of [3, 2, 3]) {
    await db.exec(shop(count));
    found.push(...(await active()));
  }
  const ever = { zones_ever: 3, sensors_ever: 3 };
  expect(found).toEqual([
    { zones: 3, sensors: 3, ...ever },
    { zones: 2, sensors: 2, ...ever },
    { zones: 3, sensors: 3, ...ever },
  ]);
  await db.close();
});

describe('of a store of one’s own', () => {
  const dir = mkdtempSync(join(tmpdir(), 'seed-'));
  const [ORG_ID, STORE_ID] = [1, 2].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
  const given = {
    ZONES_FILE: join(dir, 'my zones.csv'),
    SENSORS_FILE: join(dir, 'my sensors.csv'),
    ORG_ID,
    STORE_ID,
    SUPABASE_URL: 'https://example.supabase.co',
    SUPABASE_ANON_KEY: 'anon',
  };
  const seed = async (settings: NodeJS.Dict<string> = {}) => {
    const config = readConfig({ ...given, ...settings });
    if (E.isLeft(config)) throw new Error(config.left.join('\n'));
    return seedOf(config.right);
  };
  /** A database with the store, and one zone that somebody named. */
  const withStore = async () => {
    const db = await migratedDatabase();
    await db.query('insert into organisations (id, name) values ($1, $2)', [ORG_ID, 'Ours']);
    await db.query('insert into stores (id, org_id, store_name) values ($1, $2, $3)', [
      STORE_ID,
      ORG_ID,
      'Ours',
    ]);
    await db.query(
      `insert into zones_dim (org_id, store_id, zone_code, zone_name, zone_type, position_x, position_z)
       values ($1, $2, '2', 'Till', 'checkout', 9, 8)`,
      [ORG_ID, STORE_ID],
    );
    return db;
  };

  beforeEach(() => {
    writeFileSync(given.ZONES_FILE, 'zone_id,x,y\n1,-5,-2\n2,-3,-2\n');
    writeFileSync(given.SENSORS_FILE, 'sensor_id\npi8\npi9\n');
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('adds to it what it lacks, however often, and changes nothing that is there', async () => {
    const { file, sql } = await seed();
    expect(file).toBe(`supabase/zones.${STORE_ID}.sql`);
    const db = await withStore();
    for (const _again of [1, 2]) await db.exec(sql);
    const of = `from public.zones_dim where store_id = '${STORE_ID}' order by zone_code`;
    const { rows } = await db.query(`select zone_code, zone_name, position_x, position_z ${of}`);
    expect(rows).toEqual([
      { zone_code: '1', zone_name: 'Zone 1', position_x: -5, position_z: -2 },
      { zone_code: '2', zone_name: 'Till', position_x: 9, position_z: 8 },
    ]);
    const { rows: sensors } = await db.query(
      `select sensor_code, position_x from sensors where store_id = '${STORE_ID}' order by 1`,
    );
    expect(sensors).toEqual(
      ['pi8', 'pi9'].map((sensor_code) => ({ sensor_code, position_x: null })),
    );
    await db.close();
  });

  it('takes names of any script, a decomposed one as its composed form', async () => {
    writeFileSync(given.SENSORS_FILE, `sensor_id\n거실\n${'주방'.normalize('NFD')}\n`);
    const { sql } = await seed();
    const db = await withStore();
    await db.exec(sql);
    const { rows } = await db.query(
      `select sensor_code from sensors where store_id = '${STORE_ID}' order by 1`,
    );
    expect(rows).toEqual([{ sensor_code: '거실' }, { sensor_code: '주방' }]);
    await db.close();
  });

  it('holds the sensors of PI_IDS, and none of the demo’s', async () => {
    const { sql } = await seed({ SENSORS_FILE: 'sensors.csv', PI_IDS: 'pi5,pi7' });
    expect(sql).toMatch(/'pi5'[\s\S]*'pi7'/);
    expect(sql).not.toContain("'pi1'");
  });

  it('says what is wrong with both files at once, and what a store lacks', async () => {
    await expect(seed({ ORG_ID: '', ENABLE_UPLOAD: 'false' })).rejects.toThrow(/ORG_ID: give/);
    writeFileSync(given.ZONES_FILE, 'zone_id,x\n1,2\n');
    writeFileSync(given.SENSORS_FILE, 'sensor_id,x,y\npi5,here,2\n');
    await expect(seed()).rejects.toThrow(/my zones\.csv[\s\S]*my sensors\.csv/);
  });
});
