import type { Reading } from './reading.ts';

/** What one sensor heard of a phone in some time: mean dBm and number of readings. */
export interface Level {
  readonly dbm: number;
  readonly count: number;
}
export type Levels = Readonly<Record<string, Level>>;

/** Where a phone is held during a survey, metres; `z` above the floor. */
export type Place = { readonly z: number } & (
  | { readonly zone_id: number }
  | { readonly x: number; readonly y: number }
);

/** One window of a survey; `t0`, its start, in Unix seconds. */
export interface StandWindow {
  readonly t0: number;
  readonly levels: Levels;
}

/** Mean level and count by sensor of the readings from `fromMs` to before `toMs`, by their own time. */
export const levelsIn = (
  readings: ReadonlyArray<Reading>,
  fromMs: number,
  toMs: number,
): Levels => {
  const sums = new Map<string, { total: number; count: number }>();
  for (const { sensor_id, rssi, ts } of readings) {
    if (ts * 1000 < fromMs || ts * 1000 >= toMs) continue;
    const sum = sums.get(sensor_id) ?? { total: 0, count: 0 };
    sums.set(sensor_id, sum);
    sum.total += rssi;
    sum.count += 1;
  }
  return Object.fromEntries(
    [...sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { total, count }]) => [id, { dbm: total / count, count }]),
  );
};

/** Readings of all sensors. */
export const packetsIn = (levels: Levels): number =>
  Object.values(levels).reduce((sum, { count }) => sum + count, 0);
