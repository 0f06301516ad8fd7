import { addressKind } from '../model/phoneId.ts';

/** A sensor heard an id. Unix seconds, dBm. */
export interface Sighting {
  readonly phone_id: string;
  readonly ts: number;
  readonly rssi: number;
}

export interface BurstPolicy {
  /** Silence of an id that ends a burst. */
  readonly gapSeconds: number;
  /** What is weaker is next door. */
  readonly weakestDbm: number;
}

export const BURST_POLICY: BurstPolicy = { gapSeconds: 10, weakestDbm: -90 };

/** One interval of a recording. */
export interface Interval {
  readonly startTs: number;
  readonly minutes: number;
  /** Bursts with a randomised address. */
  readonly bursts: number;
  /** Different ids of any kind: what naive counting takes for people. */
  readonly ids: number;
}

/** Sightings in order of time → when bursts of randomised ids began, Unix seconds. */
export const burstStarts = (
  sightings: ReadonlyArray<Sighting>,
  policy: BurstPolicy,
): ReadonlyArray<number> => {
  const last = new Map<string, number>();
  return sightings.flatMap(({ phone_id, ts, rssi }) => {
    if (rssi < policy.weakestDbm || addressKind(phone_id) !== 'randomised') return [];
    const before = last.get(phone_id);
    last.set(phone_id, ts);
    return before === undefined || ts - before > policy.gapSeconds ? [ts] : [];
  });
};

/** Shorter stretches tell no rate, seconds. */
const SHORTEST_S = 60;

/**
 * The whole intervals of `minutes` between the first and the last sighting; of a recording that is
 * shorter than that, one of its own length.
 */
export const burstIntervals = (
  sightings: ReadonlyArray<Sighting>,
  minutes: number,
  policy: BurstPolicy = BURST_POLICY,
): ReadonlyArray<Interval> => {
  const ordered = [...sightings].sort((a, b) => a.ts - b.ts);
  const [first, last] = [ordered[0], ordered.at(-1)];
  if (first === undefined || last === undefined) return [];
  const seconds = Math.min(minutes * 60, Math.max(last.ts - first.ts + 1, SHORTEST_S));
  const length = Math.max(1, Math.floor((last.ts - first.ts) / seconds));
  const at = (ts: number) => Math.floor((ts - first.ts) / seconds);
  const bursts = new Array<number>(length).fill(0);
  for (const ts of burstStarts(ordered, policy))
    if (at(ts) < length) bursts[at(ts)] = (bursts[at(ts)] ?? 0) + 1;
  const ids = Array.from({ length }, () => new Set<string>());
  for (const { phone_id, ts } of ordered) ids[at(ts)]?.add(phone_id);
  return bursts.map((count, k) => ({
    startTs: first.ts + k * seconds,
    minutes: seconds / 60,
    bursts: count,
    ids: ids[k]?.size ?? 0,
  }));
};
