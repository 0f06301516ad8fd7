import { either as E } from 'fp-ts';
import type * as t from 'io-ts';
import { explain } from '../../supabase/functions/_shared/codec.ts';
import type { ZoneDirectory } from '../../supabase/functions/_shared/contract.ts';
import { type Layout, SensorRow, sensorOf, ZoneRow, ZoneType, zoneOf } from './layout.ts';

const cell = (value: string | number | undefined): string =>
  value === undefined ? '' : String(value);

/** Judged as a row of the CSV files is; problems say which row of which table. */
const decodeRow = <A>(
  where: string,
  row: t.Type<A, unknown, unknown>,
  cells: Readonly<Record<string, string | number | undefined>>,
): E.Either<ReadonlyArray<string>, A> => {
  const texts = Object.entries(cells).map(([name, value]) => [name, cell(value)]);
  return E.mapLeft((errors: t.Errors) => explain(errors).map((why) => `${where}: ${why}`))(
    row.decode(Object.fromEntries(texts)),
  );
};

const problemsOf = (
  rows: ReadonlyArray<E.Either<ReadonlyArray<string>, unknown>>,
  table: string,
): ReadonlyArray<string> =>
  rows.length === 0
    ? [`${table}: holds no active row of this store`]
    : rows.flatMap((row) => (E.isLeft(row) ? row.left : []));

const rightsOf = <A>(rows: ReadonlyArray<E.Either<unknown, A>>): ReadonlyArray<A> =>
  rows.flatMap((row) => (E.isRight(row) ? [row.right] : []));

/**
 * A store's layout as its database has it. Zone types other than ours count as displays. Left:
 * every problem, by table and row.
 */
export const layoutOfDirectory = ({
  zones,
  sensors,
}: ZoneDirectory): E.Either<ReadonlyArray<string>, Layout> => {
  if (sensors === undefined)
    return E.left(['sensors: the function does not tell them yet: deploy it anew']);
  const zoneRows = zones.map(({ zone_code, zone_type, zone_name, x, y }) =>
    decodeRow(`zones_dim zone_code ${zone_code}`, ZoneRow, {
      ...{ zone_id: zone_code, zone_name, x, y },
      zone_type: ZoneType.is(zone_type) ? zone_type : '',
    }),
  );
  const sensorRows = sensors.map(({ sensor_code, ...place }) =>
    decodeRow(`sensors sensor_code ${sensor_code}`, SensorRow, {
      sensor_id: sensor_code,
      ...place,
    }),
  );
  const problems = [...problemsOf(zoneRows, 'zones_dim'), ...problemsOf(sensorRows, 'sensors')];
  return problems.length > 0
    ? E.left(problems)
    : E.right({
        zones: rightsOf(zoneRows).map(zoneOf),
        sensors: rightsOf(sensorRows).map(sensorOf),
      });
};
