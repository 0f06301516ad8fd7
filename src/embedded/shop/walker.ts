import { distance, type Point } from './floor.ts';
import { STEP_S } from './settings.ts';
import type { ShopEvent } from './truth.ts';

/** Somebody or something with a place. Only its script moves it. */
export interface Walker {
  at: Point;
  /** All the way it has gone, metres. */
  walkedM: number;
  readonly speedMps: number;
}

/**
 * What somebody does, as a coroutine: each `yield` ends one step of {@link STEP_S}, and what it
 * yields is what happened in the step. When it returns, the person is gone.
 */
export type Script = Generator<ShopEvent | undefined, void, void>;

/** What sums of strides are off by must not cost a step of its own. */
const ROUNDING_M = 1e-6;

const towards = (from: Point, to: Point, metres: number): Point => {
  const share = metres / distance(from, to);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
};

/** Goes in a straight line to `target`, at most its speed in a step; no step if already there. */
export function* walkTo(walker: Walker, target: Point): Script {
  const stride = walker.speedMps * STEP_S;
  for (let left = distance(walker.at, target); left > 0; left = distance(walker.at, target)) {
    walker.at = left > stride + ROUNDING_M ? towards(walker.at, target, stride) : target;
    walker.walkedM += Math.min(left, stride);
    yield undefined;
  }
}

/** Stays where it is for `seconds`, rounded up to whole steps. */
export function* stand(seconds: number): Script {
  for (let left = seconds; left > 0; left -= STEP_S) yield undefined;
}
