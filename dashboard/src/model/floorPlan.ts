/** Metres on the floor; y grows away from the entrance. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box {
  readonly min: Point;
  readonly max: Point;
}

const MARGIN_METRES = 2;

/** The floor that the centres lie on, with a margin: the walls themselves are not known. */
export const floorBox = (centres: ReadonlyArray<Point>): Box => {
  const xs = centres.map(({ x }) => x);
  const ys = centres.map(({ y }) => y);
  return {
    min: { x: Math.min(...xs) - MARGIN_METRES, y: Math.min(...ys) - MARGIN_METRES },
    max: { x: Math.max(...xs) + MARGIN_METRES, y: Math.max(...ys) + MARGIN_METRES },
  };
};

const corners = ({ min, max }: Box): ReadonlyArray<Point> => [
  min,
  { x: max.x, y: min.y },
  max,
  { x: min.x, y: max.y },
];

/** Positive where `point` is nearer to `own` than to `other`, in units that grow with distance. */
const lead = (point: Point, own: Point, other: Point): number =>
  (point.x - other.x) ** 2 +
  (point.y - other.y) ** 2 -
  (point.x - own.x) ** 2 -
  (point.y - own.y) ** 2;

const between = (a: Point, b: Point, share: number): Point => ({
  x: a.x + (b.x - a.x) * share,
  y: a.y + (b.y - a.y) * share,
});

/** What of a convex polygon is nearer to `own` than to `other` (Sutherland and Hodgman). */
const nearerPart = (polygon: ReadonlyArray<Point>, own: Point, other: Point): Point[] =>
  polygon.flatMap((point, index) => {
    const next = polygon[(index + 1) % polygon.length] ?? point;
    const [here, there] = [lead(point, own, other), lead(next, own, other)];
    const kept = here >= 0 ? [point] : [];
    const crosses = here >= 0 !== there >= 0;
    return crosses ? [...kept, between(point, next, here / (here - there))] : kept;
  });

/**
 * The region of each centre: the places that are nearer to it than to any other (Voronoi), within
 * the box. In the order of the centres; two centres at one place both get the whole region.
 */
export const regions = (
  centres: ReadonlyArray<Point>,
  box: Box,
): ReadonlyArray<ReadonlyArray<Point>> =>
  centres.map((own) =>
    centres
      .filter((other) => other.x !== own.x || other.y !== own.y)
      .reduce<ReadonlyArray<Point>>((part, other) => nearerPart(part, own, other), corners(box)),
  );

/** A polygon as an SVG path. */
export const pathOf = (polygon: ReadonlyArray<Point>): string =>
  `M${polygon.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}Z`;
