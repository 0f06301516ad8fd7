import type { Sums } from './likelihood.ts';

/** What was known of a phone's place: a log probability by block, and each cell's block. */
export interface PlacePrior {
  readonly log: Float64Array;
  readonly block: Int32Array;
}

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

/** A place that is exp(−12) as probable as the best one is none. */
const HOPELESS = 12;

/** What is exp(`log`) as probable as the best one. */
const shareOf = (log: number): number => (log < -HOPELESS ? 0 : Math.exp(log));

/** The two kinds of phone side by side in each cell; arrays by cell. */
export interface Located {
  /** PlacePrior times likelihood, the offset integrated out, up to a factor; 0 where the phone cannot be. */
  readonly mass: Float64Array;
  /** The offset of a phone of the other kind, dB, and that kind's share. */
  readonly offset: Float64Array;
  readonly otherShare: Float64Array;
}

/**
 * Log prior and likelihood by cell at the phone's most probable offset: for a phone of the other kind
 * into `squares`, for one that is alike into `logs`. Returns the most of all.
 */
const exponents = (
  { squares, residuals, weights, logs }: Sums,
  { alike, mean, variance }: DeviceOffset,
  power: number,
  prior: PlacePrior | undefined,
): number => {
  const certainty = 1 / variance;
  let most = Number.NEGATIVE_INFINITY;
  for (let cell = 0; cell < squares.length; cell += 1) {
    const before = prior === undefined ? 0 : (prior.log[prior.block[cell] as number] as number);
    const base = before + (power * ((logs[cell] as number) - (squares[cell] as number))) / 2;
    const weight = power * (weights[cell] as number);
    const residual = power * (residuals[cell] as number);
    const shifted = residual - mean * weight;
    const other =
      base +
      mean * (residual - (mean * weight) / 2) +
      (shifted * shifted) / (2 * (weight + certainty));
    const same =
      alike === 0
        ? Number.NEGATIVE_INFINITY
        : base + (residual * residual) / (2 * (weight + ALIKE_CERTAINTY));
    squares[cell] = other;
    logs[cell] = same;
    if (other > most) most = other;
    if (same > most) most = same;
  }
  return most;
};

/**
 * Integrates the offset b out of a window's likelihood raised to `power`, times the prior. For
 * b ~ N(m, o²) and residuals r, Σr²/s² becomes Σ(r−m)²/s² − (Σ(r−m)/s²)² / (1/o² + Σ1/s²).
 * The sums' arrays are reused, all but the weights.
 */
export const integrateOffset = (
  sums: Sums,
  offset: DeviceOffset,
  power: number,
  prior?: PlacePrior,
): Located => {
  const { squares, residuals, weights, logs } = sums;
  const { alike, mean, variance } = offset;
  const certainty = 1 / variance;
  const most = exponents(sums, offset, power, prior);
  for (let cell = 0; cell < squares.length; cell += 1) {
    const other = shareOf((squares[cell] as number) - most);
    const same = shareOf((logs[cell] as number) - most);
    if (other === 0 && same === 0) {
      squares[cell] = 0;
      continue;
    }
    const weight = power * (weights[cell] as number);
    const all = weight + certainty;
    const otherMass = (1 - alike) * Math.sqrt(certainty / all) * other;
    const sameMass = alike * Math.sqrt(ALIKE_CERTAINTY / (weight + ALIKE_CERTAINTY)) * same;
    squares[cell] = otherMass + sameMass;
    logs[cell] = otherMass / (otherMass + sameMass);
    residuals[cell] = mean + (power * (residuals[cell] as number) - mean * weight) / all;
  }
  return { mass: squares, offset: residuals, otherShare: logs };
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
  const certainty = 1 / before.variance;
  let [share, first, second] = [0, 0, 0];
  for (let cell = 0; cell < cells.length; cell += 1) {
    if (cells[cell] === 0) continue;
    const mass = (cells[cell] as number) * (otherShare[cell] as number);
    const at = offset[cell] as number;
    share += mass;
    first += mass * at;
    second += mass * (at * at + 1 / (power * (weights[cell] as number) + certainty));
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
