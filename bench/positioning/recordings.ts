import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { either as E } from 'fp-ts';
import {
  type Calibration,
  calibrationOf as calibrationFrom,
  type Method,
} from '../../src/model/calibration.ts';
import type { GroundTruth } from '../../src/model/groundTruth.ts';
import { jsonLine } from '../../src/model/json.ts';
import { type Layout, readSensors, readZones } from '../../src/model/layout.ts';
import type { RssiVector } from '../../src/model/rssiVector.ts';
import { readSurvey } from '../../src/model/survey.ts';
import { readZoneVectors } from '../../src/model/zoneVectors.ts';
import { nearestZone } from '../../src/positioning/grid.ts';
import { vectorsOf } from '../../src/positioning/windows.ts';

type Row = Readonly<Record<string, string>>;

/** A stretch of windows of one phone, with where it was; judged together. */
export interface Stretch {
  /** Which walk or place it is of. */
  readonly walk: string;
  readonly vectors: ReadonlyArray<RssiVector>;
  readonly truth: ReadonlyArray<GroundTruth>;
}

export interface Recordings {
  readonly layout: Layout;
  readonly tracks: ReadonlyArray<Stretch>;
  readonly survey: ReadonlyArray<Row>;
}

const rowsOf = (file: string): ReadonlyArray<Row> =>
  parse(readFileSync(file, 'utf8'), { columns: true, skip_empty_lines: true });

const orThrow = <A>(result: E.Either<ReadonlyArray<string>, A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.join('\n'));
  return result.right;
};

export interface Change {
  /** Makes the phone louder, dB. */
  readonly offsetDb?: number;
  /** Lets the recording, and so its windows, begin so much later. */
  readonly laterS?: number;
  /** Drops some readings. */
  readonly keep?: () => boolean;
}

/** Readings of the layout's sensors. */
export const trackOf = (
  rows: ReadonlyArray<Row>,
  { sensors }: Layout,
  { offsetDb = 0, laterS = 0, keep = () => true }: Change = {},
): Stretch => {
  const known = new Set(sensors.map(({ sensor_id }) => sensor_id));
  const tsOf = (row: Row): number => Number(row['ts']) + laterS;
  const readings = rows
    .filter((row) => known.has(row['sensor_id'] ?? '') && Number(row['rssi']) <= 0 && keep())
    .map((row) => ({
      phone_id: 'phone',
      sensor_id: row['sensor_id'] ?? '',
      rssi: Number(row['rssi']) + offsetDb,
      ts: tsOf(row),
    }));
  const truth = rows.map((row) => ({ ts: tsOf(row), x: Number(row['x']), y: Number(row['y']) }));
  return { walk: `at ${rows[0]?.['ts']}`, vectors: vectorsOf(readings, 5_000), truth };
};

/** What is to be judged of a track: the last two thirds of it. */
const laterPart = (rows: ReadonlyArray<Row>) => {
  const times = rows.map((row) => Number(row['ts']));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return (row: { readonly ts: number }): boolean => row.ts > first + (last - first) / 3;
};

/** A track on which a sensor falls silent after a third of it, was never there, or lives; judged from then on. */
export const withoutSensor = (
  rows: ReadonlyArray<Row>,
  layout: Layout,
  sensorId: string,
  since: 'start' | 'later' | 'never',
): Stretch => {
  const isLater = laterPart(rows);
  const isLost = (row: Row): boolean =>
    row['sensor_id'] === sensorId &&
    (since === 'start' || (since === 'later' && isLater({ ts: Number(row['ts']) })));
  const heard = rows.filter((row) => !isLost(row));
  const { truth, ...stretch } = trackOf(heard, layout);
  return { ...stretch, walk: `at ${rows[0]?.['ts']}`, truth: truth.filter(isLater) };
};

/** Windows of one surveyed place as if a phone stood there. */
const standing = (rows: ReadonlyArray<Row>, { sensors }: Layout): Stretch => {
  const vectors = rows.map((row, index) => {
    const heard = sensors.filter(({ sensor_id: id }) => (row[id] ?? '') !== '');
    const by = (value: (id: string) => number) =>
      Object.fromEntries(heard.map(({ sensor_id: id }) => [id, value(id)]));
    return {
      phone_id: 'phone',
      window_start: 5 * index,
      ts: 5 * index + 4,
      vector: by((id) => Math.round(Number(row[id]))),
      counts: by((id) => Number(row[`n_${id}`])),
    };
  });
  const truth = vectors.map(({ ts }, index) => ({
    ts,
    x: Number(rows[index]?.['x']),
    y: Number(rows[index]?.['y']),
  }));
  return {
    walk: `at ${rows[0]?.['x']} ${rows[0]?.['y']}`,
    vectors: vectors.filter(({ vector }) => Object.keys(vector).length > 0),
    truth,
  };
};

