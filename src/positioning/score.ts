import type { Assignment } from '../model/assignment.ts';
import type { GroundTruth } from '../model/groundTruth.ts';

/** An assignment is judged by a record at most this far from it in time. */
const WITHIN_S = 5;

/** `zoneAccuracy` 0…1 and `meanErrorM` in metres over `n` judged assignments; null when n is 0. */
export interface Score {
  readonly n: number;
  readonly zoneAccuracy: number | null;
  readonly meanErrorM: number | null;
}

type Placed = Pick<Assignment, 'phone_id' | 'ts' | 'zone_id' | 'x' | 'y'>;

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

const nearestInTime = (
  records: ReadonlyArray<GroundTruth>,
  ts: number,
): GroundTruth | undefined => {
  const at = firstFrom(records, ts);
  const [before, after] = [records[at - 1], records[at]];
  const away = (record: GroundTruth | undefined) =>
    record === undefined ? Number.POSITIVE_INFINITY : Math.abs(record.ts - ts);
  const best = away(before) <= away(after) ? before : after;
  return away(best) <= WITHIN_S ? best : undefined;
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
 * How well `assignments` tell where phones were: each against the nearest record of its phone in
 * time. Without a record within 5 s, or with the phone on the street, it is not judged.
 * To judge shoppers alone, pass their truth alone.
 */
export const scoreAssignments = (
  assignments: ReadonlyArray<Placed>,
  truth: ReadonlyArray<GroundTruth>,
): Score => {
  const phones = byPhone(truth);
  const judged = assignments.flatMap((assignment) => {
    const record = nearestInTime(
      phones.get(assignment.phone_id) ?? phones.get('') ?? [],
      assignment.ts,
    );
    if (record === undefined || record.zone_id === null) return [];
    return {
      right: record.zone_id === assignment.zone_id,
      errorM: Math.hypot(record.x - assignment.x, record.y - assignment.y),
    };
  });
  const n = judged.length;
  if (n === 0) return { n, zoneAccuracy: null, meanErrorM: null };
  return {
    n,
    zoneAccuracy: judged.filter(({ right }) => right).length / n,
    meanErrorM: judged.reduce((sum, { errorM }) => sum + errorM, 0) / n,
  };
};
