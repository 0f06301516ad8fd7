/** Sensor → dBm. */
export type Levels = Readonly<Record<string, number>>;

export interface StillnessPolicy {
  readonly windowSeconds: number;
  /** Who has never moved so long is no shopper; who has, and then stood still, takes longer. */
  readonly stillSeconds: number;
  readonly stillAfterMoveSeconds: number;
  /** Of all windows, those in which it was heard. */
  readonly leastWindows: number;
  /** Of the live sensors, those that hear it on average: more than these. */
  readonly leastSensors: number;
  /** With fewer live sensors nobody can say that it is heard everywhere. */
  readonly fewestSensors: number;
  /** Levels that differ from the usual by more, in two windows in a row, are a move. */
  readonly moveDb: number;
  /** Who began elsewhere, by more than this, came in. */
  readonly arrivalDb: number;
}

/**
 * Chosen on 81 surveyed places (a transmitter that stands for 30 minutes) and on walks that end at
 * one of them for 10 minutes: docs/visitors.md has the figures.
 */
export const STILLNESS_POLICY: StillnessPolicy = {
  windowSeconds: 5,
  stillSeconds: 180,
  stillAfterMoveSeconds: 1_800,
  leastWindows: 0.9,
  leastSensors: 0.5,
  fewestSensors: 3,
  moveDb: 3.5,
  arrivalDb: 2,
};

/** How an id has stood still so far. Unix seconds, dBm. */
export interface Stillness {
  readonly sinceTs: number;
  readonly windows: number;
  /** Summed over the windows: the share of the live sensors that heard it. */
  readonly heard: number;
  /** Levels of the first two windows, and of all. */
  readonly first: Levels;
  readonly usual: Levels;
  /** The window before was unlike the usual. */
  readonly wasOdd: boolean;
  readonly hasMoved: boolean;
}

/** What one window tells of an id. */
export interface Seen {
  readonly ts: number;
  readonly vector: Levels;
  readonly liveSensors: number;
}

/** Windows that `first` is made of, and that the usual remembers. */
const FIRST_WINDOWS = 2;
const USUAL_WINDOWS = 60;

/** Median over the sensors that both know, dB; infinite where there is none. */
const difference = (a: Levels, b: Levels): number => {
  const apart = Object.entries(a)
    .flatMap(([sensor, dbm]) => (b[sensor] === undefined ? [] : [Math.abs(dbm - b[sensor])]))
    .sort((x, y) => x - y);
  const upper = apart[apart.length >> 1] ?? Number.POSITIVE_INFINITY;
  return (upper + (apart[(apart.length - 1) >> 1] ?? upper)) / 2;
};

const mixed = (usual: Levels, vector: Levels, windows: number): Levels => ({
  ...usual,
  ...Object.fromEntries(
    Object.entries(vector).map(([sensor, dbm]) => {
      const before = usual[sensor] ?? dbm;
      return [sensor, before + (dbm - before) / Math.min(windows, USUAL_WINDOWS)];
    }),
  ),
});

const shareOf = ({ vector, liveSensors }: Seen): number =>
  Math.min(1, Object.keys(vector).length / Math.max(liveSensors, 1));

const begin = (seen: Seen, hasMoved: boolean): Stillness => ({
  sinceTs: seen.ts,
  windows: 1,
  heard: shareOf(seen),
  first: seen.vector,
  usual: seen.vector,
  wasOdd: false,
  hasMoved,
});

/** Takes one more window into account; one from before the beginning changes nothing. */
export const observeStillness = (
  policy: StillnessPolicy,
  before: Stillness | undefined,
  seen: Seen,
): Stillness => {
  if (before === undefined) return begin(seen, false);
  if (seen.ts < before.sinceTs) return before;
  const [windows, heard] = [before.windows + 1, before.heard + shareOf(seen)];
  if (difference(seen.vector, before.usual) > policy.moveDb)
    return before.wasOdd ? begin(seen, true) : { ...before, windows, heard, wasOdd: true };
  const usual = mixed(before.usual, seen.vector, windows);
  const first = windows <= FIRST_WINDOWS ? usual : before.first;
  return { ...before, windows, heard, first, usual, wasOdd: false };
};

/** What an observation that has lasted long enough has come to; undefined while it has not. */
export const judgeStillness = (
  policy: StillnessPolicy,
  { sinceTs, windows, heard, first, usual, hasMoved }: Stillness,
  { ts, liveSensors }: Seen,
): 'infrastructure' | 'moved' | 'elsewhere' | undefined => {
  const seconds = ts - sinceTs;
  if (seconds < (hasMoved ? policy.stillAfterMoveSeconds : policy.stillSeconds)) return undefined;
  if (difference(first, usual) > policy.arrivalDb) return 'moved';
  const isAlways = windows >= policy.leastWindows * (seconds / policy.windowSeconds + 1);
  const isEverywhere = liveSensors >= policy.fewestSensors && heard > policy.leastSensors * windows;
  return isAlways && isEverywhere ? 'infrastructure' : 'elsewhere';
};
