import { scan } from 'rxjs';
import type { Flush } from '../model/flush.ts';
import { type OpenWindow, type OpenWindows, windowKey } from '../model/openWindow.ts';
import type { WindowPolicy } from '../model/policies.ts';
import type { Reading } from '../model/reading.ts';
import type { RssiVector } from '../model/rssiVector.ts';
import type { Operator } from '../model/shapes.ts';
import { windowStart } from '../model/time.ts';

export interface Collected {
  /** What may still grow. */
  readonly windows: OpenWindows;
  readonly vectors: ReadonlyArray<RssiVector>;
  /** What was heard before this has become vectors, all but stragglers; Unix ms. */
  readonly closedUntilMs: number;
  /** How many windows had to close before their time. */
  readonly closedEarly: number;
}

/** Clocks that are ahead keep windows open until their time has come. */
const MOST_OPEN = 200_000;

export type Windowed = Flush & Collected;

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (lower + upper) / 2;
};

/** Median dBm and number of readings per sensor, sensors in alphabetical order. */
export const toVector = ({ phone_id, window_start, ts, rssi }: OpenWindow): RssiVector => {
  const sensors = Object.entries(rssi).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    phone_id,
    window_start,
    ts,
    vector: Object.fromEntries(sensors.map(([id, dbm]) => [id, median(dbm)])),
    counts: Object.fromEntries(sensors.map(([id, dbm]) => [id, dbm.length])),
  };
};

const inOrder = (a: OpenWindow, b: OpenWindow): number =>
  a.window_start - b.window_start || (a.phone_id < b.phone_id ? -1 : 1);

interface Growing {
  readonly phone_id: string;
  readonly window_start: number;
  ts: number;
  readonly rssi: Record<string, number[]>;
}

/** A copy that may be added to: what was handed out before stays as it was. */
const grow = ({ phone_id, window_start, ts, rssi }: OpenWindow): Growing => ({
  phone_id,
  window_start,
  ts,
  rssi: Object.fromEntries(Object.entries(rssi).map(([id, dbm]) => [id, [...dbm]])),
});

/** Adds readings to the windows of their own time. */
const add = (
  spanMs: number,
  windows: OpenWindows,
  readings: ReadonlyArray<Reading>,
): Map<string, OpenWindow> => {
  const growing = new Map<string, Growing>();
  for (const { phone_id, sensor_id, rssi, ts } of readings) {
    const window_start = windowStart(ts, spanMs);
    const key = windowKey({ window_start, phone_id });
    let window = growing.get(key);
    if (window === undefined) {
      window = grow(windows.get(key) ?? { phone_id, window_start, ts, rssi: {} });
      growing.set(key, window);
    }
    window.ts = Math.max(window.ts, ts);
    const dbm = Object.hasOwn(window.rssi, sensor_id) ? window.rssi[sensor_id] : undefined;
    if (dbm === undefined) window.rssi[sensor_id] = [rssi];
    else dbm.push(rssi);
  }
  const all = new Map(windows);
  for (const [key, window] of growing) all.set(key, window);
  return all;
};

/**
 * Adds a flush's readings to the open windows and takes out those whose end and grace are over; of too
 * many also the earliest, for what still comes of them is a vector of its own.
 */
export const collect = (
  { spanMs, graceMs }: WindowPolicy,
  open: OpenWindows,
  flush: Flush,
  mostOpen: number = MOST_OPEN,
): Collected => {
  const windows = add(spanMs, open, flush.readings);
  const closedUntilMs = Math.floor((flush.nowMs - graceMs) / spanMs) * spanMs;
  const closed: OpenWindow[] = [];
  for (const [key, window] of windows)
    if (window.window_start * 1000 + spanMs <= closedUntilMs) {
      windows.delete(key);
      closed.push(window);
    }
  const early = [...(windows.size > mostOpen ? windows.values() : [])]
    .sort(inOrder)
    .slice(0, windows.size - mostOpen);
  for (const window of early) windows.delete(windowKey(window));
  const vectors = [...closed, ...early].sort(inOrder).map(toVector);
  return { windows, vectors, closedUntilMs, closedEarly: early.length };
};

/**
 * Readings → one vector per phone and aligned window of the readings' own time.
 *
 * With each flush come the windows that have closed (their end plus the grace has passed), by start
 * and then by phone; what belongs to a window still open waits for a later flush. A straggler whose
 * window has been before still counts, in a vector of its own.
 *
 * @param open the windows that were open when the process before this one ended
 * @example readings$.pipe(flushEvery(5_000, env), collectWindows({ spanMs: 5_000, graceMs: 1_000 }))
 */
export const collectWindows =
  (policy: WindowPolicy, open: OpenWindows = new Map()): Operator<Flush, Windowed> =>
  (flushes$) =>
    flushes$.pipe(
      scan(({ windows }, flush): Windowed => ({ ...flush, ...collect(policy, windows, flush) }), {
        windows: open,
      } as Windowed),
    );
