import { scan } from 'rxjs';
import type { Assignment } from '../model/assignment.ts';
import type { Believed } from '../model/checkpoint.ts';
import type { RssiVector } from '../model/rssiVector.ts';
import type { SensorStatus } from '../model/sensorStatus.ts';
import type { Operator } from '../model/shapes.ts';
import type { Classifier, Estimate } from '../positioning/classifier.ts';
import type { Windowed } from './collectWindows.ts';
import { type CrowdPolicy, forgetPassing, surplus } from './crowd.ts';

/** What is believed of a phone that was placed once is worth little after its window. */
const BELIEFS: CrowdPolicy = { roomy: 2_000, gapSeconds: 15, most: 30_000 };
const BELIEVED = {
  isPassing: ({ isFirst }: Believed): boolean => isFirst === true,
  heardTs: ({ ts }: Believed): number => ts,
};

/** A sensor that heard nobody for so long is not known to be alive. */
const ALIVE_S = 60;

/** How many sensors are known to be alive at `ts`, by when they last heard any phone; Unix seconds. */
export const liveSensors = (sensors: ReadonlyMap<string, number>, ts: number): number =>
  [...sensors.values()].filter((lastTs) => ts - lastTs <= ALIVE_S).length;

/** What classifying remembers; times in Unix seconds of the readings. */
export interface Beliefs {
  /** What is believed of each phone, as of its newest window. */
  readonly phones: ReadonlyMap<string, Believed>;
  /** When each sensor last heard any phone. */
  readonly sensors: ReadonlyMap<string, number>;
  /** When a sensor was last said to be dead; what it heard before does not bring it back. */
  readonly lost: ReadonlyMap<string, number>;
}

export const NO_BELIEFS: Beliefs = { phones: new Map(), sensors: new Map(), lost: new Map() };

export interface Classified {
  readonly beliefs: Beliefs;
  readonly assignments: ReadonlyArray<Assignment>;
  /** How many phones are too many to be believed anything of. */
  readonly unbelieved: number;
}

export type Placed = Windowed & Classified;

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** Probabilities to 4 digits, metres to the centimetre. */
const assignmentOf = (heard: RssiVector, estimate: Estimate): Assignment => ({
  zone_id: estimate.zone_id,
  phone_id: heard.phone_id,
  ts: heard.ts,
  confidence: rounded(estimate.confidence, 4),
  margin: rounded(estimate.margin, 4),
  sources: Object.keys(heard.vector),
  vector: heard.vector,
  x: rounded(estimate.x, 2),
  y: rounded(estimate.y, 2),
  runner_up: estimate.runner_up,
});

/** Windows in order, so that a window's sensors are known before its first phone is placed. */
const byWindow = (
  vectors: ReadonlyArray<RssiVector>,
): ReadonlyArray<readonly [number, ReadonlyArray<RssiVector>]> => {
  const windows = new Map<number, RssiVector[]>();
  for (const vector of vectors) {
    const known = windows.get(vector.window_start);
    if (known === undefined) windows.set(vector.window_start, [vector]);
    else known.push(vector);
  }
  return [...windows].sort(([a], [b]) => a - b);
};

/**
 * Forgets what has expired, and of a crowd what is worth least; returns how many went for want of room.
 * Time is what the phones say, as long as it is not ahead of ours (a backlog lets nothing expire).
 */
const forget = (
  phones: Map<string, Believed>,
  vectors: ReadonlyArray<RssiVector>,
  nowTs: number,
  expiryS: number,
  crowd: CrowdPolicy,
): number => {
  const latestTs = vectors.reduce((latest, { ts }) => Math.max(latest, ts), 0);
  const untilTs = Math.min(latestTs, nowTs);
  for (const [phone, { ts }] of phones) if (ts < untilTs - expiryS) phones.delete(phone);
  forgetPassing(phones, crowd, BELIEVED, untilTs);
  const going = surplus(phones, crowd, BELIEVED);
  for (const [phone] of going) phones.delete(phone);
  return going.length;
};

/** Sensors are heard to live, or said to; a last will counts until there is newer news. */
const healthAfter = ({ sensors, lost }: Beliefs, statuses: ReadonlyArray<SensorStatus>) => {
  const health = { sensors: new Map(sensors), lost: new Map(lost) };
  for (const { sensor_id, isAlive, ts } of statuses) {
    const news = isAlive ? health.sensors : health.lost;
    news.set(sensor_id, Math.max(ts, news.get(sensor_id) ?? ts));
  }
  return health;
};

/**
 * Places the phones of one flush; `nowTs` in Unix seconds. A belief is handed on from a phone's window to its next one until
 * it expires; a straggler older than the belief is placed without it and leaves it as it is. Who
 * cannot be placed is left out.
 */
export const classify = (
  classifier: Classifier,
  before: Beliefs,
  vectors: ReadonlyArray<RssiVector>,
  nowTs: number,
  statuses: ReadonlyArray<SensorStatus> = [],
  crowd: CrowdPolicy = BELIEFS,
): Classified => {
  const expiryS = classifier.beliefExpiryMs / 1000;
  const phones = new Map(before.phones);
  const { sensors, lost } = healthAfter(before, statuses);
  // What lies ahead was told before the clock was set back.
  for (const [phone, { ts }] of phones) if (ts - nowTs > expiryS) phones.delete(phone);
  for (const told of [sensors, lost])
    for (const [id, ts] of told) if (ts - nowTs > ALIVE_S) told.delete(id);
  const isAlive = (id: string, ts: number, atTs: number): boolean =>
    atTs - ts <= ALIVE_S && ts > (lost.get(id) ?? Number.NEGATIVE_INFINITY);
  const place = (heard: RssiVector): ReadonlyArray<Assignment> => {
    const known = phones.get(heard.phone_id);
    const age = heard.ts - (known?.ts ?? heard.ts);
    const silent = [...sensors]
      .filter(([id, ts]) => isAlive(id, ts, heard.ts) && heard.vector[id] === undefined)
      .map(([id]) => id)
      .sort();
    const usable = age >= 0 && age <= expiryS;
    const located = classifier.locate({ ...heard, silent }, usable ? known?.belief : undefined);
    if (located === undefined) return [];
    if (expiryS > 0 && age >= 0)
      phones.set(heard.phone_id, {
        belief: located.belief,
        ts: heard.ts,
        ...(!(known && usable) && { isFirst: true as const }),
      });
    return [assignmentOf(heard, located.estimate)];
  };
  const assignments = byWindow(vectors).flatMap(([, together]) => {
    for (const { vector, ts } of together)
      for (const id of Object.keys(vector)) sensors.set(id, Math.max(ts, sensors.get(id) ?? ts));
    return together.flatMap(place);
  });
  const unbelieved = forget(phones, vectors, nowTs, expiryS, crowd);
  return { beliefs: { phones, sensors, lost }, assignments, unbelieved };
};

/**
 * Each vector of a flush becomes one assignment, in order; none if the classifier cannot place it.
 *
 * @param before what the process before this one believed
 */
export const classifyZones =
  (classifier: Classifier, before: Beliefs = NO_BELIEFS): Operator<Windowed, Placed> =>
  (flushes$) =>
    flushes$.pipe(
      scan(
        ({ beliefs }, flush): Placed => ({
          ...flush,
          ...classify(classifier, beliefs, flush.vectors, flush.nowMs / 1000, flush.statuses),
        }),
        { beliefs: before } as Placed,
      ),
    );
