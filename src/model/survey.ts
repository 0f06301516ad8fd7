import { either as E } from 'fp-ts';
import type { Survey, SurveyPoint } from './calibration.ts';
import type { Layout } from './layout.ts';
import { sensorName } from './sensorId.ts';
import { type Line, numberIn, readLines } from './table.ts';

/** Rows are gathered into squares of this side, metres, or larger ones until there are few enough. */
const SQUARES_M = [0.1, 0.25, 0.5, 1, 2, 4, 8];
const MOST_POINTS = 400;
/** Weaker is no reception but a placeholder for none, and so is +100. */
const isHeard = (dbm: number): boolean => dbm >= -120 && dbm !== 100;
/** So many levels that cannot be are named. */
const NAMED = 5;
const KNOWN = new Set(['x', 'y', 'z', 'zone_id', 't0', 'ts']);

interface Place {
  readonly x: number;
  readonly y: number;
  /** Where no more is known than the zone. */
  readonly zone_id?: number;
}

interface Row extends Place {
  readonly levels: Readonly<Record<string, { readonly dbm: number; readonly count: number }>>;
}

/** Known columns in lower case; sensors as sensors.csv writes them. */
const headerFor = (layout: Layout) => {
  const ids = new Map(layout.sensors.map(({ sensor_id: id }) => [sensorName(id), id]));
  return (names: ReadonlyArray<string>): string[] =>
    names.map((name) => {
      const lower = sensorName(name);
      const counted = lower.startsWith('n_') ? ids.get(lower.slice(2)) : undefined;
      if (counted !== undefined) return `n_${counted}`;
      return KNOWN.has(lower) ? lower : (ids.get(lower) ?? name);
    });
};

/** Where a row was taken: its own metres, or the centre of its zone. */
const placeOf = (layout: Layout, record: Line['record']): Place | undefined => {
  const [x, y] = [numberIn(record['x']), numberIn(record['y'])];
  if (x !== undefined && y !== undefined) return { x, y };
  const zoneId = numberIn(record['zone_id']);
  const zone = layout.zones.find(({ zone_id }) => zone_id === zoneId);
  return zone && { x: zone.x, y: zone.y, zone_id: zone.zone_id };
};

const rowOf = (layout: Layout, { record }: Line): Row | undefined => {
  const place = placeOf(layout, record);
  if (place === undefined) return undefined;
  const levels = layout.sensors.flatMap(({ sensor_id: id }) => {
    const dbm = numberIn(record[id]);
    const count = numberIn(record[`n_${id}`]) ?? 1;
    return dbm !== undefined && isHeard(dbm) && count > 0 ? [[id, { dbm, count }] as const] : [];
  });
  return { ...place, levels: Object.fromEntries(levels) };
};

const average = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const pointOf = (layout: Layout, rows: ReadonlyArray<Row>): SurveyPoint => {
  const levels = layout.sensors.flatMap(({ sensor_id: id }) => {
    const heard = rows.flatMap((row) => row.levels[id] ?? []);
    const readings = heard.reduce((sum, { count }) => sum + count, 0);
    const total = heard.reduce((sum, { dbm, count }) => sum + dbm * count, 0);
    return heard.length === 0 ? [] : [[id, Math.round((total / readings) * 100) / 100] as const];
  });
  const zoneId = rows[0]?.zone_id;
  return {
    ...(zoneId !== undefined && { zone_id: zoneId }),
    x: average(rows.map(({ x }) => x)),
    y: average(rows.map(({ y }) => y)),
    windows: rows.length,
    levels: Object.fromEntries(levels),
  };
};

const gather = (rows: ReadonlyArray<Row>, squareM: number): ReadonlyArray<ReadonlyArray<Row>> => {
  const squares = new Map<string, Row[]>();
  for (const row of rows) {
    const square = `${Math.round(row.x / squareM)} ${Math.round(row.y / squareM)}`;
    const key = row.zone_id === undefined ? square : `zone ${row.zone_id}`;
    const known = squares.get(key);
    if (known === undefined) squares.set(key, [row]);
    else known.push(row);
  }
  return [...squares.values()];
};

