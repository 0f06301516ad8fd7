import type { Zone } from '../../model/layout.ts';
import type { Till } from './checkout.ts';
import { type Floor, nearest, type Point } from './floor.ts';
import { planVisit } from './itinerary.ts';
import type { Random } from './random.ts';
import type { Route } from './routes.ts';
import { type Script, stand, type Walker, walkTo } from './walker.ts';

/** What everybody in the shop shares. */
export interface World {
  readonly floor: Floor;
  readonly route: Route;
  readonly tills: ReadonlyArray<Till>;
}

/** Somebody in the shop, and the dice for what they do. */
export interface Role {
  readonly world: World;
  readonly walker: Walker;
  readonly random: Random;
}

function* goTo({ world: { floor, route }, walker, random }: Role, zone: Zone): Script {
  const here = floor.zoneAt(walker.at);
  for (const stop of here === zone ? [zone] : route(here, zone))
    yield* walkTo(walker, floor.spotIn(stop, random));
}

/** Stays in `zone`, shifting to another spot every now and then. */
function* linger({ world, walker, random }: Role, zone: Zone, seconds: number): Script {
  for (let left = seconds; left > 0; ) {
    const still = Math.min(left, random.between(8, 25));
    yield* stand(still);
    left -= still;
    if (left > 0) yield* walkTo(walker, world.floor.spotIn(zone, random));
  }
}

function* checkOut(role: Role, till: Till): Script {
  const { walker, random } = role;
  yield* goTo(role, till.queue);
  till.line.push(walker);
  while (till.line[0] !== walker) yield undefined;
  yield* goTo(role, till.zone);
  yield* stand(random.logNormal(20, 0.4));
  yield 'pay';
  till.line.shift();
}

/** Comes in at the door, looks round, perhaps tries on, perhaps queues and pays, and leaves. */
export function* shop(role: Role): Script {
  const { world, walker, random } = role;
  yield 'enter';
  const { errands, buys } = planVisit(world.floor, random);
  for (const { zone, seconds } of errands) {
    yield* goTo(role, zone);
    yield* linger(role, zone, seconds);
  }
  if (buys && world.tills.length > 0)
    yield* checkOut(
      role,
      nearest(world.tills, ({ line }) => line.length),
    );
  yield* goTo(role, world.floor.entrance);
  yield* walkTo(walker, world.floor.door);
  yield 'leave';
}

/** Tidies up in one zone after another; never leaves. */
export function* tidy(role: Role): Script {
  for (;;) {
    const zone = role.random.pick(role.world.floor.zones);
    yield* goTo(role, zone);
    yield* linger(role, zone, role.random.logNormal(60, 0.6));
  }
}

/** Stays behind a till for ever. */
export function* serve(role: Role, till: Till): Script {
  for (;;) yield* linger(role, till.zone, 60);
}

/** Never moves. */
export function* beThere(): Script {
  for (;;) yield undefined;
}

/** Walks along the street and is gone at its end. */
export function* passBy({ walker }: Role, end: Point): Script {
  yield* walkTo(walker, end);
}
