import type { Track } from './track.ts';

/** Which phones are in the store at an instant, by the zone in which they are. */
export interface Presence {
  readonly zones: ReadonlyMap<number, number>;
  readonly phones: ReadonlySet<string>;
}

/**
 * Who counts as present at `nowTs`: phones that were heard in the `windowSeconds` before it, each in
 * the zone that was confirmed last. Times in Unix seconds.
 */
export const presenceAt = (
  tracks: Iterable<Track>,
  nowTs: number,
  windowSeconds: number,
): Presence => {
  const zones = new Map<number, number>();
  const phones = new Set<string>();
  for (const { phone_id, heard_ts, zone_id } of tracks)
    if (zone_id !== null && heard_ts > nowTs - windowSeconds) {
      phones.add(phone_id);
      zones.set(zone_id, (zones.get(zone_id) ?? 0) + 1);
    }
  return { zones, phones };
};

/** How many phones are in `now` and were not in `before`. */
export const arrivals = (before: Presence, now: Presence): number =>
  [...now.phones].filter((phone) => !before.phones.has(phone)).length;

/** Whether the same number of phones is in each zone, and nobody came or went. */
export const isSamePresence = (a: Presence, b: Presence): boolean =>
  a.zones.size === b.zones.size &&
  [...a.zones].every(([zone, visitors]) => b.zones.get(zone) === visitors) &&
  arrivals(a, b) + arrivals(b, a) === 0;
