import type { Evidence } from './classifier.ts';
import type { Located } from './deviceOffset.ts';
import { type RadioMap, type Weights, weightsOf } from './radioMap.ts';

/** At this level a sensor hears a window's frames or misses all of them equally often, dBm. */
const THRESHOLD_DBM = -92;
const THRESHOLD_SD_DB = 5;
/** A sensor that ought to hear a phone misses it at least so often: bodies, collisions, its end. */
const LEAST_MISSED = 0.1;

const LOWEST_DBM = -160;

/** Φ by the logistic function, right to 0.01. */
const normalCdf = (z: number): number => 1 / (1 + Math.exp(-1.702 * z));

/**
 * P(not heard | level) at whole dBm from {@link LOWEST_DBM} to 0: by level, or by chance where
 * a phone sends little: with λ readings a sensor, exp(−λ) of the sensors hear none.
 */
const silenceTable = (readingsPerSensor: number): Float64Array => {
  const missed = Math.max(LEAST_MISSED, Math.exp(-readingsPerSensor));
  return Float64Array.from({ length: 1 - LOWEST_DBM }, (_, index) => {
    const tooWeak = normalCdf((THRESHOLD_DBM - LOWEST_DBM - index) / THRESHOLD_SD_DB);
    return missed + (1 - missed) * tooWeak;
  });
};

/** What one sensor heard, what it would hear in each cell, and the weight of the difference. */
interface Heard extends Weights {
  readonly dbm: number;
  readonly mean: Float32Array;
}

/**
 * Sums over the sensors that heard a phone, by cell: with residuals r and variances s², Σr²/s²,
 * Σr/s², Σ1/s² and Σlog 1/s². All that the likelihood of any offset needs.
 */
export interface Sums {
  readonly squares: Float64Array;
  readonly residuals: Float64Array;
  readonly weights: Float64Array;
  readonly logs: Float64Array;
}

const add = (sums: Sums, { dbm, mean, weight: weightOf, log }: Heard): void => {
  const { squares, residuals, weights, logs } = sums;
  for (let cell = 0; cell < mean.length; cell += 1) {
    const weight = weightOf[cell] as number;
    const residual = dbm - (mean[cell] as number);
    const weighted = weight * residual;
    squares[cell] = (squares[cell] as number) + weighted * residual;
    residuals[cell] = (residuals[cell] as number) + weighted;
    weights[cell] = (weights[cell] as number) + weight;
    logs[cell] = (logs[cell] as number) + (log[cell] as number);
  }
};

/** The same for four sensors in one pass: reading and writing the sums is what takes the time. */
const addFour = (sums: Sums, one: Heard, two: Heard, three: Heard, four: Heard): void => {
  const { squares, residuals, weights, logs } = sums;
  const { dbm: a, mean: meanA, weight: weightA, log: logA } = one;
  const { dbm: b, mean: meanB, weight: weightB, log: logB } = two;
  const { dbm: c, mean: meanC, weight: weightC, log: logC } = three;
  const { dbm: d, mean: meanD, weight: weightD, log: logD } = four;
  for (let cell = 0; cell < squares.length; cell += 1) {
    const u = weightA[cell] as number;
    const v = weightB[cell] as number;
    const w = weightC[cell] as number;
    const x = weightD[cell] as number;
    const p = a - (meanA[cell] as number);
    const q = b - (meanB[cell] as number);
    const r = c - (meanC[cell] as number);
    const s = d - (meanD[cell] as number);
    const [up, vq, wr, xs] = [u * p, v * q, w * r, x * s];
    squares[cell] = (squares[cell] as number) + (up * p + vq * q) + (wr * r + xs * s);
    residuals[cell] = (residuals[cell] as number) + (up + vq) + (wr + xs);
    weights[cell] = (weights[cell] as number) + (u + v) + (w + x);
    logs[cell] =
      (logs[cell] as number) +
      ((logA[cell] as number) + (logB[cell] as number)) +
      ((logC[cell] as number) + (logD[cell] as number));
  }
};

/** Room for the sums of `cells` cells. */
export const roomFor = (cells: number): Sums => ({
  squares: new Float64Array(cells),
  residuals: new Float64Array(cells),
  weights: new Float64Array(cells),
  logs: new Float64Array(cells),
});

const sumUp = (heard: ReadonlyArray<Heard>, sums: Sums): void => {
  for (const sum of [sums.squares, sums.residuals, sums.weights, sums.logs]) sum.fill(0);
  for (let index = 0; index < heard.length; index += 4) {
    const together = heard.slice(index, index + 4);
    const [one, two, three, four] = together;
    if (one && two && three && four) addFour(sums, one, two, three, four);
    else for (const each of together) add(sums, each);
  }
};

/** What a window says of where a phone is, for whatever loudness it has. */
export interface Likelihood {
  readonly sums: Sums;
  /** Adds what the silent sensors say to `log`. */
  readonly addSilence: (located: Located, power: number) => void;
}

/**
 * The likelihood of the evidence in each cell, summed up in `room`, with s² = floor² + reading²/n + the map's
 * own variance. Silent sensors count as censored: each would be at its mean level plus the phone's
 * offset. Sensors that are in neither list, or not in the map, say nothing.
 */
export const likelihoodOf = (map: RadioMap, room: Sums, evidence: Evidence): Likelihood => {
  let readings = 0;
  const heard = Object.entries(evidence.vector).flatMap(([sensor, dbm]): ReadonlyArray<Heard> => {
    const levels = map.levels.get(sensor);
    if (levels === undefined) return [];
    const count = Math.max(evidence.counts[sensor] ?? 1, 1);
    readings += count;
    return [{ dbm, mean: levels.mean, ...weightsOf(map, levels, count) }];
  });
  const silent =
    heard.length === 0 ? [] : evidence.silent.flatMap((sensor) => map.levels.get(sensor) ?? []);
  const table =
    silent.length === 0 ? undefined : silenceTable(readings / (heard.length + silent.length));
  sumUp(heard, room);
  return {
    sums: room,
    addSilence: ({ mass, offset, otherShare }, power) => {
      if (table === undefined) return;
      for (const { mean } of silent)
        for (let cell = 0; cell < mass.length; cell += 1) {
          if (mass[cell] === 0) continue;
          const louder = (offset[cell] as number) * (otherShare[cell] as number);
          const index = Math.round((mean[cell] as number) + louder) - LOWEST_DBM;
          const bounded = index < 0 ? 0 : Math.min(index, table.length - 1);
          mass[cell] = (mass[cell] as number) * (table[bounded] as number) ** power;
        }
    },
  };
};
