import type { Layout } from '../../model/layout.ts';
import { tillsOf } from './checkout.ts';
import { floorOf, type Point } from './floor.ts';
import { type Phone, phoneOf } from './phone.ts';
import { type Channel, channelOf } from './radio.ts';
import type { Random } from './random.ts';
import { routesThrough } from './routes.ts';
import { beThere, passBy, type Role, serve, shop, tidy, type World } from './scripts.ts';
import type { ShopSettings } from './settings.ts';
import type { Kind } from './truth.ts';
import type { Script, Walker } from './walker.ts';

/** Somebody or something with a phone. */
export interface Carrier {
  /** Counts the carriers from 1, in the order of appearance. */
  readonly visitor: number;
  readonly kind: Kind;
  readonly walker: Walker;
  readonly script: Script;
  readonly phone: Phone;
  readonly channel: Channel;
}

export interface Cast {
  readonly world: World;
  readonly shopper: (ts: number) => Carrier;
  readonly passerby: (ts: number) => Carrier;
  /** Who and what is there when the shop opens: the devices at the tills, the staff. */
  readonly crew: (ts: number) => ReadonlyArray<Carrier>;
}

interface Part {
  readonly kind: Kind;
  readonly at: Point;
  readonly speedMps: number;
  readonly play: (role: Role) => Script;
}

const within = (low: number, value: number, high: number) => Math.max(low, Math.min(value, high));

const walkingSpeed = (random: Random) => within(0.5, random.normal(1, 0.15), 1.5);

/** At most 5 m from the window, from one end of the street to the other, or back. */
const streetWalk = ({ floor }: World, random: Random): Part => {
  const end = (floor.lengthM / 2 + 3) * random.pick([-1, 1]);
  const outM = random.between(1.5, 5);
  return {
    kind: 'passerby',
    at: floor.onStreet(-end, outM),
    speedMps: within(0.8, random.normal(1.35, 0.15), 1.8),
    play: (role) => passBy(role, floor.onStreet(end, outM)),
  };
};

/** Two devices at each till (the till itself, its card terminal), and a printer at the first. */
const devices = ({ floor, tills }: World, random: Random): ReadonlyArray<Part> => {
  const desks = tills.length > 0 ? tills.map(({ zone }) => zone) : [floor.entrance];
  return [...desks, ...desks, ...desks.slice(0, 1)].map((zone) => ({
    kind: 'fixed',
    at: floor.spotIn(zone, random),
    speedMps: 0,
    play: beThere,
  }));
};

/** One behind each till as far as they go; the others go round. */
const staff = ({ floor, tills }: World, count: number, random: Random): ReadonlyArray<Part> =>
  Array.from({ length: count }, (_, index) => {
    const till = tills[index];
    return {
      kind: 'staff',
      at: floor.spotIn(till?.zone ?? random.pick(floor.zones), random),
      speedMps: walkingSpeed(random),
      play: (role) => (till === undefined ? tidy(role) : serve(role, till)),
    };
  });

/** Everybody who can appear in a shop of this `layout`. */
export const castFor = (layout: Layout, settings: ShopSettings, random: Random): Cast => {
  const floor = floorOf(layout);
  const world = { floor, route: routesThrough(floor.zones), tills: tillsOf(floor) };
  let visitors = 0;
  const enact = (ts: number, { kind, at, speedMps, play }: Part): Carrier => {
    visitors += 1;
    const walker: Walker = { at, walkedM: 0, speedMps };
    return {
      visitor: visitors,
      kind,
      walker,
      script: play({ world, walker, random: random.fork() }),
      phone: phoneOf(kind, ts, random.fork()),
      channel: channelOf(layout.sensors, settings.radio, random.fork()),
    };
  };
  return {
    world,
    shopper: (ts) =>
      enact(ts, { kind: 'shopper', at: floor.door, speedMps: walkingSpeed(random), play: shop }),
    passerby: (ts) => enact(ts, streetWalk(world, random)),
    crew: (ts) =>
      [...devices(world, random), ...staff(world, settings.staff, random)].map((part) =>
        enact(ts, part),
      ),
  };
};
