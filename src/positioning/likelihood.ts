import type { Evidence } from './classifier.ts';
import type { Located } from './deviceOffset.ts';
import { type RadioMap, weightsOf } from './radioMap.ts';

/** At this level a sensor hears a window's frames or misses all of them equally often, dBm. */
const THRESHOLD_DBM = -92;
const THRESHOLD_SD_DB = 5;
/** A sensor that ought to hear a phone misses it at least so often: bodies, collisions, its end. */
const LEAST_MISSED = 0.1;

const LOWEST_DBM = -160;

/** Φ by the logistic function, right to 0.01. */
const normalCdf = (z: number): number => 1 / (1 + Math.exp(-1.702 * z));

/**
 * log P(not heard | level) at whole dBm from {@link LOWEST_DBM} to 0: by level, or by chance where
 * a phone sends little: with λ readings a sensor, exp(−λ) of the sensors hear none.
 */
const silenceTable = (readingsPerSensor: number): Float64Array => {
  const missed = Math.max(LEAST_MISSED, Math.exp(-readingsPerSensor));
  return Float64Array.from({ length: 1 - LOWEST_DBM }, (_, index) => {
    const tooWeak = normalCdf((THRESHOLD_DBM - LOWEST_DBM - index) / THRESHOLD_SD_DB);
    return Math.log(missed + (1 - missed) * tooWeak);
  });
};

/** What one sensor heard, what it would hear in each cell, and the weight of the difference. */
interface Heard {
  readonly dbm: number;
  readonly mean: Float32Array;
  readonly weight: Float32Array;
}

/**
 * Sums over the sensors that heard a phone, by cell: with residuals r and variances s², Σr²/s²,
 * Σr/s², Σ1/s² and Π1/s². All that the likelihood of any offset needs.
 */
export interface Sums {
  readonly squares: Float64Array;
  readonly residuals: Float64Array;
  readonly weights: Float64Array;
  readonly product: Float64Array;
}

const add = (sums: Sums, { dbm, mean, weight: weightOf }: Heard): void => {
  const { squares, residuals, weights, product } = sums;
  for (let cell = 0; cell < mean.length; cell += 1) {
    const weight = weightOf[cell] as number;
    const residual = dbm - (mean[cell] as number);
    const weighted = weight * residual;
    squares[cell] = (squares[cell] as number) + weighted * residual;
    residuals[cell] = (residuals[cell] as number) + weighted;
    weights[cell] = (weights[cell] as number) + weight;
    product[cell] = (product[cell] as number) * weight;
  }
};

/** The same for two sensors in one pass: reading and writing the sums is what takes the time. */
const addTwo = (sums: Sums, one: Heard, two: Heard): void => {
  const { squares, residuals, weights, product } = sums;
  for (let cell = 0; cell < squares.length; cell += 1) {
    const v = one.weight[cell] as number;
    const w = two.weight[cell] as number;
    const r = one.dbm - (one.mean[cell] as number);
    const s = two.dbm - (two.mean[cell] as number);
    squares[cell] = (squares[cell] as number) + v * r * r + w * s * s;
    residuals[cell] = (residuals[cell] as number) + v * r + w * s;
    weights[cell] = (weights[cell] as number) + v + w;
    product[cell] = (product[cell] as number) * v * w;
  }
};

const sumUp = (heard: ReadonlyArray<Heard>, cells: number): Sums => {
  const sums = {
    squares: new Float64Array(cells),
    residuals: new Float64Array(cells),
    weights: new Float64Array(cells),
    product: new Float64Array(cells).fill(1),
  };
  for (let index = 0; index < heard.length; index += 2) {
    const [one, two] = [heard[index], heard[index + 1]];
    if (one !== undefined && two !== undefined) addTwo(sums, one, two);
    else if (one !== undefined) add(sums, one);
  }
  return sums;
};

/** What a window says of where a phone is, for whatever loudness it has. */
export interface Likelihood {
  readonly sums: Sums;
  /** Adds what the silent sensors say to `log`. */
  readonly addSilence: (located: Located, power: number) => void;
}

/**
 * The likelihood of the evidence in each of `cells` cells with s² = floor² + reading²/n + the map's
 * own variance. Silent sensors count as censored: each would be at its mean level plus the phone's
 * offset. Sensors that are in neither list, or not in the map, say nothing.
 */
export const likelihoodOf = (map: RadioMap, cells: number, evidence: Evidence): Likelihood => {
  let readings = 0;
  const heard = Object.entries(evidence.vector).flatMap(([sensor, dbm]): ReadonlyArray<Heard> => {
    const levels = map.levels.get(sensor);
    if (levels === undefined) return [];
    const count = Math.max(evidence.counts[sensor] ?? 1, 1);
    readings += count;
    return [{ dbm, mean: levels.mean, weight: weightsOf(map, levels, count) }];
  });
  const silent =
    heard.length === 0 ? [] : evidence.silent.flatMap((sensor) => map.levels.get(sensor) ?? []);
  const table =
    silent.length === 0 ? undefined : silenceTable(readings / (heard.length + silent.length));
  return {
    sums: sumUp(heard, cells),
    addSilence: ({ log, offset, otherShare }, power) => {
      if (table === undefined) return;
      for (const { mean } of silent)
        for (let cell = 0; cell < log.length; cell += 1) {
          const louder = (offset[cell] as number) * (otherShare[cell] as number);
          const index = Math.round((mean[cell] as number) + louder) - LOWEST_DBM;
          const bounded = index < 0 ? 0 : Math.min(index, table.length - 1);
          log[cell] = (log[cell] as number) + power * (table[bounded] as number);
        }
    },
  };
};
