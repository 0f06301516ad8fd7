import { createHash } from 'node:crypto';
import type { UploadReading } from '../../../supabase/functions/_shared/contract.ts';

/** What a walk through the shop needs to know of a zone. */
export interface Place {
  readonly id: string;
  readonly type: string;
  readonly x: number;
  readonly y: number;
}

export interface ShopDay {
  readonly places: ReadonlyArray<Place>;
  /** The day's midnight in the store, Unix milliseconds. */
  readonly midnightMs: number;
  readonly sessions: number;
  readonly seed: number;
  /** Nothing is heard after this instant. */
  readonly untilMs: number;
}

type Random = () => number;

const mulberry32 = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** How many come in each hour from 10 to 21, relatively: lunch and the time after work. */
const RUSH = [3, 5, 9, 10, 8, 7, 8, 10, 13, 12, 8, 4];
const OPENS_AT_HOUR = 10;
const HEARD_EVERY_MS = 30_000;
const REGULARS = 400;

const pick = <A>(items: ReadonlyArray<A>, weight: (item: A) => number, random: Random): A => {
  let left = random() * items.reduce((sum, item) => sum + weight(item), 0);
  for (const item of items) {
    left -= weight(item);
    if (left <= 0) return item;
  }
  return items.at(-1) as A;
};

const STAY_SECONDS: Readonly<Record<string, number>> = {
  entrance: 25,
  aisle: 40,
  display: 110,
  fitting: 260,
  checkout: 120,
};
const PULL: Readonly<Record<string, number>> = {
  entrance: 0.05,
  aisle: 1,
  display: 1.6,
  fitting: 0.5,
  checkout: 0.9,
};

/** Near places draw more than far ones, and some are simply more popular. */
const nextPlace = (here: Place, places: ReadonlyArray<Place>, random: Random): Place =>
  pick(
    places.filter(({ id }) => id !== here.id),
    (place) => {
      const metres = Math.hypot(place.x - here.x, place.y - here.y);
      const popularity = 0.5 + (createHash('md5').update(place.id).digest()[0] ?? 0) / 170;
      return ((PULL[place.type] ?? 1) * popularity) / metres ** 1.6;
    },
    random,
  );

type Phone = Pick<UploadReading, 'hashed_mac' | 'device_class'>;

/** So many hide that there are as many bursts as people cause in the simulated shop. */
const phoneOf = (seed: number, session: number, random: Random): Phone => {
  const isRegular = random() < 0.22;
  const name = isRegular ? `regular ${Math.floor(random() * REGULARS)}` : `${seed} ${session}`;
  const hides = !isRegular && random() < 0.67;
  return {
    hashed_mac: createHash('sha256').update(name).digest('hex'),
    device_class: hides ? 'randomised_visitor' : 'fixed_visitor',
  };
};

const heard = (place: Place, phone: Phone, ms: number, random: Random): UploadReading => {
  const dbm = () => Math.round(-45 - random() * 35);
  const sensors = ['pi1', 'pi2', 'pi3', 'pi4', 'pi5', 'pi6', 'pi7'].filter(() => random() < 0.4);
  return {
    timestamp: new Date(ms).toISOString(),
    ...phone,
    zone_id: place.id,
    rssi_readings: Object.fromEntries(['pi8', ...sensors].map((sensor) => [sensor, dbm()])),
    estimated_position: { x: place.x, y: place.y, confidence: 0.6 },
  };
};

const walk = (day: ShopDay, session: number, random: Random): UploadReading[] => {
  const hour = pick([...RUSH.keys()], (h) => RUSH[h] ?? 0, random);
  const begin = day.midnightMs + (OPENS_AT_HOUR + hour + random()) * 3_600_000;
  const phone = phoneOf(day.seed, session, random);
  const stops = random() < 0.14 ? 1 : 2 + Math.floor(random() ** 1.7 * 16);
  const entrance = day.places.find(({ type }) => type === 'entrance') ?? day.places[0];
  if (entrance === undefined) return [];
  const readings: UploadReading[] = [];
  let [ms, here] = [begin, entrance];
  for (let stop = 0; stop < stops; stop += 1) {
    const seconds = -Math.log(1 - random()) * (STAY_SECONDS[here.type] ?? 60) + 10;
    for (const leave = ms + seconds * 1000; ms < leave; ms += HEARD_EVERY_MS * (0.5 + random()))
      readings.push(heard(here, phone, ms, random));
    here = nextPlace(here, day.places, random);
  }
  return readings;
};

/**
 * A day in the shop as its readings, oldest first: the same for the same seed. Made where readings
 * are stored, not where they are heard: no radio, no sensors' clocks, only who was in which zone.
 */
export const shopDay = (day: ShopDay): ReadonlyArray<UploadReading> => {
  const random = mulberry32(day.seed);
  return Array.from({ length: day.sessions }, (_, session) => walk(day, session, random))
    .flat()
    .filter(({ timestamp }) => Date.parse(timestamp) <= day.untilMs)
    .sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
};
