import type { Zone } from '../../model/layout.ts';
import { distance } from './floor.ts';

/** The zones to walk through from one zone to another: without the first, with the last. */
export type Route = (from: Zone, to: Zone) => ReadonlyArray<Zone>;

/** Gabriel graph: neighbours are those with no third zone in the circle between them. */
const areNeighbours = (zones: ReadonlyArray<Zone>, a: Zone, b: Zone): boolean =>
  zones.every(
    (c) => c === a || c === b || distance(a, c) ** 2 + distance(b, c) ** 2 >= distance(a, b) ** 2,
  );

/** People keep to the aisles where the detour is small, so shelves make a way longer. */
const drag = (zone: Zone): number =>
  zone.zone_type === 'aisle' || zone.zone_type === 'entrance' ? 1 : 1.6;

const effort = (zones: ReadonlyArray<Zone>, a: Zone, b: Zone): number =>
  areNeighbours(zones, a, b)
    ? (distance(a, b) * (drag(a) + drag(b))) / 2
    : Number.POSITIVE_INFINITY;

interface Way {
  readonly effort: number;
  readonly stops: ReadonlyArray<Zone>;
}

/** Dijkstra from one zone to all: a Gabriel graph is connected, so every zone gets a way. */
const waysFrom = (zones: ReadonlyArray<Zone>, start: Zone): ReadonlyMap<Zone, Way> => {
  const settled = new Map<Zone, Way>();
  const open = new Map<Zone, Way>([[start, { effort: 0, stops: [] }]]);
  while (open.size > 0) {
    const [zone, way] = [...open].reduce((a, b) => (b[1].effort < a[1].effort ? b : a));
    open.delete(zone);
    settled.set(zone, way);
    for (const next of zones) {
      const total = way.effort + effort(zones, zone, next);
      if (settled.has(next) || total >= (open.get(next)?.effort ?? Number.POSITIVE_INFINITY))
        continue;
      open.set(next, { effort: total, stops: [...way.stops, next] });
    }
  }
  return settled;
};

/** Shortest walks along neighbouring zones, aisles preferred; worked out once per start. */
export const routesThrough = (zones: ReadonlyArray<Zone>): Route => {
  const known = new Map<Zone, ReadonlyMap<Zone, Way>>();
  return (from, to) => {
    const ways = known.get(from) ?? waysFrom(zones, from);
    known.set(from, ways);
    return ways.get(to)?.stops ?? [to];
  };
};
