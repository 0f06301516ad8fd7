import type { Zone } from '../../model/layout.ts';
import { distance, type Floor, nearest } from './floor.ts';
import type { Walker } from './walker.ts';

/** A checkout zone and its line: the first is being served, the others wait in `queue`. */
export interface Till {
  readonly zone: Zone;
  readonly queue: Zone;
  readonly line: Walker[];
}

/** One till a checkout zone; its queue is the nearest aisle, or the checkout itself without one. */
export const tillsOf = (floor: Floor): ReadonlyArray<Till> => {
  const aisles = floor.zones.filter(({ zone_type }) => zone_type === 'aisle');
  const queueOf = (zone: Zone) =>
    aisles.length > 0 ? nearest(aisles, (aisle) => distance(aisle, zone)) : zone;
  return floor.zones
    .filter(({ zone_type }) => zone_type === 'checkout')
    .map((zone) => ({ zone, queue: queueOf(zone), line: [] }));
};
