import type { Layout } from '../model/layout.ts';
import { fromBelief, type Memory, toBelief } from './belief.ts';
import type { Belief, Evidence, Located, PlacingClassifier } from './classifier.ts';
import { type DeviceOffset, driftOffset, integrateOffset, learnOffset } from './deviceOffset.ts';
import { estimateOf, normalise, sumsBy } from './estimate.ts';
import { type Grid, gridOf } from './grid.ts';
import { likelihoodOf, roomFor, type Sums } from './likelihood.ts';
import { predict, remember, roomToSpread, type Spreading, stillness, weightsOf } from './motion.ts';
import type { RadioMap } from './radioMap.ts';

/** After this a phone may be anywhere. */
const BELIEF_EXPIRY_MS = 180_000;

/** What a window and the windows before it say of a phone. */
interface Posterior {
  /** Probabilities. */
  readonly cells: Float64Array;
  readonly offset: DeviceOffset;
}

/** What the windows before say: log probabilities by block, and how much of the evidence is new. */
interface Prior {
  readonly log: Float64Array;
  readonly power: number;
  readonly offset: DeviceOffset;
}

const usualOffset = ({ alikeShare, deviceOffsetDb }: RadioMap): DeviceOffset => ({
  alike: alikeShare,
  mean: 0,
  variance: deviceOffsetDb ** 2,
});

const priorOf = (
  grid: Grid,
  map: RadioMap,
  memory: Memory,
  still: number,
  elapsedS: number,
  room: Spreading,
): Prior => {
  const weights = weightsOf(still, elapsedS);
  const log = predict(grid, memory.blocks, still, elapsedS, room);
  for (let block = 0; block < log.length; block += 1)
    log[block] = weights.prior * Math.log(log[block] as number);
  const offset = driftOffset(usualOffset(map), memory.offset, elapsedS / 5, weights.offset);
  return { log, power: weights.evidence, offset };
};

/** The evidence weighed with what the windows before made probable; its cells lie in `room`. */
const posteriorOf = (
  grid: Grid,
  map: RadioMap,
  evidence: Evidence,
  prior: Prior | undefined,
  room: Sums,
): Posterior => {
  const { sums, addSilence } = likelihoodOf(map, room, evidence);
  const before = prior?.offset ?? usualOffset(map);
  const power = prior?.power ?? 1;
  const located = integrateOffset(
    sums,
    before,
    power,
    prior && { log: prior.log, block: grid.block },
  );
  addSilence(located, power);
  const cells = normalise(located.mass);
  return { cells, offset: learnOffset(before, located, sums, cells, power) };
};

/** A memory of later than the evidence says nothing about it. */
const memoryAt = (
  grid: Grid,
  belief: Belief | undefined,
  ts: number,
  blocks: Float64Array,
): Memory | undefined => {
  const memory = fromBelief(grid, belief, blocks);
  return memory !== undefined && memory.ts <= ts ? memory : undefined;
};

/** Where a phone is by one window alone; probabilities by cell. */
export const placeOnce = (grid: Grid, map: RadioMap, evidence: Evidence): Float64Array =>
  posteriorOf(grid, map, evidence, undefined, roomFor(grid.x.length)).cells;

/**
 * Places phones on a floor whose radio is `map`, of `grid`'s cells: a forward filter over the
 * cells. Sensors that the map does not know are left out; without any known sensor every zone is
 * equally likely.
 */
export const gridClassifier = (
  layout: Layout,
  mapOf: (grid: Grid) => RadioMap,
  grid: Grid = gridOf(layout),
): PlacingClassifier => {
  const map = mapOf(grid);
  // One room for all phones, one after the other: 500 a window would make much to throw away.
  const room = roomFor(grid.x.length);
  const blocks = new Float64Array(grid.blockColumns * grid.blockRows);
  const spreading = roomToSpread(blocks.length);
  return {
    beliefExpiryMs: BELIEF_EXPIRY_MS,
    locate: (evidence, belief): Located => {
      const { ts } = evidence;
      const memory = memoryAt(grid, belief, ts, blocks);
      const still = memory === undefined ? 0 : stillness(memory, evidence);
      const prior = memory && priorOf(grid, map, memory, still, ts - memory.ts, spreading);
      const { cells, offset } = posteriorOf(grid, map, evidence, prior, room);
      const { vector, counts } = remember(memory, evidence, still);
      sumsBy(grid.block, blocks, cells);
      return {
        estimate: estimateOf(layout, grid, map, cells),
        belief: toBelief(grid, { blocks, offset, ts, vector, counts }),
      };
    },
  };
};
