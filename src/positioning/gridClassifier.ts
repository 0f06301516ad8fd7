import type { Layout } from '../model/layout.ts';
import { fromBelief, type Memory, toBelief } from './belief.ts';
import type { Belief, Classifier, Estimate, Evidence, Located } from './classifier.ts';
import { type Grid, gridOf } from './grid.ts';
import { logLikelihood } from './likelihood.ts';
import { predict, remember, stillness, weightsOf } from './motion.ts';
import type { RadioMap } from './radioMap.ts';

/** After this a phone may be anywhere. */
const BELIEF_EXPIRY_MS = 180_000;

/** exp(−30) of the most probable cell is nothing. */
const NEGLIGIBLE = -30;

/** Logarithms, up to a constant, as probabilities; the array is reused. */
const normalise = (cells: Float64Array): Float64Array => {
  let most = Number.NEGATIVE_INFINITY;
  for (let cell = 0; cell < cells.length; cell += 1)
    if ((cells[cell] as number) > most) most = cells[cell] as number;
  let all = 0;
  for (let cell = 0; cell < cells.length; cell += 1) {
    const log = (cells[cell] as number) - most;
    const weight = log < NEGLIGIBLE ? 0 : Math.exp(log);
    cells[cell] = weight;
    all += weight;
  }
  for (let cell = 0; cell < cells.length; cell += 1) cells[cell] = (cells[cell] as number) / all;
  return cells;
};

/** Σ of the cells' probabilities in each of `groups` groups. */
const sumsBy = (group: Int32Array, groups: number, cells: Float64Array): Float64Array => {
  const sums = new Float64Array(groups);
  for (let cell = 0; cell < cells.length; cell += 1) {
    const index = group[cell] as number;
    sums[index] = (sums[index] as number) + (cells[cell] as number);
  }
  return sums;
};

/** A zone's posterior is the mean over its cells, so that large zones win nothing by their size. */
export const zonePosterior = (grid: Grid, zones: number, cells: Float64Array): Float64Array => {
  const sizes = sumsBy(grid.zone, zones, new Float64Array(cells.length).fill(1));
  const means = sumsBy(grid.zone, zones, cells).map((sum, zone) => sum / (sizes[zone] as number));
  const all = means.reduce((sum, value) => sum + value, 0);
  return means.map((mean) => mean / all);
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

const estimateOf = (layout: Layout, grid: Grid, cells: Float64Array): Estimate => {
  const posterior = zonePosterior(grid, layout.zones.length, cells);
  const [winner, runnerUp] = topTwo(posterior);
  const idOf = (zone: number): number => layout.zones[zone]?.zone_id ?? 0;
  const confidence = posterior[winner] ?? 0;
  return {
    zone_id: idOf(winner),
    runner_up: runnerUp === null ? null : idOf(runnerUp),
    confidence,
    margin: runnerUp === null ? confidence : confidence - (posterior[runnerUp] ?? 0),
    x: mean(grid.x, cells),
    y: mean(grid.y, cells),
  };
};

/** The evidence weighed with what the windows before made probable; probabilities by cell. */
const posteriorOf = (
  grid: Grid,
  map: RadioMap,
  evidence: Evidence,
  memory: Memory | undefined,
  still: number,
): Float64Array => {
  const log = logLikelihood(map, grid.x.length, evidence);
  if (memory === undefined) return normalise(log);
  const elapsedS = evidence.ts - memory.ts;
  const weights = weightsOf(still, elapsedS);
  const prior = predict(grid, memory.blocks, still, elapsedS);
  for (let block = 0; block < prior.length; block += 1)
    prior[block] = weights.prior * Math.log(prior[block] as number);
  for (let cell = 0; cell < log.length; cell += 1)
    log[cell] =
      weights.evidence * (log[cell] as number) + (prior[grid.block[cell] as number] as number);
  return normalise(log);
};

/** A memory of later than the evidence says nothing about it. */
const memoryAt = (grid: Grid, belief: Belief | undefined, ts: number): Memory | undefined => {
  const memory = fromBelief(grid, belief);
  return memory !== undefined && memory.ts <= ts ? memory : undefined;
};

/**
 * Places phones on a floor whose radio is `map`, of `grid`'s cells: a forward filter over the
 * cells. Sensors that the map does not know are left out; without any known sensor every zone is
 * equally likely.
 */
export const gridClassifier = (
  layout: Layout,
  mapOf: (grid: Grid) => RadioMap,
  grid: Grid = gridOf(layout),
): Classifier => {
  const map = mapOf(grid);
  return {
    beliefExpiryMs: BELIEF_EXPIRY_MS,
    locate: (evidence, belief): Located => {
      const memory = memoryAt(grid, belief, evidence.ts);
      const still = memory === undefined ? 0 : stillness(memory, evidence);
      const cells = posteriorOf(grid, map, evidence, memory, still);
      const blocks = sumsBy(grid.block, grid.blockColumns * grid.blockRows, cells);
      return {
        estimate: estimateOf(layout, grid, cells),
        belief: toBelief(grid, { ...remember(memory, evidence, still), blocks, ts: evidence.ts }),
      };
    },
  };
};
