import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import { seedOf, seedSql, uuidV5 } from '../../scripts/seed-zones.ts';
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

describe('of a shop of one’s own', () => {
  const dir = mkdtempSync(join(tmpdir(), 'seed-'));
  const given = {
    ZONES_FILE: join(dir, 'my zones.csv'),
    SENSORS_FILE: join(dir, 'my sensors.csv'),
    PI_IDS: ['pi5', 'pi7'],
  };
  const seed = (): string => {
    const sql = seedOf(given);
    if (E.isLeft(sql)) throw new Error(sql.left.join('\n'));
    return sql.right;
  };
  const rowsOf = async (sql: string) => {
    const db = await migratedDatabase();
    await db.exec('delete from zones_dim; delete from sensors');
    await db.exec(sql);
    const { rows: zones } = await db.query('select zone_code from zones_dim order by 1');
    const { rows: sensors } = await db.query(
      'select sensor_code, position_x, position_z from sensors order by 1',
    );
    await db.close();
    return { zones, sensors };
  };

  beforeEach(() => writeFileSync(given.ZONES_FILE, 'zone_id,x,y\n1,-5,-2\n2,-3,-2\n'));
  afterEach(() => rmSync(given.SENSORS_FILE, { force: true }));
  afterAll(() => rmSync(dir, { recursive: true }));

  it('holds what ZONES_FILE and SENSORS_FILE say, of sensors without a place the ids', async () => {
    writeFileSync(given.SENSORS_FILE, 'sensor_id\npi8\npi9\n');
    expect(await rowsOf(seed())).toEqual({
      zones: [{ zone_code: '1' }, { zone_code: '2' }],
      sensors: ['pi8', 'pi9'].map((sensor_code) => ({
        sensor_code,
        position_x: null,
        position_z: null,
      })),
    });
  });

  it('takes the ids of PI_IDS where there is no sensors file, and none where there are none', async () => {
    expect(seed()).toMatch(/'pi5'[\s\S]*'pi7'/);
    const none = seedOf({ ...given, PI_IDS: [] });
    expect(E.isRight(none) && (await rowsOf(none.right)).sensors).toEqual([]);
  });

  it('says what is wrong with both files at once', () => {
    writeFileSync(given.ZONES_FILE, 'zone_id,x\n1,2\n');
    writeFileSync(given.SENSORS_FILE, 'sensor_id,x,y\npi5,here,2\n');
    const problems = seedOf(given);
    expect(E.isLeft(problems) && problems.left.join('\n')).toMatch(
      /my zones\.csv[\s\S]*my sensors\.csv/,
    );
  });
});
