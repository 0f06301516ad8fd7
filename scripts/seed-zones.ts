/**
 * Writes the zones and sensors that the settings name as SQL: of the demo store into
 * supabase/seed.sql, or where SUPABASE_URL and STORE_ID name one of yours, into a file to be run there.
 * --check only says whether seed.sql agrees.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadEnvFile } from '../src/commands/dotenv.ts';
import { loadShopLayout } from '../src/commands/layout/shopLayout.ts';
import { realShopBy } from '../src/commands/realShop.ts';
import { loadConfig, Misconfigured } from '../src/commands/settings.ts';
import type { Config } from '../src/config.ts';
import { DEMO_ORG_ID, DEMO_STORE_ID, DEMO_TIME_ZONE } from '../src/embedded/database/demoStore.ts';
import type { Layout, Sensor, Zone } from '../src/model/layout.ts';

const SEED = fileURLToPath(new URL('../supabase/seed.sql', import.meta.url));

/** RFC 9562, version 5: the same name in the same namespace is the same uuid everywhere. */
export const uuidV5 = (namespace: string, name: string): string => {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
    .subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

interface Store {
  readonly orgId: string;
  readonly storeId: string;
}

const DEMO: Store = { orgId: DEMO_ORG_ID, storeId: DEMO_STORE_ID };

const zoneRow = (
  { zone_id, zone_name, zone_type, x, y }: Zone,
  { orgId, storeId }: Store,
): string =>
  `  (${[
    text(uuidV5(storeId, `zone:${zone_id}`)),
    text(orgId),
    text(storeId),
    text(String(zone_id)),
    text(zone_name),
    text(zone_type),
    x,
    0,
    y,
    true,
  ].join(', ')})`;

const sensorRow = (
  { sensor_id, x, y, z, offset_db = 0 }: Sensor,
  { orgId, storeId }: Store,
): string =>
  `  (${[
    text(uuidV5(storeId, `sensor:${sensor_id}`)),
    text(orgId),
    text(storeId),
    text(sensor_id),
    x ?? 'null',
    z ?? 2,
    y ?? 'null',
    offset_db,
    true,
  ].join(', ')})`;

/** Of the simulated shop, counted there: a test holds the estimate against its truth. */
const SETTINGS = { bursts_per_person_minute: 1.05 };

/** Takes out of use what a file no longer has: its history stays, and keeps its names. */
const retireOthers = (
  table: string,
  code: string,
  codes: ReadonlyArray<string | number>,
): string => `
update public.${table} set is_active = false
where store_id = ${text(DEMO_STORE_ID)} and is_active
  and ${code} not in (${codes.map((one) => text(String(one))).join(', ')});
`;

const sensorsSql = (sensors: ReadonlyArray<Sensor>): string => `
insert into public.sensors (id, org_id, store_id, sensor_code,
  position_x, position_y, position_z, offset_db, is_active) values
${sensors.map((sensor) => sensorRow(sensor, DEMO)).join(',\n')}
on conflict (id) do update set
  position_x = excluded.position_x,
  position_y = excluded.position_y,
  position_z = excluded.position_z,
  offset_db = excluded.offset_db,
  is_active = excluded.is_active;
${retireOthers(
  'sensors',
  'sensor_code',
  sensors.map(({ sensor_id }) => sensor_id),
)}`;

export const seedSql = ({ zones, sensors }: Layout): string => `\
-- A demo store. Written by \`npm run seed:zones\`; edit zones.csv and sensors.csv, not this file.
insert into public.organisations (id, name) values
  (${text(DEMO_ORG_ID)}, 'Demo organisation')
on conflict (id) do nothing;

insert into public.stores (id, org_id, store_name, time_zone, settings) values
  (${text(DEMO_STORE_ID)}, ${text(DEMO_ORG_ID)}, 'Demo store', ${text(DEMO_TIME_ZONE)}, ${text(JSON.stringify(SETTINGS))})
on conflict (id) do nothing;

-- The floor plan's y is position_z: in the database y points up.
insert into public.zones_dim (id, org_id, store_id, zone_code, zone_name, zone_type,
  position_x, position_y, position_z, is_active) values
${zones.map((zone) => zoneRow(zone, DEMO)).join(',\n')}
on conflict (id) do update set
  zone_name = excluded.zone_name,
  zone_type = excluded.zone_type,
  position_x = excluded.position_x,
  position_y = excluded.position_y,
  position_z = excluded.position_z,
  is_active = excluded.is_active;
${retireOthers(
  'zones_dim',
  'zone_code',
  zones.map(({ zone_id }) => zone_id),
)}${sensors.length === 0 ? '' : sensorsSql(sensors)}`;

/** Adds to one of the tables what the store lacks, and changes nothing that is there. */
const addMissing = (
  table: string,
  code: string,
  columns: ReadonlyArray<string>,
  rows: ReadonlyArray<string>,
): string =>
  rows.length === 0
    ? ''
    : `
insert into public.${table} (${columns.map((column) => column.split('::')[0]).join(', ')})
select ${columns.join(', ')} from (values
${rows.join(',\n')}
) as one (${columns.map((column) => column.split('::')[0]).join(', ')})
where not exists (
  select from public.${table} there
  where there.store_id = one.store_id::uuid and there.${code} = one.${code}
);
`;

const IDS = ['id::uuid', 'org_id::uuid', 'store_id::uuid'];
const PLACE = ['position_x', 'position_y', 'position_z'].map((axis) => `${axis}::double precision`);

const storeSql = ({ zones, sensors }: Layout, store: Store): string => `\
-- The zones and sensors of store ${store.storeId}. Written by \`npm run seed:zones\`.
-- Adds those that the store lacks; what is there stays as it is. What the files no longer have is taken
-- out of use by hand, and keeps its history: update public.zones_dim set is_active = false where …
-- The floor plan's y is position_z: in the database y points up.
${[
  addMissing(
    'zones_dim',
    'zone_code',
    [...IDS, 'zone_code', 'zone_name', 'zone_type', ...PLACE, 'is_active'],
    zones.map((zone) => zoneRow(zone, store)),
  ),
  addMissing(
    'sensors',
    'sensor_code',
    [...IDS, 'sensor_code', ...PLACE, 'offset_db', 'is_active'],
    sensors.map((sensor) => sensorRow(sensor, store)),
  ),
].join('')}`;

interface Seed {
  readonly file: string;
  readonly sql: string;
}

/**
 * The SQL of the zones and sensors that the settings name, and the file that it belongs in.
 * @throws Misconfigured saying what is wrong with the files
 */
export const seedOf = async (config: Config): Promise<Seed> => {
  const { ZONES_FILE, SENSORS_FILE, STORE_ID: storeId, ORG_ID: orgId } = config;
  const files = { zones: { file: ZONES_FILE }, sensors: { file: SENSORS_FILE } };
  const isDemo = realShopBy(config) === undefined;
  const { layout, notes } = await loadShopLayout(config, files, isDemo);
  for (const note of notes) process.stderr.write(`  ! ${note}\n`);
  if (storeId === undefined || config.SUPABASE_URL === undefined)
    return { file: SEED, sql: seedSql(layout) };
  if (orgId === undefined)
    throw new Misconfigured([
      'ORG_ID: give the organisation of STORE_ID, as it stands in the database',
    ]);
  return { file: `supabase/zones.${storeId}.sql`, sql: storeSql(layout, { orgId, storeId }) };
};

const main = async (check: boolean): Promise<string | undefined> => {
  loadEnvFile();
  const { file, sql } = await seedOf(loadConfig());
  if (!check) {
    writeFileSync(file, sql);
    if (file !== SEED)
      process.stdout.write(
        `  ${file} is written: run it in your project's SQL editor, or psql "$DATABASE_URL" -f ${file}\n`,
      );
  } else if (file === SEED && readFileSync(SEED, 'utf8') !== sql)
    return 'supabase/seed.sql and the CSV files disagree; run: npm run seed:zones';
  return undefined;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problem = await main(process.argv.includes('--check')).catch((thrown: unknown) =>
    thrown instanceof Error ? thrown.message : String(thrown),
  );
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`);
    process.exitCode = 1;
  }
}
