import { nonEmptyArray as NEA } from 'fp-ts';
import { bufferTime, concat, concatMap, map, of, scan } from 'rxjs';
import type { WindowPolicy } from '../model/policies.ts';
import type { Reading } from '../model/reading.ts';
import type { RssiVector } from '../model/rssiVector.ts';
import type { Env, Operator } from '../model/shapes.ts';
import { windowStart } from '../model/time.ts';

/** One phone in one window, while readings may still come. */
interface OpenWindow {
  readonly phone_id: string;
  readonly window_start: number;
  readonly readings: ReadonlyArray<Reading>;
}

/** Keyed by window and phone. */
type OpenWindows = ReadonlyMap<string, OpenWindow>;

interface Tick {
  readonly readings: ReadonlyArray<Reading>;
  /** Unix ms. */
  readonly nowMs: number;
}

interface Collected {
  readonly open: OpenWindows;
  readonly closed: ReadonlyArray<RssiVector>;
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1] ?? Number.NaN;
  const lower = sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
  return (lower + upper) / 2;
};

/** Median dBm and number of readings per sensor, sensors in alphabetical order. */
export const toVector = ({ phone_id, window_start, readings }: OpenWindow): RssiVector => {
  const bySensor = NEA.groupBy((reading: Reading) => reading.sensor_id)([...readings]);
  const sensors = Object.entries(bySensor).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    phone_id,
    window_start,
    ts: readings.reduce((last, reading) => Math.max(last, reading.ts), 0),
    vector: Object.fromEntries(sensors.map(([id, of]) => [id, median(of.map((r) => r.rssi))])),
    counts: Object.fromEntries(sensors.map(([id, of]) => [id, of.length])),
  };
};

const inOrder = (a: OpenWindow, b: OpenWindow): number =>
  a.window_start - b.window_start || (a.phone_id < b.phone_id ? -1 : 1);

/** Adds a tick's readings to the open windows and takes out those whose end and grace are over. */
export const collect = (policy: WindowPolicy, open: OpenWindows, tick: Tick): Collected => {
  const startOf = ({ ts }: Reading): number => windowStart(ts, policy.spanMs);
  const keyOf = (reading: Reading): string => `${startOf(reading)} ${reading.phone_id}`;
  const added = Object.entries(NEA.groupBy(keyOf)([...tick.readings])).map(
    ([key, readings]): [string, OpenWindow] => [
      key,
      {
        phone_id: readings[0].phone_id,
        window_start: startOf(readings[0]),
        readings: [...(open.get(key)?.readings ?? []), ...readings],
      },
    ],
  );
  const all = [...new Map([...open, ...added])];
  const isClosed = ({ window_start }: OpenWindow): boolean =>
    window_start * 1000 + policy.spanMs + policy.graceMs <= tick.nowMs;
  return {
    open: new Map(all.filter(([, window]) => !isClosed(window))),
    closed: all
      .map(([, window]) => window)
      .filter(isClosed)
      .sort(inOrder)
      .map(toVector),
  };
};

/**
 * Readings → one vector per phone and aligned window of the readings' own time.
 *
 * `bufferTime` is the clock: at each of its ticks the windows that have closed (their end plus the
 * grace has passed) are emitted, by start and then by phone; what belongs to a window still open
 * waits for a later tick. A straggler whose window was emitted before still counts, in a vector of
 * its own at the next tick. On completion everything open is emitted; on error nothing more is.
 *
 * @example readings$.pipe(collectWindows({ spanMs: 5_000, graceMs: 1_000 }, env))
 */
export const collectWindows =
  (policy: WindowPolicy, env: Pick<Env, 'scheduler'>): Operator<Reading, RssiVector> =>
  (readings$) =>
    concat(
      readings$.pipe(
        bufferTime(policy.spanMs, env.scheduler),
        map((readings): Tick => ({ readings, nowMs: env.scheduler.now() })),
      ),
      of<Tick>({ readings: [], nowMs: Number.POSITIVE_INFINITY }),
    ).pipe(
      scan(({ open }, tick) => collect(policy, open, tick), {
        open: new Map(),
        closed: [],
      } as Collected),
      concatMap(({ closed }) => closed),
    );