const few = (rows: ReadonlyArray<Row>): ReadonlyArray<ReadonlyArray<Row>> => {
  for (const squareM of SQUARES_M) {
    const gathered = gather(rows, squareM);
    if (gathered.length <= MOST_POINTS) return gathered;
  }
  return gather(rows, 50);
};

const problemsOf = (layout: Layout, file: string, names: ReadonlyArray<string>): string[] => {
  const has = (name: string): boolean => names.includes(name);
  const isSensor = layout.sensors.some(({ sensor_id: id }) => has(id));
  const columns = names.filter((name) => !KNOWN.has(name) && !name.startsWith('n_'));
  const ids = layout.sensors.map(({ sensor_id: id }) => id);
  return [
    ...((has('x') && has('y')) || has('zone_id')
      ? []
      : [`${file}: needs the columns x and y (metres), or zone_id`]),
    ...(isSensor
      ? []
      : [
          `${file}: has no column for any sensor of the sensors file (there: ${ids.join(', ')}; ` +
            `here: ${columns.join(', ') || 'none'})`,
        ]),
  ];
};

/** A level of 0 or more is none: the file holds something else, such as levels against each other. */
const tooLoud = (layout: Layout, file: string, lines: ReadonlyArray<Line>): string[] => {
  const found = lines.flatMap(({ record, info }) =>
    layout.sensors.flatMap(({ sensor_id: id }) => {
      const dbm = numberIn(record[id]);
      return dbm === undefined || dbm < 0 || !isHeard(dbm)
        ? []
        : [`${file} line ${info.lines}, column ${id}: ${dbm} is no level in dBm, which is below 0`];
    }),
  );
  return found.length === 0
    ? []
    : [
        ...found.slice(0, NAMED),
        ...(found.length > NAMED ? [`${file}: so are ${found.length - NAMED} levels more`] : []),
        `${file}: a survey as CSV holds dBm; levels against each other are read from ` +
          'calibration.jsonl as it is (docs/positioning.md)',
      ];
};

/** What rows lack to be of use, in words. */
const notesOf = (layout: Layout, lines: ReadonlyArray<Line>, used: number): string[] => {
  const placeholders = lines.reduce(
    (sum, { record }) =>
      sum +
      layout.sensors.filter(({ sensor_id: id }) => !isHeard(numberIn(record[id]) ?? -1)).length,
    0,
  );
  return [
    ...(used < lines.length ? [`${lines.length - used} rows without a place or a level`] : []),
    ...(placeholders > 0
      ? [`${placeholders} levels of 100 or below −120 dBm: counted as not heard`]
      : []),
  ];
};

/**
 * Reads a survey: a row per window with `x`, `y` (metres) or `zone_id`, mean dBm in a column per
 * sensor (empty: not heard) and optionally readings in `n_<sensor>`. Left: what keeps it
 * from being used.
 */
export const readSurvey = (
  layout: Layout,
  text: string,
  file: string,
): E.Either<ReadonlyArray<string>, Survey> => {
  const lines = readLines(file, text, headerFor(layout));
  if (E.isLeft(lines)) return lines;
  const problems = [
    ...problemsOf(layout, file, Object.keys(lines.right[0]?.record ?? {})),
    ...tooLoud(layout, file, lines.right),
  ];
  if (problems.length > 0) return E.left(problems);
  const rows = lines.right.flatMap((line) => rowOf(layout, line) ?? []);
  const heard = rows.filter(({ levels }) => Object.keys(levels).length > 0);
  if (heard.length === 0)
    return E.left([
      `${file}: no row has both a place (x and y, or the zone_id of a known zone) and a level`,
    ]);
  const points = few(heard).map((together) => pointOf(layout, together));
  return E.right({
    points,
    levels: 'absolute',
    unheard: layout.sensors
      .map(({ sensor_id: id }) => id)
      .filter((id) => points.every(({ levels }) => levels[id] === undefined)),
    notes: notesOf(layout, lines.right, heard.length),
  });
};
