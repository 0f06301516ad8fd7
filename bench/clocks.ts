/**
 * What clocks of sensors that are not kept do to windows and zones, and what helps.
 *
 * npm run bench:clocks -- --data DIR   (docs/positioning.md says where the recordings are from)
 */
import { parseArgs } from 'node:util';
import { either as E } from 'fp-ts';
import { map, Subject } from 'rxjs';
import type { GroundTruth } from '../src/model/groundTruth.ts';
import type { Heard } from '../src/model/heard.ts';
import type { OpenWindows } from '../src/model/openWindow.ts';
import type { Reading } from '../src/model/reading.ts';
import type { RssiVector } from '../src/model/rssiVector.ts';
import { alignClocks } from '../src/operators/alignClocks.ts';
import { collect } from '../src/operators/collectWindows.ts';
import { surveyedClassifier } from '../src/positioning/surveyed.ts';
import { judge } from './positioning/judge.ts';
import { calibrationOf, readRecordings } from './positioning/recordings.ts';

const { values } = parseArgs({
  options: { data: { type: 'string', default: process.env['TETAM_DIR'] ?? '' } },
});
if (values.data === '') throw new Error('Give --data DIR (or TETAM_DIR): see docs/positioning.md');
const { layout, tracks, survey } = readRecordings(values.data);

const WINDOW = { spanMs: 5_000, graceMs: 1_000, beatMs: 1_020 };

/** Numerical Recipes' quick generator: every run draws the same. */
const seeded = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** A reading with when it was made, s, and when it came. */
interface Made {
  readonly heard: Heard;
  readonly trueTs: number;
}

interface World {
  /** What the clock of the nth sensor shows at `ts`, less `ts`. */
  readonly ahead: (sensor: number, ts: number, startTs: number) => number;
  /** When a reading of `ts` comes. */
  readonly arrival: (ts: number, sensor: number, random: () => number) => number;
  readonly isQueued?: (sensor: number, ts: number, startTs: number) => boolean;
}

/** From −8.7 to +8.4 s. */
const SHIFTS = [-8.7, 8.4, 3.1, -4.6, 6.2, -1.9, 0.8, -6.4];
const right = () => 0;
const shifted = (sensor: number) => SHIFTS[sensor] ?? 0;
/** Over WiFi: 5 ms, an exponential tail of 40 ms, and once in a hundred up to 0.8 s. */
const network = (ts: number, _sensor: number, random: () => number): number =>
  ts + 0.005 - 0.04 * Math.log(1 - random()) + (random() < 0.01 ? 0.8 * random() : 0);
/** One message a second. */
const batches = (ts: number, sensor: number, random: () => number): number =>
  network(Math.ceil(ts + sensor / 8) - sensor / 8, sensor, random);
/** TCP stands still for 3 s in every 20, and then brings all at once. */
const stalls = (ts: number, sensor: number, random: () => number): number => {
  const at = network(ts, sensor, random);
  const phase = (at + 2.5 * sensor) % 20;
  return phase < 3 ? at + 3 - phase : at;
};

const WORLDS: ReadonlyArray<readonly [string, World]> = [
  ['right', { ahead: right, arrival: network }],
  ['right, batches of 1 s', { ahead: right, arrival: batches }],
  ['right, 3 s stalls', { ahead: right, arrival: stalls }],
  ['within ± 0.4 s', { ahead: (sensor) => shifted(sensor) / 22, arrival: network }],
  ['shifted', { ahead: shifted, arrival: network }],
  ['shifted, batches of 1 s', { ahead: shifted, arrival: batches }],
  ['shifted, 3 s stalls', { ahead: shifted, arrival: stalls }],
  [
    'shifted, 50 ppm and an hour old',
    {
      ahead: (s, ts, start) => shifted(s) + (ts - start + 3600) * 5e-5 * (s - 3.5),
      arrival: network,
    },
  ],
  [
    'shifted, set right on the way',
    { ahead: (s, ts, start) => (ts - start < 15 + 2 * s ? shifted(s) : 0), arrival: network },
  ],
  [
    'right, set wrong on the way',
    { ahead: (s, ts, start) => (ts - start < 15 + 2 * s ? 0 : shifted(s)), arrival: network },
  ],
  ['a day off', { ahead: (s) => 86_400 * (s % 2 === 0 ? 1 : -1) + shifted(s), arrival: network }],
];

type Track = (typeof tracks)[number];

const madeOn = (rows: Track, { ahead, arrival }: World, random: () => number) => {
  const ids = layout.sensors.map(({ sensor_id }) => sensor_id);
  const startTs = Math.min(...rows.map((row) => Number(row['ts'])));
  return rows
    .filter((row) => ids.includes(row['sensor_id'] ?? '') && Number(row['rssi']) <= 0)
    .sort((a, b) => Number(a['ts']) - Number(b['ts']))
    .map((row): Made => {
      const trueTs = Number(row['ts']);
      const sensor_id = row['sensor_id'] ?? '';
      const sensor = ids.indexOf(sensor_id);
      const ts = Math.round((trueTs + ahead(sensor, trueTs, startTs)) * 1000) / 1000;
      const reading = { sensor_id, phone_id: 'phone', rssi: Number(row['rssi']), ts };
      return { trueTs, heard: { reading, topic: '', receivedAt: arrival(trueTs, sensor, random) } };
    })
    .reduce<Made[]>((all, made) => {
      // One connection brings its messages in order.
      const before = all.findLast(
        ({ heard }) => heard.reading.sensor_id === made.heard.reading.sensor_id,
      );
      const receivedAt = Math.max(made.heard.receivedAt, before?.heard.receivedAt ?? 0);
      all.push({ ...made, heard: { ...made.heard, receivedAt } });
      return all;
    }, [])
    .sort((a, b) => a.heard.receivedAt - b.heard.receivedAt);
};

