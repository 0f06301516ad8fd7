import type { Evidence } from './classifier.ts';
import { type ExpectedLevels, type Precision, precisionOf, type RadioMap } from './radioMap.ts';

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

/** Weighted sums over the sensors that heard the phone, by cell. */
interface Sums {
  /** Σr²/s², Σr/s², Σ1/s² of the residuals r with their variances s². */
  readonly squares: Float64Array;
  readonly residuals: Float64Array;
  readonly weights: Float64Array;
  /** ½ Σ log 1/s². */
  readonly scale: Float64Array;
}

const addSensor = (
  { squares, residuals, weights, scale }: Sums,
  { mean }: ExpectedLevels,
  dbm: number,
  { inverse, logs }: Precision,
): void => {
  for (let cell = 0; cell < mean.length; cell += 1) {
    const weight = inverse[cell] as number;
    const residual = dbm - (mean[cell] as number);
    const weighted = weight * residual;
    squares[cell] = (squares[cell] as number) + weighted * residual;
    residuals[cell] = (residuals[cell] as number) + weighted;
    weights[cell] = (weights[cell] as number) + weight;
    scale[cell] = (scale[cell] as number) + (logs[cell] as number);
  }
};

/** A sensor alive that did not hear the phone: it would be at `mean` plus the offset fitted there. */
const addSilence = (
  log: Float64Array,
  { residuals, weights }: Sums,
  { mean }: ExpectedLevels,
  table: Float64Array,
): void => {
  for (let cell = 0; cell < log.length; cell += 1) {
    const offset = (residuals[cell] as number) / (weights[cell] as number);
    const index = Math.round((mean[cell] as number) + offset) - LOWEST_DBM;
    const bounded = index < 0 ? 0 : Math.min(index, table.length - 1);
    log[cell] = (log[cell] as number) + (table[bounded] as number);
  }
};

const known = (map: RadioMap, sensors: ReadonlyArray<string>): ReadonlyArray<ExpectedLevels> =>
  sensors.flatMap((sensor) => map.levels.get(sensor) ?? []);

/**
 * Log likelihood of the evidence in each of `cells` cells, up to a constant, with the phone's
 * offset b ~ N(0, o²) integrated out: −½ (Σr²/s² − (Σr/s²)² / (1/o² + Σ1/s²)) and the determinant,
 * s² = floor² + reading²/n + the map's own variance. Silent sensors count as censored; sensors that
 * are in neither list, or not in the map, say nothing.
 */
export const logLikelihood = (map: RadioMap, cells: number, evidence: Evidence): Float64Array => {
  const sums: Sums = {
    squares: new Float64Array(cells),
    residuals: new Float64Array(cells),
    weights: new Float64Array(cells).fill(1 / map.deviceOffsetDb ** 2),
    scale: new Float64Array(cells),
  };
  let heard = 0;
  let readings = 0;
  for (const [sensor, dbm] of Object.entries(evidence.vector)) {
    const levels = map.levels.get(sensor);
    if (levels === undefined) continue;
    const count = Math.max(evidence.counts[sensor] ?? 1, 1);
    heard += 1;
    readings += count;
    addSensor(sums, levels, dbm, precisionOf(map, levels, count));
  }
  const { squares, residuals, weights, scale } = sums;
  const log = squares;
  for (let cell = 0; cell < cells; cell += 1) {
    const weight = weights[cell] as number;
    const explained = (residuals[cell] as number) ** 2 / weight;
    log[cell] =
      (scale[cell] as number) + (explained - (squares[cell] as number) - Math.log(weight)) / 2;
  }
  const silent = heard === 0 ? [] : known(map, evidence.silent);
  if (silent.length === 0) return log;
  const table = silenceTable(readings / (heard + silent.length));
  for (const levels of silent) addSilence(log, sums, levels, table);
  return log;
};
