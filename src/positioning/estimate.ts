import { isPlaced, type Layout } from '../model/layout.ts';
import type { Estimate } from './classifier.ts';
import type { Grid } from './grid.ts';
import type { RadioMap } from './radioMap.ts';

/** The same numbers with a sum of one, in the same array. */
export const normalise = (values: Float64Array): Float64Array => {
  let all = 0;
  for (let at = 0; at < values.length; at += 1) all += values[at] as number;
  const share = 1 / all;
  for (let at = 0; at < values.length; at += 1) values[at] = (values[at] as number) * share;
  return values;
};

/** Σ of the cells' probabilities in each group, into `sums`. */
export const sumsBy = (
  group: Int32Array,
  sums: Float64Array,
  cells: Float64Array,
): Float64Array => {
  sums.fill(0);
  for (let cell = 0; cell < cells.length; cell += 1) {
    const value = cells[cell] as number;
    if (value === 0) continue;
    const index = group[cell] as number;
    sums[index] = (sums[index] as number) + value;
  }
  return sums;
};

/** A zone's posterior is the mean over its cells, so that large zones win nothing by their size. */
export const zonePosterior = (grid: Grid, zones: number, cells: Float64Array): Float64Array => {
  const means = sumsBy(grid.zone, new Float64Array(zones), cells);
  for (let zone = 0; zone < zones; zone += 1)
    means[zone] = (means[zone] as number) / (grid.zoneCells[zone] as number);
  return normalise(means);
};

const topTwo = (posterior: Float64Array): readonly [number, number | null] => {
  let winner = 0;
  let runnerUp: number | null = null;
  for (let zone = 1; zone < posterior.length; zone += 1) {
    const value = posterior[zone] as number;
    if (value > (posterior[winner] as number)) {
      runnerUp = winner;
      winner = zone;
    } else if (runnerUp === null || value > (posterior[runnerUp] as number)) runnerUp = zone;
  }
  return [winner, runnerUp];
};

const mean = (of: Float64Array, cells: Float64Array): number => {
  let total = 0;
  for (let cell = 0; cell < cells.length; cell += 1)
    total += (of[cell] as number) * (cells[cell] as number);
  return total;
};

/** Less sure where `temperature` is above 1, in the same order. */
const tempered = (posterior: Float64Array, temperature: number): Float64Array =>
  temperature === 1 ? posterior : normalise(posterior.map((p) => p ** (1 / temperature)));

/** The mean of the zones' centres, metres. */
const meanOfZones = ({ zones }: Layout, posterior: Float64Array) => ({
  x: zones.reduce((sum, { x }, zone) => sum + x * (posterior[zone] as number), 0),
  y: zones.reduce((sum, { y }, zone) => sum + y * (posterior[zone] as number), 0),
});

/**
 * Where the phone is, by the probabilities of the cells; within a zone only if it is known where
 * sensors hang, for fingerprints tell zones alone.
 */
export const estimateOf = (
  layout: Layout,
  grid: Grid,
  { temperature }: RadioMap,
  cells: Float64Array,
): Estimate => {
  const means = zonePosterior(grid, layout.zones.length, cells);
  const posterior = tempered(means, temperature);
  const [winner, runnerUp] = topTwo(posterior);
  const idOf = (zone: number): number => layout.zones[zone]?.zone_id ?? 0;
  const confidence = posterior[winner] ?? 0;
  return {
    zone_id: idOf(winner),
    runner_up: runnerUp === null ? null : idOf(runnerUp),
    confidence,
    margin: runnerUp === null ? confidence : confidence - (posterior[runnerUp] ?? 0),
    ...(layout.sensors.some(isPlaced)
      ? { x: mean(grid.x, cells), y: mean(grid.y, cells) }
      : meanOfZones(layout, posterior)),
  };
};
