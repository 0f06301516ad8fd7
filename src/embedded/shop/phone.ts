import type { Random } from './random.ts';
import { STEP_S } from './settings.ts';
import type { Kind } from './truth.ts';

/** A radio with an address. */
export interface Phone {
  /** The address of the latest burst, six lower-case hexadecimal pairs. */
  readonly id: () => string;
  /** Send times (Unix seconds) of the probes in the step that ends at `ts`; mostly none. */
  readonly frames: (ts: number) => ReadonlyArray<number>;
}

/** Seconds between two bursts: a phone in use, in a hand, in a pocket. */
const gaps = { chatty: [1, 2], active: [2, 10], idle: [10, 40] } as const;
type Activity = keyof typeof gaps;

interface Habits {
  readonly activity: Activity;
  readonly address: (random: Random) => string;
  /** Mean time on one address; 0 is a new one each burst, infinite the same for ever. */
  readonly addressS: number;
}

const pairs = (random: Random, count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, () => random.integer(0, 255).toString(16).padStart(2, '0'));

/** Locally administered and unicast: the two lowest bits of the first octet are 1 and 0. */
const randomised = (random: Random): string => {
  const first = ((random.integer(0, 255) & 0xfc) | 0x02).toString(16).padStart(2, '0');
  return [first, ...pairs(random, 5)].join(':');
};

const phoneMakers = ['a8:76:50', 'f0:18:98', '3c:5a:b4', '64:cc:2e'];
const tillMakers = ['ac:3f:a4', '00:07:4d'];
const vendor = (makers: ReadonlyArray<string>) => (random: Random) =>
  [random.pick(makers), ...pairs(random, 3)].join(':');

const drawActivity = (random: Random): Activity => {
  const share = random.uniform();
  if (share < 0.1) return 'chatty';
  return share < 0.6 ? 'active' : 'idle';
};

const fixedAddress = (makers: ReadonlyArray<string>, activity: Activity): Habits => ({
  activity,
  address: vendor(makers),
  addressS: Number.POSITIVE_INFINITY,
});

/** Of customers' phones 85 % hide their maker; a third of these changes the address on the way. */
const customer = (random: Random, addressS: number): Habits => {
  const activity = drawActivity(random);
  if (random.chance(0.15)) return fixedAddress(phoneMakers, activity);
  const rotates = random.chance(0.35);
  return {
    activity,
    address: randomised,
    addressS: rotates ? addressS : Number.POSITIVE_INFINITY,
  };
};

const habitsOf = (kind: Kind, random: Random): Habits => {
  if (kind === 'staff') return fixedAddress(phoneMakers, drawActivity(random));
  if (kind === 'fixed') return fixedAddress(tillMakers, 'active');
  return customer(random, kind === 'passerby' ? 0 : 90);
};

/** 2–4 frames in under 100 ms, all within the step that ends at `ts`. */
const burst = (ts: number, random: Random): ReadonlyArray<number> => {
  const start = ts - STEP_S + random.between(0, STEP_S - 0.1);
  const spacing = random.between(0.015, 0.03);
  return Array.from({ length: random.integer(2, 4) }, (_, frame) => start + frame * spacing);
};

/** A phone switched on at `ts`, Unix seconds; it first probes within 3 s, as after a change of place. */
export const phoneOf = (kind: Kind, ts: number, random: Random): Phone => {
  const { activity, address, addressS } = habitsOf(kind, random);
  const [shortest, longest] = gaps[activity];
  let id = address(random);
  let nextAddressTs = ts + random.exponential(addressS);
  let nextBurstTs = ts + random.between(0, 3);
  return {
    id: () => id,
    frames: (now) => {
      if (now < nextBurstTs) return [];
      nextBurstTs = now + random.between(shortest, longest);
      if (now >= nextAddressTs) {
        id = address(random);
        nextAddressTs = now + random.exponential(addressS);
      }
      return burst(now, random);
    },
  };
};
