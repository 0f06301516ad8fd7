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
const STILL = { keptPerStep: 0.93, spreadM: 0.5 };
/** A phone may be anywhere: a wrong belief must not last. */
const RESET_PER_STEP = 0.01;

/** Variances of the change of a level between two windows, dB². */
const ROUNDING = 0.5;
const PER_READING = 9;
const BY_MOVING = 16;

/** Log odds that a phone stays from one window to the next, before its levels say anything. */
const USUALLY_STILL = -1;

type Heard = Pick<RssiVector, 'vector' | 'counts'>;

/**
 * Probability 0…1 that a phone has not moved between two windows: its levels then differ by noise
 * alone, whereas a walk changes each of them by some dB. Windows without a common sensor: 0.
 */
export const stillness = (before: Heard, now: Heard): number => {
  let logOdds = USUALLY_STILL;
  let common = 0;
  for (const [sensor, dbm] of Object.entries(now.vector)) {
    const earlier = before.vector[sensor];
    if (earlier === undefined) continue;
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

const kernel = (spreadM: number, blockM: number): Float64Array => {
  const reach = Math.ceil((3 * spreadM) / blockM);
  const weights = new Float64Array(reach + 1);
  for (let away = 0; away <= reach; away += 1)
    weights[away] = Math.exp(-((away * blockM) ** 2) / (2 * spreadM ** 2));
  return weights;
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

/** What the weights reach of a line from each of its blocks. */
const totals = (weights: Float64Array, length: number): Float64Array => {
  const all = new Float64Array(length);
  const reach = weights.length - 1;
  for (let source = 0; source < length; source += 1) {
    let total = 0;
    const last = Math.min(length - 1, source + reach);
    for (let at = Math.max(0, source - reach); at <= last; at += 1)
      total += weights[at < source ? source - at : at - source] as number;
    all[source] = total;
  }
  return all;
};

/** One direction of a separable Gaussian; what would leave the floor stays on it. */
const spreadAlong = (
  from: Float64Array,
  { lines, line, length, next }: Lines,
  weights: Float64Array,
): Float64Array => {
  const to = new Float64Array(from.length);
  const all = totals(weights, length);
  const reach = weights.length - 1;
  for (let base = 0; base < lines * line; base += line)
    for (let source = 0; source < length; source += 1) {
      const value = from[base + source * next] as number;
      if (value < NEGLIGIBLE) continue;
      const share = value / (all[source] as number);
      const last = Math.min(length - 1, source + reach);
      for (let at = Math.max(0, source - reach); at <= last; at += 1) {
        const index = base + at * next;
        const away = at < source ? source - at : at - source;
        to[index] = (to[index] as number) + share * (weights[away] as number);
      }
    }
  return to;
};

const spread = (grid: Grid, blocks: Float64Array, spreadM: number): Float64Array => {
  const weights = kernel(Math.min(spreadM, 100 * grid.blockM), grid.blockM);
  const [columns, rows] = [grid.blockColumns, grid.blockRows];
  const along = { lines: rows, length: columns, next: 1, line: columns };
  const across = { lines: columns, length: rows, next: columns, line: 1 };
  return spreadAlong(spreadAlong(blocks, along, weights), across, weights);
};

/**
 * Where a phone may be `elapsedS` seconds after it was at `blocks` (probabilities by block): the
 * Gaussian transition of a step to the power of the elapsed steps, that is, its variance times them.
 */
export const predict = (
  grid: Grid,
  blocks: Float64Array,
  still: number,
  elapsedS: number,
): Float64Array => {
  const steps = elapsedS / STEP_S;
  const scale = Math.sqrt(Math.max(steps, 0.04));
  const reset = 1 - (1 - RESET_PER_STEP) ** steps;
  const stayed = spread(grid, blocks, STILL.spreadM * scale);
  // A phone that surely stands still is the usual case in a shop, and the cheap one.
  const moved = still > SURE ? stayed : spread(grid, blocks, MOVING.spreadM * scale);
  const anywhere = reset / moved.length;
  for (let block = 0; block < moved.length; block += 1)
    moved[block] =
      (1 - reset) * ((1 - still) * (moved[block] as number) + still * (stayed[block] as number)) +
      anywhere;
  return moved;
};
