/** How many phones are in each zone at one instant. */
export interface Occupancy {
  /** Unix milliseconds, by the clock of who counted. */
  readonly at: number;
  /** By zone id; a zone without phones may be absent. */
  readonly zones: Readonly<Record<string, number>>;
  readonly total: number;
  /** Who came into the store and who left it since the count before; absent where nobody said. */
  readonly entries?: number;
  readonly exits?: number;
}

export interface LivePoint {
  readonly at: number;
  readonly total: number;
  readonly entries: number;
  readonly exits: number;
}

const KEPT_MS = 15 * 60_000;

const sumOf = (zones: Readonly<Record<string, number>>): number =>
  Object.values(zones).reduce((sum, visitors) => sum + visitors, 0);

/** What has been seen live of late, oldest first: the last quarter of an hour. */
export const withPoint = (
  points: ReadonlyArray<LivePoint>,
  { at, total, entries = 0, exits = 0 }: Occupancy,
): ReadonlyArray<LivePoint> => [
  ...points.filter((point) => point.at > at - KEPT_MS && point.at < at),
  { at, total, entries, exits },
];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

const zoneCounts = (zones: unknown): Readonly<Record<string, number>> | undefined => {
  if (!Array.isArray(zones)) return undefined;
  const pairs = zones.map((zone: unknown): [unknown, number | undefined] =>
    isRecord(zone) ? [zone['zone_id'], count(zone['visitors'])] : [undefined, undefined],
  );
  const isWhole = pairs.every(([id, visitors]) => typeof id === 'string' && visitors !== undefined);
  return isWhole ? Object.fromEntries(pairs) : undefined;
};

/** A broadcast `occupancy`, or nothing where it is not one. */
export const parseOccupancy = (payload: unknown): Occupancy | undefined => {
  if (!isRecord(payload)) return undefined;
  const at = Date.parse(String(payload['at']));
  const zones = zoneCounts(payload['zones']);
  if (Number.isNaN(at) || zones === undefined) return undefined;
  const [entries, exits] = [count(payload['entries']), count(payload['exits'])];
  return {
    at,
    zones,
    total: count(payload['visitors']) ?? sumOf(zones),
    ...(entries !== undefined && { entries }),
    ...(exits !== undefined && { exits }),
  };
};
