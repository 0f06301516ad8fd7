import { parse } from 'csv-parse/sync';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { explain, refine } from '../../supabase/functions/_shared/codec.ts';
import { SensorId } from '../../supabase/functions/_shared/contract.ts';

/** What a zone is for; the funnel and the KPIs are told from it. */
export const ZoneType = t.keyof({
  entrance: null,
  aisle: null,
  display: null,
  fitting: null,
  checkout: null,
});
export type ZoneType = t.TypeOf<typeof ZoneType>;

/** A zone is where its centre (`x`, `y`, metres) is the nearest one. */
export interface Zone {
  readonly zone_id: number;
  readonly x: number;
  readonly y: number;
  readonly zone_name: string;
  readonly zone_type: ZoneType;
}

/** Where a sensor hangs, metres; `z` above the floor. */
export interface Sensor {
  readonly sensor_id: string;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export interface Layout {
  readonly zones: ReadonlyArray<Zone>;
  readonly sensors: ReadonlyArray<Sensor>;
}

const inCell = <A>(name: string, read: (cell: string) => A | undefined, message: string) =>
  new t.Type<A, string, unknown>(
    name,
    (_value): _value is A => true,
    (input, context) => {
      const value = typeof input === 'string' ? read(input) : undefined;
      return value === undefined ? t.failure(input, context, message) : t.success(value);
    },
    String,
  );

const Metres = inCell(
  'Metres',
  (cell) => (cell !== '' && Number.isFinite(Number(cell)) ? Number(cell) : undefined),
  'must be a number of metres',
);
const ZoneId = inCell(
  'ZoneId',
  (cell) => (/^[1-9]\d{0,8}$/.test(cell) ? Number(cell) : undefined),
  'must be a whole number from 1',
);
const orElse = <A>(codec: t.Type<A, string, unknown>, absent: A) =>
  new t.Type<A, string, unknown>(
    codec.name,
    codec.is,
    (input, context) =>
      input === undefined || input === '' ? t.success(absent) : codec.validate(input, context),
    codec.encode,
  );

const ZoneRow = t.strict({
  zone_id: ZoneId,
  x: Metres,
  y: Metres,
  zone_name: orElse<string>(t.string as t.Type<string, string, unknown>, ''),
  zone_type: orElse<ZoneType>(ZoneType as t.Type<ZoneType, string, unknown>, 'display'),
});
const SensorRow = t.strict({
  sensor_id: SensorId,
  x: Metres,
  y: Metres,
  z: orElse(
    refine('Height', Metres, (z) => z > -10 && z < 100, 'must be −10…100 m'),
    2,
  ),
});

interface Line {
  readonly record: unknown;
  readonly info: { readonly lines: number };
}

const readTable = <A>(
  file: string,
  text: string,
  row: t.Type<A, unknown, unknown>,
  key: (item: A) => string | number,
): E.Either<ReadonlyArray<string>, ReadonlyArray<A>> => {
  let lines: ReadonlyArray<Line>;
  try {
    lines = parse(text, {
      columns: true,
      bom: true,
      trim: true,
      skip_empty_lines: true,
      info: true,
    });
  } catch (problem) {
    return E.left([`${file}: ${problem instanceof Error ? problem.message : String(problem)}`]);
  }
  const problems: string[] = [];
  const firstLine = new Map<string | number, number>();
  const items: A[] = [];
  for (const { record, info } of lines) {
    const decoded = row.decode(record);
    if (E.isLeft(decoded)) {
      problems.push(...explain(decoded.left).map((why) => `${file} line ${info.lines}: ${why}`));
      continue;
    }
    const id = key(decoded.right);
    const before = firstLine.get(id);
    if (before !== undefined)
      problems.push(`${file} line ${info.lines}: ${id} is already on line ${before}`);
    firstLine.set(id, info.lines);
    items.push(decoded.right);
  }
  if (lines.length === 0) problems.push(`${file}: holds no rows`);
  return problems.length > 0 ? E.left(problems) : E.right(items);
};

/** Reads zones.csv: `zone_id,x,y` and optionally `zone_name,zone_type`. Left: problems by line. */
export const readZones = (text: string, file = 'zones.csv') =>
  E.Functor.map(
    readTable(file, text, ZoneRow, (zone) => zone.zone_id),
    (zones): ReadonlyArray<Zone> =>
      zones.map((zone) => ({ ...zone, zone_name: zone.zone_name || `Zone ${zone.zone_id}` })),
  );

/** Reads sensors.csv: `sensor_id,x,y` and optionally `z` (default 2 m). Left: problems by line. */
export const readSensors = (
  text: string,
  file = 'sensors.csv',
): E.Either<ReadonlyArray<string>, ReadonlyArray<Sensor>> =>
  readTable(file, text, SensorRow, (sensor) => sensor.sensor_id);
