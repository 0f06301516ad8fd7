import type { Sensor, Zone } from './layout.ts';

const cell = (value: string | number): string => {
  const text = String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Rows of CSV, each with its line end. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string | number>>): string =>
  rows.map((row) => `${row.map(cell).join(',')}\n`).join('');

/** The text of a zones.csv. */
export const zonesTable = (zones: ReadonlyArray<Zone>): string =>
  table([
    ['zone_id', 'x', 'y', 'zone_name', 'zone_type'],
    ...zones.map(({ zone_id, x, y, zone_name, zone_type }) => [
      zone_id,
      x,
      y,
      zone_name,
      zone_type,
    ]),
  ]);

/** The text of a sensors.csv. */
export const sensorsTable = (sensors: ReadonlyArray<Sensor>): string =>
  table([
    ['sensor_id', 'x', 'y', 'z', 'offset_db'],
    ...sensors.map(({ sensor_id, x, y, z, offset_db = 0 }) => [
      sensor_id,
      x ?? '',
      y ?? '',
      z ?? '',
      offset_db,
    ]),
  ]);
