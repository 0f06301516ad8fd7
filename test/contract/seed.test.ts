import { readFileSync } from 'node:fs';
import { seedSql, uuidV5 } from '../../scripts/seed-zones.ts';
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
