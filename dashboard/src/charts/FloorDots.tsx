import type { Point } from '../model/floorPlan.ts';

const IN_A_ROW = 8;
const STEP_PX = 8;
const MOST = 40;

/** Row under row below the figure, filled from the left: those there keep their places. */
const placeOf = (index: number, count: number): Point => {
  const row = Math.min(count, IN_A_ROW);
  return {
    x: ((index % IN_A_ROW) - (row - 1) / 2) * STEP_PX,
    y: Math.floor(index / IN_A_ROW) * STEP_PX,
  };
};

interface FloorDotsProps {
  /** The middle of the first row. */
  readonly at: Point;
  readonly count: number;
}

/** One dot for each phone: how many, not where exactly. */
export const FloorDots = ({ at, count }: FloorDotsProps) => (
  <g className="dots" transform={`translate(${at.x} ${at.y})`} aria-hidden="true">
    {Array.from({ length: Math.min(count, MOST) }, (_, index) => placeOf(index, count)).map(
      ({ x, y }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the n-th phone's dot stays when more come
        <circle key={index} cx={x} cy={y} r="2.8" />
      ),
    )}
  </g>
);
