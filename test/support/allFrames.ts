import { readFileSync } from 'node:fs';
import { inRepository } from './cli.ts';

/** Sensor → mean dBm in one window of 5 s. */
export type Window = Readonly<Record<string, number>>;

const rowsOf = (file: string): ReadonlyArray<Readonly<Record<string, string>>> => {
  const [header = '', ...lines] = readFileSync(inRepository(file), 'utf8').trim().split('\n');
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
};

/** What stood still for ten minutes at four places, window by window. */
export const standing = (): ReadonlyArray<ReadonlyArray<Window>> => {
  const places = new Map<string, Window[]>();
  for (const { x, y, t0, ...levels } of rowsOf('test/fixtures/tetam/standing.csv')) {
    const window = Object.entries(levels).flatMap(([sensor, dbm]) =>
      dbm === '' ? [] : [[sensor, Number(dbm)] as const],
    );
    const place = places.get(`${x} ${y}`) ?? [];
    places.set(`${x} ${y}`, [...place, Object.fromEntries(window)]);
  }
  return [...places.values()];
};

/** A walk through the same room, window by window. */
export const walking = (): ReadonlyArray<Window> => {
  const windows = new Map<number, Map<string, number[]>>();
  for (const { ts, sensor_id: sensor = '', rssi } of rowsOf('test/fixtures/tetam/track_01.csv')) {
    const at = Math.floor(Number(ts) / 5);
    const heard = windows.get(at) ?? new Map<string, number[]>();
    if (Number(rssi) < 0 && !sensor.endsWith('0'))
      heard.set(sensor, [...(heard.get(sensor) ?? []), Number(rssi)]);
    windows.set(at, heard);
  }
  const mean = (dbm: ReadonlyArray<number>) => dbm.reduce((sum, one) => sum + one, 0) / dbm.length;
  return [...windows]
    .sort(([a], [b]) => a - b)
    .map(([, heard]) => Object.fromEntries([...heard].map(([id, dbm]) => [id, mean(dbm)])));
};

export const SHOPPER = 'a8:76:50:00:00:01';
export const ACCESS_POINTS = ['dc:a6:32:00:00:01', 'b0:54:76:00:00:02'] as const;
export const GROUPS = ['ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:fb', '33:33:00:00:00:01'] as const;

/**
 * Five minutes of all frames, as sensors of another make write them: two access points all the time,
 * a phone that walks in for a minute, broadcast and multicast under everybody's levels.
 */
export const allFrames = (beginTs: number): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  const [one = [], two = []] = standing();
  const walk = walking();
  const line = (ts: number, mac: string, window: Window) =>
    Object.entries(window).map(([sensor, dbm], index) => ({
      ts: Math.round((ts + index / 100) * 1000) / 1000,
      rpi_id: sensor.toUpperCase(),
      mac,
      rssi: Math.round(dbm),
    }));
  return Array.from({ length: 60 }, (_, index) => {
    const ts = beginTs + index * 5;
    const phone = walk[index - 20] ?? {};
    return [
      ...line(ts, ACCESS_POINTS[0], one[index] ?? {}),
      ...line(ts + 1, ACCESS_POINTS[1], two[index] ?? {}),
      ...line(ts + 2, SHOPPER, phone),
      ...GROUPS.flatMap((mac) => line(ts + 3, mac, one[index] ?? {})),
    ];
  }).flat();
};
