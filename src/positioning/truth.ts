import type { Assignment } from '../model/assignment.ts';
import type { GroundTruth } from '../model/groundTruth.ts';
import type { Zone } from '../model/layout.ts';
import { windowStart } from '../model/time.ts';
import { nearestZone } from './grid.ts';

const WINDOW_MS = 5_000;
/** Without a record in its window, an assignment is judged by one at most this far from it, s. */
const WITHIN_S = 5;
/** Two records so near each other, metres, say where a phone was in between. */
const SAME_PLACE_M = 0.5;

/** A point of the floor, metres. */
interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where a phone was during a window: its zone, null on the street, and where that is known, metres. */
export interface Place {
  readonly at?: Point;
  readonly zone_id: number | null;
}

/** The truth about the window that an assignment is of; undefined where nobody knows. */
export type TruthOf = (assignment: Pick<Assignment, 'phone_id' | 'ts'>) => Place | undefined;

/** Index of the first record at or after `ts`. */
const firstFrom = (records: ReadonlyArray<GroundTruth>, ts: number): number => {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((records[middle]?.ts ?? ts) < ts) low = middle + 1;
    else high = middle;
  }
  return low;
};

const pointOf = ({ x, y }: GroundTruth): Point | undefined =>
  x === undefined || y === undefined ? undefined : { x, y };

const isKnown = (record: GroundTruth | undefined): record is GroundTruth => record !== undefined;

/** Two records that say the same place: in between the phone was there, too. */
const isSamePlace = (a: GroundTruth, b: GroundTruth): boolean => {
  const [from, to] = [pointOf(a), pointOf(b)];
  return from === undefined || to === undefined
    ? a.zone_id === b.zone_id
    : Math.hypot(from.x - to.x, from.y - to.y) <= SAME_PLACE_M;
};

const around = (records: ReadonlyArray<GroundTruth>, ts: number): ReadonlyArray<GroundTruth> => {
  const at = firstFrom(records, ts);
  const [before, after] = [records[at - 1], records[at]];
  const away = (record: GroundTruth | undefined) =>
    record === undefined ? Number.POSITIVE_INFINITY : Math.abs(record.ts - ts);
  const nearest = away(before) <= away(after) ? before : after;
  if (away(nearest) <= WITHIN_S) return [nearest].filter(isKnown);
  return isKnown(before) && isKnown(after) && isSamePlace(before, after) ? [before] : [];
};

const mostOften = <A>(values: ReadonlyArray<A>): A | undefined => {
  const counts = new Map<A, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce<readonly [A | undefined, number]>(
    (best, next) => (next[1] > best[1] ? next : best),
    [undefined, 0],
  )[0];
};

const meanOf = (points: ReadonlyArray<Point>): Point | undefined => {
  const sum = points.reduce((all, { x, y }) => ({ x: all.x + x, y: all.y + y }), { x: 0, y: 0 });
  return points.length === 0 ? undefined : { x: sum.x / points.length, y: sum.y / points.length };
};

/** Mean metres, and the zone of most records, or where they name none, the one nearest. */
const placeOf = (zones: ReadonlyArray<Zone>, records: ReadonlyArray<GroundTruth>): Place => {
  const at = meanOf(records.flatMap((record) => pointOf(record) ?? []));
  const named = mostOften(records.map(({ zone_id }) => zone_id));
  const nearest = at && zones[nearestZone(zones, at.x, at.y)]?.zone_id;
  return { ...(at && { at }), zone_id: named === undefined ? (nearest ?? null) : named };
};

/** What is true of every phone stands under the empty id. */
const byPhone = (
  truth: ReadonlyArray<GroundTruth>,
): ReadonlyMap<string, ReadonlyArray<GroundTruth>> => {
  const phones = new Map<string, GroundTruth[]>();
  for (const record of truth) {
    const records = phones.get(record.phone_id ?? '');
    if (records === undefined) phones.set(record.phone_id ?? '', [record]);
    else records.push(record);
  }
  for (const records of phones.values()) records.sort((a, b) => a.ts - b.ts);
  return phones;
};

/**
 * Where each phone was in each window: its records of the window together, or else one within 5 s,
 * or else the place that it stayed at from the record before to the one after.
 */
export const truthOf = (truth: ReadonlyArray<GroundTruth>, zones: ReadonlyArray<Zone>): TruthOf => {
  const phones = byPhone(truth);
  return ({ phone_id, ts }) => {
    const records = phones.get(phone_id) ?? phones.get('') ?? [];
    const start = windowStart(ts, WINDOW_MS);
    const end = start + WINDOW_MS / 1000;
    const inside = records.slice(firstFrom(records, start), firstFrom(records, end));
    const telling = inside.length > 0 ? inside : around(records, ts);
    return telling.length === 0 ? undefined : placeOf(zones, telling);
  };
};
