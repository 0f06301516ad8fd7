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
const ALIKE_SD_DB = 1.5;
/** How far what is known of a phone drifts in a step, dB²: it is turned, pocketed, taken out. */
const DRIFT = 0.3;

/** Hundreds of sensors would multiply to nothing. */
const LEAST = 1e-300;

/** The two kinds of phone side by side in each cell; arrays by cell. */
export interface Located {
  /** Log likelihood, the offset integrated out. */
  readonly log: Float64Array;
  /** The offset of a phone of the other kind, dB, and that kind's share. */
  readonly offset: Float64Array;
  readonly otherShare: Float64Array;
}

/**
 * Integrates the offset b out of a window's likelihood raised to `power`. For b ~ N(m, o²) and
 * residuals r: Σr²/s² becomes Σ(r−m)²/s² − (Σ(r−m)/s²)² / (1/o² + Σ1/s²). The sums' arrays are
 * reused, all but the weights.
 */
export const integrateOffset = (
  { squares, residuals, weights, product }: Sums,
  { alike, mean, variance }: DeviceOffset,
  power: number,
): Located => {
  const alikeCertainty = 1 / ALIKE_SD_DB ** 2;
  const certainty = 1 / variance;
  for (let cell = 0; cell < squares.length; cell += 1) {
    const weight = power * (weights[cell] as number);
    const residual = power * (residuals[cell] as number);
    const shifted = residual - mean * weight;
    const fitted = shifted / (weight + certainty);
    const other = mean * (residual - (mean * weight) / 2) + (shifted * fitted) / 2;
    const determinant = Math.log(Math.max(product[cell] as number, LEAST));
    const base = (power * (determinant - (squares[cell] as number))) / 2;
    const otherMass = (1 - alike) * Math.sqrt(certainty / (weight + certainty));
    let alikeMass = 0;
    if (alike > 0) {
      const exponent = (residual * residual) / (2 * (weight + alikeCertainty)) - other;
      const density = Math.sqrt(alikeCertainty / (weight + alikeCertainty));
      alikeMass = alike * density * Math.exp(Math.min(exponent, 600));
    }
    residuals[cell] = mean + fitted;
    product[cell] = otherMass / (alikeMass + otherMass);
    squares[cell] = base + other + Math.log(alikeMass + otherMass);
  }
  return { log: squares, offset: residuals, otherShare: product };
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
