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

/** Where a phone was during a window; null on the street. Metres. */
export interface Place {
  readonly x: number;
  readonly y: number;
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

const isKnown = (record: GroundTruth | undefined): record is GroundTruth => record !== undefined;

const around = (records: ReadonlyArray<GroundTruth>, ts: number): ReadonlyArray<GroundTruth> => {
  const at = firstFrom(records, ts);
  const [before, after] = [records[at - 1], records[at]];
  const away = (record: GroundTruth | undefined) =>
    record === undefined ? Number.POSITIVE_INFINITY : Math.abs(record.ts - ts);
  const nearest = away(before) <= away(after) ? before : after;
  if (away(nearest) <= WITHIN_S) return [nearest].filter(isKnown);
  const stayed =
    isKnown(before) &&
    isKnown(after) &&
    Math.hypot(before.x - after.x, before.y - after.y) <= SAME_PLACE_M;
  return stayed ? [before] : [];
};

const mostOften = <A>(values: ReadonlyArray<A>): A | undefined => {
  const counts = new Map<A, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce<readonly [A | undefined, number]>(
    (best, next) => (next[1] > best[1] ? next : best),
    [undefined, 0],
  )[0];
};

/** Mean metres, and the zone of most records, or where they name none, the one nearest. */
const placeOf = (zones: ReadonlyArray<Zone>, records: ReadonlyArray<GroundTruth>): Place => {
  const mean = (of: (record: GroundTruth) => number): number =>
    records.reduce((sum, record) => sum + of(record), 0) / records.length;
  const [x, y] = [mean((record) => record.x), mean((record) => record.y)];
  const named = mostOften(records.map(({ zone_id }) => zone_id));
  return {
    x,
    y,
    zone_id: named ?? (named === null ? null : (zones[nearestZone(zones, x, y)]?.zone_id ?? null)),
  };
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
