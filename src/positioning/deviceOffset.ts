import type { Sums } from './likelihood.ts';

/**
 * How much louder than expected a phone is, dB: with probability `alike` like the phone that the map
 * was made with, and otherwise by about `mean` with `variance`.
 */
export interface DeviceOffset {
  readonly alike: number;
  readonly mean: number;
  readonly variance: number;
}

/** Phones of one make differ by so much, dB: hands, pockets, batteries. */
const ALIKE_SD_DB = 1;
/** dB⁻². */
const ALIKE_CERTAINTY = 1 / ALIKE_SD_DB ** 2;
/** How far what is known of a phone drifts in a step, dB²: it is turned, pocketed, taken out. */
const DRIFT = 0.02;

/** A place that is exp(−20) as probable as the best one, however loud the phone, is none. */
const HOPELESS = 20;

/** The two kinds of phone side by side in each cell; arrays by cell. */
export interface Located {
  /** Log prior and likelihood, the offset integrated out; −∞ where the phone cannot be. */
  readonly log: Float64Array;
  /** The offset of a phone of the other kind, dB, and that kind's share. */
  readonly offset: Float64Array;
  readonly otherShare: Float64Array;
}

/**
 * Integrates the offset b out of one cell. For b ~ N(m, o²) and residuals r: Σr²/s² becomes
 * Σ(r−m)²/s² − (Σ(r−m)/s²)² / (1/o² + Σ1/s²).
 */
const integrateAt = (
  { squares, residuals, weights, logs }: Sums,
  { alike, mean, variance }: DeviceOffset,
  power: number,
  cell: number,
  base: number,
): void => {
  const certainty = 1 / variance;
  const weight = power * (weights[cell] as number);
  const residual = power * (residuals[cell] as number);
  const shifted = residual - mean * weight;
  const fitted = shifted / (weight + certainty);
  const other = mean * (residual - (mean * weight) / 2) + (shifted * fitted) / 2;
  const otherMass = (1 - alike) * Math.sqrt(certainty / (weight + certainty));
  let alikeMass = 0;
  if (alike > 0) {
    const exponent = (residual * residual) / (2 * (weight + ALIKE_CERTAINTY)) - other;
    const density = Math.sqrt(ALIKE_CERTAINTY / (weight + ALIKE_CERTAINTY));
    alikeMass = alike * density * Math.exp(Math.min(exponent, 600));
  }
  residuals[cell] = mean + fitted;
  logs[cell] = otherMass / (alikeMass + otherMass);
  squares[cell] = base + other + Math.log(alikeMass + otherMass);
};

/**
 * Log prior and likelihood by cell without what the offset adds, into `squares`, and with the most
 * that any offset could add, into `logs`. Returns the cell that could be the most probable.
 */
const boundAll = (
  { squares, residuals, weights, logs }: Sums,
  power: number,
  prior: Float64Array | undefined,
): number => {
  let best = 0;
  for (let cell = 0; cell < squares.length; cell += 1) {
    const before = prior === undefined ? 0 : (prior[cell] as number);
    const residual = residuals[cell] as number;
    const weight = weights[cell] as number;
    const base = before + (power * ((logs[cell] as number) - (squares[cell] as number))) / 2;
    squares[cell] = base;
    logs[cell] = weight > 0 ? base + (power * residual * residual) / (2 * weight) : base;
    if ((logs[cell] as number) > (logs[best] as number)) best = cell;
  }
  return best;
};

/**
 * Integrates the offset out of a window's likelihood raised to `power`, times the prior (logarithms
 * by cell). Most of a floor is seen to be out of the question before the costly part. The sums'
 * arrays are reused, all but the weights.
 */
export const integrateOffset = (
  sums: Sums,
  offset: DeviceOffset,
  power: number,
  prior?: Float64Array,
): Located => {
  const { squares, residuals, logs } = sums;
  const best = boundAll(sums, power, prior);
  integrateAt(sums, offset, power, best, squares[best] as number);
  const least = (squares[best] as number) - HOPELESS;
  for (let cell = 0; cell < squares.length; cell += 1) {
    if (cell === best) continue;
    if ((logs[cell] as number) >= least)
      integrateAt(sums, offset, power, cell, squares[cell] as number);
    else {
      squares[cell] = Number.NEGATIVE_INFINITY;
      residuals[cell] = offset.mean;
      logs[cell] = 1;
    }
  }
  return { log: squares, offset: residuals, otherShare: logs };
};

/**
 * What a window taught of the phone's offset: the moments over all cells (assumed density
 * filtering), `cells` being where it is by now.
 */
export const learnOffset = (
  before: DeviceOffset,
  { offset, otherShare }: Located,
  { weights }: Pick<Sums, 'weights'>,
  cells: Float64Array,
  power: number,
): DeviceOffset => {
  let [share, first, second] = [0, 0, 0];
  for (let cell = 0; cell < cells.length; cell += 1) {
    const mass = (cells[cell] as number) * (otherShare[cell] as number);
    if (mass === 0) continue;
    const at = offset[cell] as number;
    share += mass;
    first += mass * at;
    second += mass * (at * at + 1 / (power * (weights[cell] as number) + 1 / before.variance));
  }
  if (share < 1e-9) return { ...before, alike: before.alike === 0 ? 0 : 1 - 1e-9 };
  const mean = first / share;
  return { alike: 1 - share, mean, variance: Math.max(second / share - mean * mean, 0.01) };
};

const logOdds = (p: number): number => Math.log(p / (1 - p));
const bounded = (p: number): number => Math.min(Math.max(p, 1e-4), 1 - 1e-4);

/**
 * What is left of it after `steps`: it drifts, and the kind of phone is doubted again by what is not
 * `kept`, because the windows of a phone that stands still repeat the same errors.
 */
export const driftOffset = (
  usual: DeviceOffset,
  before: DeviceOffset,
  steps: number,
  kept: number,
): DeviceOffset => {
  const alike =
    usual.alike === 0
      ? 0
      : 1 /
        (1 +
          Math.exp(-(kept * logOdds(bounded(before.alike)) + (1 - kept) * logOdds(usual.alike))));
  return {
    alike,
    mean: before.mean,
    variance: Math.min(before.variance + DRIFT * steps, usual.variance),
  };
};
