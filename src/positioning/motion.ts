import type { RssiVector } from '../model/rssiVector.ts';
import type { Grid } from './grid.ts';

/** The window that the parameters below are told for, seconds. */
const STEP_S = 5;

/**
 * How whereabouts become uncertain with time, and how much of a window's evidence is new: errors of
 * a radio map stay as long as the phone stays, so the windows of a phone that stands still say the
 * same thing again and again. Chosen by cross-validation: docs/positioning.md.
 */
const MOVING = { keptPerStep: 0.75, spreadM: 3 };
const STILL = { keptPerStep: 0.97, spreadM: 0.5 };
/** A phone may be anywhere: a wrong belief must not last. */
const RESET_PER_STEP = 0.01;

/** Variances of the change of a level between two windows, dB². */
const ROUNDING = 0.5;
const PER_READING = 9;
const BY_MOVING = 16;

/** Log odds that a phone stays from one window to the next, before its levels say anything. */
const USUALLY_STILL = 0;

type Heard = Pick<RssiVector, 'vector' | 'counts'>;

/**
 * Probability 0…1 that a phone has not moved between two windows: its levels then differ by noise
 * alone, whereas a walk changes each of them by some dB. Windows without a common sensor: 0.
 */
export const stillness = (before: Heard, now: Heard): number => {
  let logOdds = USUALLY_STILL;
  let common = 0;
  for (const sensor of Object.keys(now.vector)) {
    const dbm = now.vector[sensor];
    const earlier = before.vector[sensor];
    if (dbm === undefined || earlier === undefined) continue;
    common += 1;
    const still =
      ROUNDING +
      PER_READING / (now.counts[sensor] ?? 1) +
      PER_READING / (before.counts[sensor] ?? 1);
    const moved = still + BY_MOVING;
    logOdds += ((dbm - earlier) ** 2 * (1 / moved - 1 / still) + Math.log(moved / still)) / 2;
  }
  return common === 0 ? 0 : 1 / (1 + Math.exp(-logOdds));
};

/** Doubts smaller than this change nothing. */
const SURE = 0.999;

/** Readings that a remembered level stands for at most: what is older fades. */
const MOST_REMEMBERED = 60;

/**
 * What to remember of the levels: their mean for as long as a phone stays, so that a slow walk, of
 * which each step looks like noise, shows after some of them.
 */
export const remember = (before: Heard | undefined, now: Heard, still: number): Heard => {
  const vector: Record<string, number> = {};
  const counts: Record<string, number> = {};
  for (const [sensor, dbm] of Object.entries(now.vector)) {
    const earlier = before?.vector[sensor] ?? dbm;
    const kept = still * (before?.counts[sensor] ?? 0);
    const count = now.counts[sensor] ?? 1;
    vector[sensor] = (kept * earlier + count * dbm) / (kept + count);
    counts[sensor] = Math.min(kept + count, MOST_REMEMBERED);
  }
  return { vector, counts };
};

/** How an earlier belief and a window's evidence are weighed; both are powers of probabilities. */
export interface Weights {
  readonly prior: number;
  readonly evidence: number;
  /** Of what is known of the phone's loudness, which a walk leaves as it was. */
  readonly offset: number;
}

export const weightsOf = (still: number, elapsedS: number): Weights => {
  const steps = elapsedS / STEP_S;
  const moving = MOVING.keptPerStep ** steps;
  const resting = STILL.keptPerStep ** steps;
  return {
    prior: (1 - still) * moving + still * resting,
    offset: 1 - still + still * resting,
    evidence: 1 - still * resting,
  };
};

/** By distance in blocks, up to three standard deviations: a Gaussian's weights, and their sums. */
interface Kernel {
  readonly weights: Float64Array;
  readonly sums: Float64Array;
}

const kernelOf = (spreadM: number, blockM: number): Kernel => {
  const reach = Math.ceil((3 * spreadM) / blockM);
  const weights = new Float64Array(reach + 1);
  const sums = new Float64Array(reach + 1);
  let sum = 0;
  for (let away = 0; away <= reach; away += 1) {
    const weight = Math.exp(-((away * blockM) ** 2) / (2 * spreadM ** 2));
    weights[away] = weight;
    sum += weight;
    sums[away] = sum;
  }
  return { weights, sums };
};

/** Places of so little probability are not worth their time; the reset covers them. */
const NEGLIGIBLE = 1e-12;

/** Rows or columns of blocks: `lines` of them, `line` apart, each of `length` blocks `next` apart. */
interface Lines {
  readonly lines: number;
  readonly line: number;
  readonly length: number;
  readonly next: number;
}

/** One direction of a separable Gaussian; what would leave the floor stays on it. */
const spreadAlong = (
  from: Float64Array,
  to: Float64Array,
  { lines, line, length, next }: Lines,
  { weights, sums }: Kernel,
): void => {
  to.fill(0);
  const reach = weights.length - 1;
  for (let base = 0; base < lines * line; base += line)
    for (let source = 0; source < length; source += 1) {
      const value = from[base + source * next] as number;
      if (value < NEGLIGIBLE) continue;
      const [before, after] = [Math.min(source, reach), Math.min(length - 1 - source, reach)];
      const all = (sums[before] as number) + (sums[after] as number) - (weights[0] as number);
      const share = value / all;
      for (let at = source - before; at <= source + after; at += 1) {
        const index = base + at * next;
        const away = at < source ? source - at : at - source;
        to[index] = (to[index] as number) + share * (weights[away] as number);
      }
    }
};

/** Room for a belief to spread in; arrays by block. */
export interface Spreading {
  readonly half: Float64Array;
  readonly stayed: Float64Array;
  readonly moved: Float64Array;
}

export const roomToSpread = (blocks: number): Spreading => ({
  half: new Float64Array(blocks),
  stayed: new Float64Array(blocks),
  moved: new Float64Array(blocks),
});

const spread = (
  { blockColumns, blockRows, blockM }: Grid,
  blocks: Float64Array,
  spreadM: number,
  half: Float64Array,
  to: Float64Array,
): void => {
  const kernel = kernelOf(Math.min(spreadM, 100 * blockM), blockM);
  const along = { lines: blockRows, length: blockColumns, next: 1, line: blockColumns };
  const across = { lines: blockColumns, length: blockRows, next: blockColumns, line: 1 };
  spreadAlong(blocks, half, along, kernel);
  spreadAlong(half, to, across, kernel);
};

/**
 * Where a phone may be `elapsedS` seconds after it was at `blocks` (probabilities by block): the
 * Gaussian transition of a step to the power of the elapsed steps, that is, its variance times them.
 * The answer lies in the given room.
 */
export const predict = (
  grid: Grid,
  blocks: Float64Array,
  still: number,
  elapsedS: number,
  { half, stayed, moved }: Spreading = roomToSpread(blocks.length),
): Float64Array => {
  const steps = elapsedS / STEP_S;
  const scale = Math.sqrt(Math.max(steps, 0.04));
  const reset = 1 - (1 - RESET_PER_STEP) ** steps;
  spread(grid, blocks, STILL.spreadM * scale, half, stayed);
  // A phone that surely stands still is the usual case in a shop, and the cheap one.
  const mayMove = still <= SURE;
  if (mayMove) spread(grid, blocks, MOVING.spreadM * scale, half, moved);
  const anywhere = reset / blocks.length;
  for (let block = 0; block < blocks.length; block += 1) {
    const here = stayed[block] as number;
    const there = mayMove ? (moved[block] as number) : here;
    moved[block] = (1 - reset) * ((1 - still) * there + still * here) + anywhere;
  }
  return moved;
};
