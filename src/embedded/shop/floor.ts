import { type Layout, placedSensors, type Zone } from '../../model/layout.ts';
import type { Random } from './random.ts';

/** Metres, in the coordinates of zones.csv and sensors.csv. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Floor {
  readonly zones: ReadonlyArray<Zone>;
  /** The zone of type entrance, or else the one nearest to a wall. */
  readonly entrance: Zone;
  /** Where the wall next to the entrance is passed; it lies in the entrance zone. */
  readonly door: Point;
  readonly zoneAt: (point: Point) => Zone;
  /** A place to stand: at most 1.2 m from the zone's centre and not in another zone. */
  readonly spotIn: (zone: Zone, random: Random) => Point;
  /** A place before the door's wall: `alongM` from the door, `outM` away from the wall. */
  readonly onStreet: (alongM: number, outM: number) => Point;
  /** The longer side of the shop. */
  readonly lengthM: number;
}

export const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/** The item with the smallest `by`, the first of equals; `items` must not be empty. */
export const nearest = <A>(items: ReadonlyArray<A>, by: (item: A) => number): A =>
  items.reduce((best, item) => (by(item) < by(best) ? item : best));

interface Wall {
  readonly foot: Point;
  readonly outward: Point;
}

const extent = (points: ReadonlyArray<Point>) => {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  return {
    west: Math.min(...xs),
    east: Math.max(...xs),
    south: Math.min(...ys),
    north: Math.max(...ys),
  };
};

/** The wall nearest to `point`. Sensors hang on the walls, so they and the zones span the shop. */
const wallAt = (bounds: ReturnType<typeof extent>, point: Point): Wall => {
  const walls: ReadonlyArray<Wall> = [
    { foot: { x: point.x, y: bounds.south }, outward: { x: 0, y: -1 } },
    { foot: { x: point.x, y: bounds.north }, outward: { x: 0, y: 1 } },
    { foot: { x: bounds.west, y: point.y }, outward: { x: -1, y: 0 } },
    { foot: { x: bounds.east, y: point.y }, outward: { x: 1, y: 0 } },
  ];
  return nearest(walls, ({ foot }) => distance(foot, point));
};

const spotWithin = (centre: Point, radius: number, random: Random): Point => {
  const angle = random.between(0, 2 * Math.PI);
  const away = radius * Math.sqrt(random.uniform());
  return { x: centre.x + away * Math.cos(angle), y: centre.y + away * Math.sin(angle) };
};

/** What a layout says about walking in it; `layout.zones` must not be empty. */
export const floorOf = (layout: Layout): Floor => {
  const { zones } = layout;
  const bounds = extent([...zones, ...placedSensors(layout)]);
  const wallDistance = (zone: Zone) => distance(wallAt(bounds, zone).foot, zone);
  const zoneAt = (point: Point) => nearest(zones, (zone) => distance(zone, point));
  const entrance =
    zones.find(({ zone_type }) => zone_type === 'entrance') ?? nearest(zones, wallDistance);
  const { foot, outward } = wallAt(bounds, entrance);
  const reach = (zone: Zone) => {
    const others = zones.filter((other) => other !== zone).map((other) => distance(other, zone));
    return Math.min(1.2, 0.45 * Math.min(...others));
  };
  return {
    zones,
    entrance,
    door: zoneAt(foot) === entrance ? foot : { x: entrance.x, y: entrance.y },
    zoneAt,
    spotIn: (zone, random) => spotWithin(zone, reach(zone), random),
    onStreet: (alongM, outM) => ({
      x: foot.x + outward.x * outM - outward.y * alongM,
      y: foot.y + outward.y * outM + outward.x * alongM,
    }),
    lengthM: Math.max(bounds.east - bounds.west, bounds.north - bounds.south),
  };
};
