import type { Occupancy } from './live.ts';

/** A zone in which the number of phones has changed. */
export interface ZoneChange {
  readonly at: number;
  readonly zoneId: string;
  /** How many more there are now; negative is fewer. */
  readonly by: number;
  readonly now: number;
}

/** What is different in the second of two counts, the largest change first. */
export const changesBetween = (
  before: Occupancy,
  { at, zones }: Occupancy,
): ReadonlyArray<ZoneChange> =>
  [...new Set([...Object.keys(before.zones), ...Object.keys(zones)])]
    .map((zoneId) => {
      const now = zones[zoneId] ?? 0;
      return { at, zoneId, now, by: now - (before.zones[zoneId] ?? 0) };
    })
    .filter(({ by }) => by !== 0)
    .sort((a, b) => Math.abs(b.by) - Math.abs(a.by));

const KEPT = 12;

/** The latest changes, newest first. */
export const withChanges = (
  kept: ReadonlyArray<ZoneChange>,
  before: Occupancy | undefined,
  now: Occupancy,
): ReadonlyArray<ZoneChange> =>
  before === undefined ? kept : [...changesBetween(before, now), ...kept].slice(0, KEPT);