const placesOf = (rows: ReadonlyArray<Row>): ReadonlyArray<ReadonlyArray<Row>> => {
  const places = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row['x']} ${row['y']}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, [row]);
    else known.push(row);
  }
  return [...places.values()];
};

/** The two halves of a survey's places, like the fields of a chessboard. */
export const halvesOf = (rows: ReadonlyArray<Row>) => {
  const places = placesOf(rows);
  const columns = [...new Set(places.map((place) => Math.round(Number(place[0]?.['x']) / 2.55)))];
  const isWhite = (place: ReadonlyArray<Row>): boolean => {
    const column = columns.indexOf(Math.round(Number(place[0]?.['x']) / 2.55));
    return (column + Math.round(Number(place[0]?.['y']) / 2.16)) % 2 === 0;
  };
  return [places.filter(isWhite), places.filter((place) => !isWhite(place))] as const;
};

/** Two minutes from the middle of each place's half hour. */
export const standingAt = (
  places: ReadonlyArray<ReadonlyArray<Row>>,
  layout: Layout,
): ReadonlyArray<Stretch> =>
  places.map((rows) => standing(rows.slice(rows.length >> 1, (rows.length >> 1) + 24), layout));

export const calibrationOf = (
  layout: Layout,
  rows: ReadonlyArray<Row>,
  method: Method,
): Calibration => {
  const columns = Object.keys(rows[0] ?? {});
  const text = [columns, ...rows.map((row) => columns.map((name) => row[name]))]
    .map((cells) => cells.join(','))
    .join('\n');
  return calibrationFrom(layout, orThrow(readSurvey(layout, text, 'survey')), method);
};

/** The same survey, of which of each place no more is kept than its zone. */
export const byZone = ({ zones }: Layout, rows: ReadonlyArray<Row>): ReadonlyArray<Row> =>
  rows.map((row) => {
    const zone = zones[nearestZone(zones, Number(row['x']), Number(row['y']))];
    return { ...row, x: '', y: '', zone_id: `${zone?.zone_id}` };
  });

const medianOf = (levels: ReadonlyArray<number>): number => {
  const sorted = [...levels].sort((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
};

/**
 * What a shop's calibration.jsonl holds of a survey: every sixth window, if all sensors heard it, less
 * its median; of each zone the first `most`.
 */
export const zoneCalibrationOf = (
  layout: Layout,
  rows: ReadonlyArray<Row>,
  most: number,
): Calibration => {
  const ids = layout.sensors.map(({ sensor_id }) => sensor_id);
  const vectors = new Map<number, Array<Record<string, number>>>();
  for (const row of rows.filter((_, index) => index % 6 === 0)) {
    if (ids.some((id) => (row[id] ?? '') === '')) continue;
    const levels = ids.map((id) => Math.round(Number(row[id])));
    const median = medianOf(levels);
    const zone = nearestZone(layout.zones, Number(row['x']), Number(row['y']));
    const known = vectors.get(zone) ?? [];
    vectors.set(zone, known);
    if (known.length < most)
      known.push(Object.fromEntries(ids.map((id, at) => [id, (levels[at] ?? 0) - median])));
  }
  const text = [...vectors].map(([zone, found]) =>
    jsonLine({ zone_id: layout.zones[zone]?.zone_id, created_ts: 1, vectors: found }),
  );
  const survey = orThrow(readZoneVectors(layout, text.join(''), 'calibration.jsonl'));
  return calibrationFrom(layout, survey, 'gaussian-process');
};

/** Of each zone the place nearest its centre alone. */
export const onePlaceAZone = ({ zones }: Layout, rows: ReadonlyArray<Row>): ReadonlyArray<Row> => {
  const places = placesOf(rows);
  const away = (place: ReadonlyArray<Row>, to: { readonly x: number; readonly y: number }) =>
    Math.hypot(Number(place[0]?.['x']) - to.x, Number(place[0]?.['y']) - to.y);
  const chosen = zones.map((zone) =>
    places.reduce((best, next) => (away(next, zone) < away(best, zone) ? next : best)),
  );
  return [...new Set(chosen)].flat();
};

/** anchors.csv, area.json (`pis8`), zones-aisle.csv, survey_set1_5s.csv and tracks/*.csv of `dir`. */
export const readRecordings = (dir: string) => {
  const read = (name: string) => readFileSync(join(dir, name), 'utf8');
  const eight = new Set<string>(JSON.parse(read('area.json')).pis8);
  const sensors = orThrow(readSensors(read('anchors.csv'))).filter((sensor) =>
    eight.has(sensor.sensor_id),
  );
  const layout = { zones: orThrow(readZones(read('zones-aisle.csv'))), sensors };
  const tracks = readdirSync(join(dir, 'tracks'))
    .filter((name) => name.endsWith('.csv'))
    .sort()
    .map((name) => rowsOf(join(dir, 'tracks', name)));
  return { layout, tracks, survey: rowsOf(join(dir, 'survey_set1_5s.csv')) };
};
