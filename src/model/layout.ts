import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { refine } from '../../supabase/functions/_shared/codec.ts';
import { SensorId } from './sensorId.ts';
import { Decibels, Metres, orElse, orNone, readTable, ZoneId } from './table.ts';

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

/** A sensor and, if anybody knows, where it hangs, metres; `z` above the floor. */
export interface Sensor {
  readonly sensor_id: string;
  readonly x?: number;
  readonly y?: number;
  readonly z?: number;
  /** How much more this sensor hears than the others at the same distance, dB; none counts as 0. */
  readonly offset_db?: number;
}

/** A sensor of which it is known where it hangs. */
export interface PlacedSensor extends Sensor {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export interface Layout {
  readonly zones: ReadonlyArray<Zone>;
  readonly sensors: ReadonlyArray<Sensor>;
}

export const isPlaced = (sensor: Sensor): sensor is PlacedSensor =>
  sensor.x !== undefined && sensor.y !== undefined && sensor.z !== undefined;

/** Those of which it is known where they hang; perhaps none. */
export const placedSensors = ({ sensors }: Pick<Layout, 'sensors'>): ReadonlyArray<PlacedSensor> =>
  sensors.filter(isPlaced);

/** A row of zones.csv by column. */
export const ZoneRow = t.strict({
  zone_id: ZoneId,
  x: Metres,
  y: Metres,
  zone_name: orElse<string>(t.string as t.Type<string, string, unknown>, ''),
  zone_type: orElse<ZoneType>(ZoneType as t.Type<ZoneType, string, unknown>, 'display'),
});
/** A row of sensors.csv by column. */
export const SensorRow = refine(
  'SensorRow',
  t.strict({
    sensor_id: SensorId,
    x: orNone(Metres),
    y: orNone(Metres),
    z: orElse(
      refine('Height', Metres, (z) => z > -10 && z < 100, 'must be −10…100 m'),
      2,
    ),
    offset_db: orElse(Decibels, 0),
  }),
  ({ x, y }) => (x === undefined) === (y === undefined),
  'x and y: give both, or neither where nobody knows where it hangs',
);

/** A zone without a name is called by its number. */
export const zoneOf = (row: t.TypeOf<typeof ZoneRow>): Zone => ({
  ...row,
  zone_name: row.zone_name || `Zone ${row.zone_id}`,
});

export const sensorOf = ({
  sensor_id,
  x,
  y,
  z,
  offset_db,
}: t.TypeOf<typeof SensorRow>): Sensor => ({
  sensor_id,
  ...(x !== undefined && y !== undefined && { x, y, z }),
  ...(offset_db !== 0 && { offset_db }),
});

/** Reads zones.csv: `zone_id,x,y` and optionally `zone_name,zone_type`. Left: problems by line. */
export const readZones = (text: string, file = 'zones.csv') =>
  E.Functor.map(
    readTable(file, text, ZoneRow, (zone) => zone.zone_id),
    (zones): ReadonlyArray<Zone> => zones.map(zoneOf),
  );

/**
 * Reads sensors.csv: `sensor_id` and, where it is known, `x,y`; optionally `z` (default 2 m) and
 * `offset_db` (default 0). Left: problems by line.
 */
export const readSensors = (
  text: string,
  file = 'sensors.csv',
): E.Either<ReadonlyArray<string>, ReadonlyArray<Sensor>> =>
  E.Functor.map(
    readTable(file, text, SensorRow, (sensor) => sensor.sensor_id),
    (sensors) => sensors.map(sensorOf),
  );
