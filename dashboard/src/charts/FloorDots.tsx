import type { Point } from '../model/floorPlan.ts';

const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
const SPREAD_PX = 7.5;
const START_PX = 30;
const MOST = 60;

/** Around the label, each further out than the one before, so that those there keep their places. */
const placeOf = (index: number): Point => {
  const radius = START_PX + SPREAD_PX * Math.sqrt(index);
  const angle = index * GOLDEN_ANGLE;
  return { x: Math.cos(angle) * radius, y: Math.sin(angle) * radius * 0.72 };
};

/** One dot for each phone: how many, not where exactly. */
export const FloorDots = ({
  centre,
  count,
}: {
  readonly centre: Point;
  readonly count: number;
}) => (
  <g className="dots" transform={`translate(${centre.x} ${centre.y})`} aria-hidden="true">
    {Array.from({ length: Math.min(count, MOST) }, (_, index) => placeOf(index)).map(({ x, y }) => (
      <circle key={`${x} ${y}`} cx={x} cy={y} r="3.2" />
    ))}
  </g>
);