/** What takes the place of `ts`; made anew for each walk. */
type Method = () => (heard: Heard) => number;

const by =
  (make: () => (lag: number, receivedAt: number) => number): Method =>
  () => {
    const sensors = new Map<string, (lag: number, receivedAt: number) => number>();
    return ({ reading: { sensor_id, ts }, receivedAt }) => {
      const estimate = sensors.get(sensor_id) ?? make();
      sensors.set(sensor_id, estimate);
      return ts + estimate(receivedAt - ts, receivedAt);
    };
  };
const overLast = (seconds: number, of: (lags: ReadonlyArray<number>) => number) =>
  by(() => {
    let recent: ReadonlyArray<readonly [number, number]> = [];
    return (lag, at) => {
      recent = [...recent, [at, lag] as const].filter(([then]) => at - then <= seconds);
      return of(recent.map(([, one]) => one));
    };
  });
const medianOf = (values: ReadonlyArray<number>): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const aligned: Method = () => {
  // One subscription a walk: the operator learns as it goes.
  const seen: Array<(ts: number) => void> = [];
  const heard$ = new Subject<Heard>();
  heard$
    .pipe(
      map((heard) => E.right(heard)),
      alignClocks({ isCorrecting: true, maxSkewMs: 600_000 }, WINDOW, { log: () => undefined }),
    )
    .subscribe((result) => {
      if (E.isRight(result) && 'reading' in result.right) seen.pop()?.(result.right.reading.ts);
    });
  return (heard) => {
    let ts = Number.NaN;
    seen.push((one) => {
      ts = one;
    });
    heard$.next(heard);
    return ts;
  };
};

const METHODS: ReadonlyArray<readonly [string, Method]> = [
  [
    'the sensors’ own time',
    () =>
      ({ reading }) =>
        reading.ts,
  ],
  [
    'time of receipt',
    () =>
      ({ receivedAt }) =>
        receivedAt,
  ],
  ['median of 10 s', overLast(10, medianOf)],
  ['median of 60 s', overLast(60, medianOf)],
  ['least of 10 s', overLast(10, (lags) => Math.min(...lags))],
  ['least of 60 s', overLast(60, (lags) => Math.min(...lags))],
  ['**ours**', aligned],
];

/** Readings as they come, in windows that close behind the machine's clock. */
const windowsOf = (timed: ReadonlyArray<{ readonly at: number; readonly reading: Reading }>) => {
  const vectors: RssiVector[] = [];
  let windows: OpenWindows = new Map();
  let waiting: Reading[] = [];
  const flush = (nowMs: number): void => {
    const collected = collect(WINDOW, windows, { readings: waiting, nowMs });
    windows = collected.windows;
    vectors.push(...collected.vectors);
    waiting = [];
  };
  const first = timed[0]?.at ?? 0;
  let beatMs = Math.floor(first / 5) * WINDOW.spanMs + WINDOW.beatMs;
  for (const { at, reading } of timed) {
    while (beatMs < at * 1000) {
      flush(beatMs);
      beatMs += WINDOW.spanMs;
    }
    waiting.push(reading);
  }
  flush(Number.POSITIVE_INFINITY);
  return vectors;
};

const PHASES = [0, 1, 2, 3, 4];
const windowOf = (ts: number): number => Math.floor(ts / 5);

const runOf = (world: World, method: Method) => {
  let [moved, readings, windows] = [0, 0, 0];
  const stretches = PHASES.flatMap((phase) =>
    tracks.map((rows, index) => {
      const later = rows.map((row) => ({ ...row, ts: `${Number(row['ts']) + phase}` }));
      const timeOf = method();
      const made = madeOn(later, world, seeded(100 * phase + index + 1));
      const timed = made.map(({ heard, trueTs }) => {
        const ts = timeOf(heard);
        readings += 1;
        if (windowOf(ts) !== windowOf(trueTs)) moved += 1;
        return { at: heard.receivedAt, reading: { ...heard.reading, ts } };
      });
      windows += new Set(made.map(({ trueTs }) => windowOf(trueTs))).size;
      const truth = rows.map(
        (row): GroundTruth => ({
          ts: Number(row['ts']) + phase,
          x: Number(row['x']),
          y: Number(row['y']),
        }),
      );
      return { walk: `${index}`, vectors: windowsOf(timed), truth };
    }),
  );
  const result = judge([[classifier, stretches]], layout);
  return { ...result, moved: moved / readings, excess: result.assignments - windows, windows };
};

const classifier = surveyedClassifier(layout, calibrationOf(layout, survey, 'gaussian-process'));
process.stdout.write(
  '| clocks | method | zone % ± s.e. | mean m | assignments, of windows | readings in another window % |\n|---|---|---|---|---|---|\n',
);
for (const [name, world] of WORLDS)
  for (const [method, of] of METHODS) {
    const { zone_accuracy, standardError, mean_error_m, assignments, windows, moved } = runOf(
      world,
      of,
    );
    process.stdout.write(
      `| ${name} | ${method} | ${((zone_accuracy ?? 0) * 100).toFixed(1)} ± ${(standardError * 100).toFixed(1)} ` +
        `| ${(mean_error_m ?? 0).toFixed(2)} | ${assignments} of ${windows} | ${(moved * 100).toFixed(1)} |\n`,
    );
  }
