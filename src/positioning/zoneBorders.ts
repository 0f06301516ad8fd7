import { type Layout, placedSensors } from '../model/layout.ts';

/** Metres. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Left, bottom, right, top; metres. */
export interface Bounds {
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
  readonly top: number;
}

/** Everything with a margin of a metre around. */
export const boundsOf = (layout: Layout, marginM = 1): Bounds => {
  const places = [...layout.zones, ...placedSensors(layout)];
  return {
    left: Math.min(...places.map(({ x }) => x)) - marginM,
    bottom: Math.min(...places.map(({ y }) => y)) - marginM,
    right: Math.max(...places.map(({ x }) => x)) + marginM,
    top: Math.max(...places.map(({ y }) => y)) + marginM,
  };
};

/** How much nearer a place is to `own` than to `other`: 0 on the line half way, linear in between. */
const lead = (own: Point, other: Point, { x, y }: Point): number =>
  (other.x - x) ** 2 + (other.y - y) ** 2 - (own.x - x) ** 2 - (own.y - y) ** 2;

/** The part of a polygon that is nearer to `own` (Sutherland and Hodgman, 1974). */
const nearer = (polygon: ReadonlyArray<Point>, own: Point, other: Point): ReadonlyArray<Point> =>
  polygon.flatMap((from, index) => {
    const to = polygon[(index + 1) % polygon.length] ?? from;
    const [a, b] = [lead(own, other, from), lead(own, other, to)];
    const share = a / (a - b);
    const crossing = { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) };
    const kept = a >= 0 ? [from] : [];
    return a >= 0 === b >= 0 ? kept : [...kept, crossing];
  });

/** Each zone as a polygon: where its centre is the nearest one, within the bounds. */
export const zoneBorders = (
  { zones }: Layout,
  { left, bottom, right, top }: Bounds,
): ReadonlyArray<ReadonlyArray<Point>> => {
  const all = [
    { x: left, y: bottom },
    { x: right, y: bottom },
    { x: right, y: top },
    { x: left, y: top },
  ];
  return zones.map((own, index) =>
    zones.reduce<ReadonlyArray<Point>>(
      (polygon, other, place) => (place === index ? polygon : nearer(polygon, own, other)),
      all,
    ),
  );
};
