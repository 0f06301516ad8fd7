/**
 * Writes supabase/seed.sql from ZONES_FILE and SENSORS_FILE, or PI_IDS where there is no such file;
 * --check only says whether they agree.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { either as E } from 'fp-ts';
import { type Config, readConfig } from '../src/config.ts';
import { DEMO_ORG_ID, DEMO_STORE_ID, DEMO_TIME_ZONE } from '../src/embedded/database/demoStore.ts';
import {
  type Layout,
  readSensors,
  readZones,
  type Sensor,
  type Zone,
} from '../src/model/layout.ts';

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

const zoneRow = ({ zone_id, zone_name, zone_type, x, y }: Zone): string =>
  `  (${[
    text(uuidV5(DEMO_STORE_ID, `zone:${zone_id}`)),
    text(DEMO_ORG_ID),
    text(DEMO_STORE_ID),
    text(String(zone_id)),
    text(zone_name),
    text(zone_type),
    x,
    0,
    y,
    true,
  ].join(', ')})`;

const sensorRow = ({ sensor_id, x, y, z, offset_db = 0 }: Sensor): string =>
  `  (${[
    text(uuidV5(DEMO_STORE_ID, `sensor:${sensor_id}`)),
    text(DEMO_ORG_ID),
    text(DEMO_STORE_ID),
    text(sensor_id),
    x ?? 'null',
    z ?? 2,
    y ?? 'null',
    offset_db,
    true,
  ].join(', ')})`;

/** Of the simulated shop, counted there: a test holds the estimate against its truth. */
const SETTINGS = { bursts_per_person_minute: 1.05 };

const sensorsSql = (sensors: ReadonlyArray<Sensor>): string => `
insert into public.sensors (id, org_id, store_id, sensor_code,
  position_x, position_y, position_z, offset_db, is_active) values
${sensors.map(sensorRow).join(',\n')}
on conflict (id) do update set
  position_x = excluded.position_x,
  position_y = excluded.position_y,
  position_z = excluded.position_z,
  offset_db = excluded.offset_db,
  is_active = excluded.is_active;
`;

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
${zones.map(zoneRow).join(',\n')}
on conflict (id) do update set
  zone_name = excluded.zone_name,
  zone_type = excluded.zone_type,
  position_x = excluded.position_x,
  position_y = excluded.position_y,
  position_z = excluded.position_z,
  is_active = excluded.is_active;
${sensors.length === 0 ? '' : sensorsSql(sensors)}`;

type Given = Pick<Config, 'ZONES_FILE' | 'SENSORS_FILE' | 'PI_IDS'>;
type Read<A> = E.Either<ReadonlyArray<string>, A>;

const textOf = (file: string, setting: keyof Given): Read<string> =>
  E.tryCatch(
    () => readFileSync(file, 'utf8'),
    (problem) => [`${setting}: ${problem instanceof Error ? problem.message : problem}`],
  );

const sensorsOf = ({ SENSORS_FILE, PI_IDS }: Given): Read<ReadonlyArray<Sensor>> =>
  existsSync(SENSORS_FILE)
    ? E.Chain.chain(textOf(SENSORS_FILE, 'SENSORS_FILE'), (csv) => readSensors(csv, SENSORS_FILE))
    : E.right(PI_IDS.map((sensor_id) => ({ sensor_id })));

/** The seed of the zones and sensors that the settings name. Left: what is wrong with the files. */
export const seedOf = (given: Given): Read<string> => {
  const { ZONES_FILE } = given;
  const zones = E.Chain.chain(textOf(ZONES_FILE, 'ZONES_FILE'), (csv) =>
    readZones(csv, ZONES_FILE),
  );
  const sensors = sensorsOf(given);
  const problems = [zones, sensors].flatMap((read) => (E.isLeft(read) ? read.left : []));
  return E.isLeft(zones) || E.isLeft(sensors)
    ? E.left(problems)
    : E.right(seedSql({ zones: zones.right, sensors: sensors.right }));
};

const main = (check: boolean): string | undefined => {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const wanted = E.Chain.chain(readConfig(process.env), seedOf);
  if (E.isLeft(wanted)) return wanted.left.join('\n');
  if (!check) writeFileSync(SEED, wanted.right);
  else if (readFileSync(SEED, 'utf8') !== wanted.right)
    return 'supabase/seed.sql and the CSV files disagree; run: npm run seed:zones';
  return undefined;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problem = main(process.argv.includes('--check'));
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`);
    process.exitCode = 1;
  }
}
