import type { Reading } from '../model/reading.ts';
import type { RssiVector } from '../model/rssiVector.ts';
import { windowStart } from '../model/time.ts';

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (lower + upper) / 2;
};

interface Gathered {
  readonly phone_id: string;
  readonly window_start: number;
  ts: number;
  readonly rssi: Map<string, number[]>;
}

/**
 * A whole recording at once as the pipeline collects it while time goes by: one vector per phone and
 * aligned window, in the order of time.
 */
export const vectorsOf = (
  readings: Iterable<Reading>,
  spanMs: number,
): ReadonlyArray<RssiVector> => {
  const windows = new Map<string, Gathered>();
  for (const { phone_id, sensor_id, rssi, ts } of readings) {
    const window_start = windowStart(ts, spanMs);
    const key = `${window_start} ${phone_id}`;
    const known = windows.get(key) ?? { phone_id, window_start, ts, rssi: new Map() };
    windows.set(key, known);
    known.ts = Math.max(known.ts, ts);
    const levels = known.rssi.get(sensor_id);
    if (levels === undefined) known.rssi.set(sensor_id, [rssi]);
    else levels.push(rssi);
  }
  return [...windows.values()]
    .sort((a, b) => a.window_start - b.window_start || (a.phone_id < b.phone_id ? -1 : 1))
    .map(({ phone_id, window_start, ts, rssi }) => {
      const sensors = [...rssi].sort(([a], [b]) => (a < b ? -1 : 1));
      return {
        phone_id,
        window_start,
        ts,
        vector: Object.fromEntries(sensors.map(([id, levels]) => [id, median(levels)])),
        counts: Object.fromEntries(sensors.map(([id, levels]) => [id, levels.length])),
      };
    });
};
