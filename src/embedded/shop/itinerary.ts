import type { Zone } from '../../model/layout.ts';
import { distance, type Floor } from './floor.ts';
import type { Random } from './random.ts';

/** One thing to do in the shop: be in `zone` for `seconds`. */
export interface Errand {
  readonly zone: Zone;
  readonly seconds: number;
}

/** What a shopper came for. `buys`: pays at a checkout before leaving. */
export interface Itinerary {
  readonly errands: ReadonlyArray<Errand>;
  readonly buys: boolean;
}

const ofType = (floor: Floor, type: Zone['zone_type']): ReadonlyArray<Zone> =>
  floor.zones.filter(({ zone_type }) => zone_type === type);

/** One of `zones`, the nearer the likelier: half as likely with every 4 m. */
const pickNearby = (zones: ReadonlyArray<Zone>, from: Zone, random: Random): Zone => {
  const weights = zones.map((zone) => 2 ** (-distance(zone, from) / 4));
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  const chosen = zones.find((_, i) => {
    left -= weights[i] ?? 0;
    return left < 0;
  });
  return chosen ?? random.pick(zones);
};

/** Different displays, each near to the one before; fewer than `count` if the shop has fewer. */
const browse = (floor: Floor, count: number, random: Random): ReadonlyArray<Errand> => {
  const errands: Errand[] = [];
  let open = ofType(floor, 'display');
  let here = floor.entrance;
  while (errands.length < count && open.length > 0) {
    here = pickNearby(open, here, random);
    open = open.filter((zone) => zone !== here);
    errands.push({ zone: here, seconds: Math.min(240, random.logNormal(30, 0.7)) });
  }
  return errands;
};

/** One in seven turns round at the first display; who tries something on buys more often. */
export const planVisit = (floor: Floor, random: Random): Itinerary => {
  const turnsRound = random.chance(1 / 7);
  const errands = browse(floor, turnsRound ? 1 : random.integer(3, 6), random);
  const fitting = ofType(floor, 'fitting');
  const tries = !turnsRound && fitting.length > 0 && random.chance(0.3);
  const last = errands.at(-1)?.zone ?? floor.entrance;
  return {
    errands: tries
      ? [
          ...errands,
          { zone: pickNearby(fitting, last, random), seconds: random.logNormal(75, 0.4) },
        ]
      : errands,
    buys: !turnsRound && random.chance(tries ? 0.65 : 0.4),
  };
};
