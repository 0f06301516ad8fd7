/**
 * Turns a track of the Tetam BLE recordings (anchors.csv, zones-aisle.csv, tracks/*.csv) into what
 * `npm run replay` and `npm run publish` read. Writes into the directory given by --out:
 *
 * - readings.jsonl: one reading a line, in the rows' order; impossible strengths are kept, so that
 *   the pipeline has something to reject;
 * - sensors.csv: the perimeter sensors, or all of them with --all;
 * - zones.csv: as it is;
 * - truth.csv: ts,x,y,zone_id, one row per reading, the zone with the nearest centre.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { parse } from 'csv-parse/sync';

/** The one beacon that was carried around. */
const BEACON = 'e7:8f:13:56:24:ce';

type Row = Readonly<Record<string, string>>;

interface Place {
  readonly x: number;
  readonly y: number;
}

interface Zone extends Place {
  readonly zone_id: number;
}

/** Rows of a CSV text that has at least the given columns; throws with the name of a missing one. */
export const readRows = (text: string, columns: ReadonlyArray<string>, file: string): Row[] => {
  const rows = parse(text, { columns: true, trim: true, skip_empty_lines: true }) as Row[];
  const missing = columns.filter((column) => rows[0]?.[column] === undefined);
  if (rows.length === 0) throw new Error(`${file}: holds no rows`);
  if (missing.length > 0) throw new Error(`${file}: has no column ${missing.join(', ')}`);
  return rows;
};

/** The sensors to use, as sensors.csv rows would have them. */
export const chooseSensors = (anchors: ReadonlyArray<Row>, all: boolean): Row[] =>
  anchors.filter((anchor) => all || anchor['role'] === 'perimeter');

export const nearestZone = (zones: ReadonlyArray<Zone>, { x, y }: Place): Zone => {
  const distance = (zone: Zone) => Math.hypot(zone.x - x, zone.y - y);
  return zones.reduce((best, zone) => (distance(zone) < distance(best) ? zone : best));
};

export const toReading = (row: Row): string =>
  JSON.stringify({
    sensor_id: row['sensor_id'],
    phone_id: BEACON,
    rssi: Number(row['rssi']),
    ts: Number(row['ts']),
  });

const toTruth = (row: Row, zones: ReadonlyArray<Zone>): string => {
  const zone = nearestZone(zones, { x: Number(row['x']), y: Number(row['y']) });
  return `${row['ts']},${row['x']},${row['y']},${zone.zone_id}`;
};

const lines = (items: ReadonlyArray<string>): string => items.map((item) => `${item}\n`).join('');

/** The four files' contents, by name. */
export const convert = (
  track: ReadonlyArray<Row>,
  anchors: ReadonlyArray<Row>,
  zonesText: string,
  all: boolean,
): Readonly<Record<string, string>> => {
  const zones = readRows(zonesText, ['zone_id', 'x', 'y'], 'zones').map((zone) => ({
    zone_id: Number(zone['zone_id']),
    x: Number(zone['x']),
    y: Number(zone['y']),
  }));
  const sensors = chooseSensors(anchors, all);
  const chosen = new Set(sensors.map((sensor) => sensor['sensor_id']));
  const heard = track.filter((row) => chosen.has(row['sensor_id']));
  const place = (s: Row) => `${s['sensor_id']},${s['x']},${s['y']},${s['z']}`;
  return {
    'readings.jsonl': lines(heard.map(toReading)),
    'sensors.csv': lines(['sensor_id,x,y,z', ...sensors.map(place)]),
    'zones.csv': zonesText,
    'truth.csv': lines(['ts,x,y,zone_id', ...heard.map((row) => toTruth(row, zones))]),
  };
};

interface Options {
  readonly out: string;
  readonly anchors?: string;
  readonly zones?: string;
  readonly all?: true;
}

const run = (trackFile: string, options: Options): void => {
  const beside = (name: string) => join(dirname(trackFile), '..', name);
  const anchorsFile = options.anchors ?? beside('anchors.csv');
  const table = (file: string, columns: ReadonlyArray<string>) =>
    readRows(readFileSync(file, 'utf8'), columns, file);
  const files = convert(
    table(trackFile, ['ts', 'sensor_id', 'rssi', 'x', 'y']),
    table(anchorsFile, ['sensor_id', 'x', 'y', 'z', 'role']),
    readFileSync(options.zones ?? beside('zones-aisle.csv'), 'utf8'),
    options.all === true,
  );
  mkdirSync(options.out, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(options.out, name), text);
  const count = (files['readings.jsonl'] ?? '').split('\n').length - 1;
  process.stderr.write(`${count} readings of ${trackFile} are in ${options.out}\n`);
};

if (process.argv[1] === import.meta.filename)
  new Command('convert-tetam')
    .argument('<track.csv>', 'a file of tracks/: ts,sensor_id,rssi,x,y,z')
    .requiredOption('--out <dir>', 'where readings.jsonl, sensors.csv, zones.csv, truth.csv go')
    .option('--all', 'all sensors, not only those on the perimeter')
    .option('--anchors <file>', 'the sensors (default: ../anchors.csv beside the track)')
    .option('--zones <file>', 'the zones (default: ../zones-aisle.csv beside the track)')
    .action((track: string, options: Options, command: Command) => {
      try {
        run(track, options);
      } catch (problem) {
        command.error(`error: ${problem instanceof Error ? problem.message : String(problem)}`);
      }
    })
    .parse();
