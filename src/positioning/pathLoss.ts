import type { Layout, Sensor } from '../model/layout.ts';
import type { Classifier, Estimate, Evidence } from './classifier.ts';
import { type Grid, gridOf } from './grid.ts';

/** What the radio of a shop is assumed to do before anyone has surveyed it. */
export interface PathLossModel {
  readonly cellM: number;
  /** dBm at one metre. */
  readonly atOneMetreDbm: number;
  /** Path-loss exponent; open rooms measure 1.4–2.3, walls more. */
  readonly exponent: number;
  /** Standard deviation of one phone's transmit power against another's, dB. */
  readonly deviceOffsetDb: number;
  /** Height of the phones above the floor, metres. */
  readonly phoneHeightM: number;
}

export const OPEN_ROOM: PathLossModel = {
  cellM: 0.5,
  atOneMetreDbm: -59,
  exponent: 2.3,
  deviceOffsetDb: 8,
  phoneHeightM: 1.2,
};

/** Log-distance path loss; nearer than half a metre the formula says nothing true. */
const expectedDbm = (model: PathLossModel, grid: Grid, sensor: Sensor): Float64Array =>
  grid.x.map((x, cell) => {
    const metres = Math.hypot(
      x - sensor.x,
      (grid.y[cell] ?? 0) - sensor.y,
      model.phoneHeightM - sensor.z,
    );
    return model.atOneMetreDbm - 10 * model.exponent * Math.log10(Math.max(metres, 0.5));
  });

/** Variance of a median of `n` readings: what does not average out, and what does. dB². */
const noiseVariance = (n: number): number => 3 ** 2 + 5 ** 2 / n;

/**
 * −2 · log likelihood of each cell with the phone's offset b ~ N(0, o²) integrated out:
 * with residuals r and variances s², q = Σr²/s² − (Σr/s²)² / (1/o² + Σ1/s²).
 */
const misfit = (
  grid: Grid,
  expected: ReadonlyMap<string, Float64Array>,
  heard: Pick<Evidence, 'vector' | 'counts'>,
  offsetVariance: number,
): Float64Array => {
  const squares = new Float64Array(grid.x.length);
  const sums = new Float64Array(grid.x.length);
  let precision = 1 / offsetVariance;
  for (const [sensor, dbm] of Object.entries(heard.vector)) {
    const atCell = expected.get(sensor);
    if (atCell === undefined) continue;
    const weight = 1 / noiseVariance(heard.counts[sensor] ?? 1);
    precision += weight;
    for (let cell = 0; cell < atCell.length; cell += 1) {
      const residual = dbm - (atCell[cell] ?? 0);
      squares[cell] = (squares[cell] ?? 0) + weight * residual * residual;
      sums[cell] = (sums[cell] ?? 0) + weight * residual;
    }
  }
  return squares.map((square, cell) => square - (sums[cell] ?? 0) ** 2 / precision);
};

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);

/** A zone's posterior is the mean over its cells, so that large zones win nothing by their size. */
const zonePosterior = (grid: Grid, zones: number, likelihood: Float64Array): Float64Array => {
  const total = new Float64Array(zones);
  const cells = new Float64Array(zones);
  grid.zone.forEach((zone, cell) => {
    total[zone] = (total[zone] ?? 0) + (likelihood[cell] ?? 0);
    cells[zone] = (cells[zone] ?? 0) + 1;
  });
  const means = total.map((value, zone) => value / Math.max(cells[zone] ?? 1, 1));
  const all = sum(means);
  return means.map((mean) => mean / all);
};

/** Indices of the most probable zone and of the next one, which a shop of one zone has not. */
const topTwo = (posterior: Float64Array): { winner: number; runnerUp?: number } => {
  const [winner = 0, runnerUp] = [...posterior.keys()].sort(
    (a, b) => (posterior[b] ?? 0) - (posterior[a] ?? 0),
  );
  return { winner, ...(runnerUp !== undefined && { runnerUp }) };
};

/**
 * Needs no survey: how well does each place of a grid explain what the sensors heard, whatever the
 * phone's own loudness. Sensors that the layout does not know are left out; a vector without any
 * known sensor is equally likely everywhere.
 */
export const pathLossClassifier = (
  layout: Layout,
  model: PathLossModel = OPEN_ROOM,
): Classifier => {
  const grid = gridOf(layout, model.cellM);
  const expected = new Map(
    layout.sensors.map((sensor) => [sensor.sensor_id, expectedDbm(model, grid, sensor)]),
  );
  const estimate = (heard: Evidence): Estimate => {
    const q = misfit(grid, expected, heard, model.deviceOffsetDb ** 2);
    const best = q.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
    const likelihood = q.map((value) => Math.exp((best - value) / 2));
    const posterior = zonePosterior(grid, layout.zones.length, likelihood);
    const { winner, runnerUp } = topTwo(posterior);
    const all = sum(likelihood);
    const mean = (of: Float64Array): number =>
      of.reduce((total, value, cell) => total + value * (likelihood[cell] ?? 0), 0) / all;
    const confidence = posterior[winner] ?? 0;
    return {
      zone_id: layout.zones[winner]?.zone_id ?? 0,
      runner_up: layout.zones[runnerUp ?? -1]?.zone_id ?? null,
      confidence,
      margin: confidence - (posterior[runnerUp ?? -1] ?? 0),
      x: mean(grid.x),
      y: mean(grid.y),
    };
  };
  return { locate: (heard) => ({ estimate: estimate(heard), belief: null }), beliefExpiryMs: 0 };
};
