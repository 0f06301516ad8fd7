import type { Levels } from './stand.ts';

/** Windows of 5 s that a zone needs: a minute, for a body turns and people pass by. */
export const ENOUGH_WINDOWS = 12;
/** With so many windows, three minutes, more time at the zone tells nothing new. */
const PLENTY_WINDOWS = 36;
/**
 * Standard error of a mean level, dB. A surveyed place is taken to be known to 2 dB at best, to which
 * 1 dB more adds an eighth (√(2² + 1²) = 2.2).
 */
const STEADY_DB = 1;
/** A sensor that heard fewer windows than this share is at the edge of its reach, and no measure. */
const HEARD_SHARE = 0.5;
/** Of the sensors that hear a zone well so many have to be steady. */
const STEADY_SHARE = 0.75;

/** How well a zone is known by now. */
export interface Steadiness {
  /** Windows in which any sensor heard the phone. */
  readonly windows: number;
  /** Sensors whose mean level is known to {@link STEADY_DB}. */
  readonly steady: ReadonlyArray<string>;
  readonly isEnough: boolean;
  /** Windows that are missing at least. */
  readonly missing: number;
}

/** Standard deviation over the root of the count; a level of whole dB is uncertain by √(1/12) alone. */
const standardError = (values: ReadonlyArray<number>): number => {
  const n = values.length;
  if (n < 2) return Number.POSITIVE_INFINITY;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return Math.sqrt((variance + 1 / 12) / n);
};

/** What a zone's windows, of one survey or several, say of it together. */
export const steadinessOf = (found: ReadonlyArray<Levels>): Steadiness => {
  const bySensor = new Map<string, number[]>();
  const windows = found.filter((levels) => Object.keys(levels).length > 0);
  for (const levels of windows)
    for (const [id, { dbm }] of Object.entries(levels)) {
      const known = bySensor.get(id);
      if (known === undefined) bySensor.set(id, [dbm]);
      else known.push(dbm);
    }
  const wellHeard = [...bySensor].filter(
    ([, levels]) => levels.length >= HEARD_SHARE * windows.length,
  );
  const steady = wellHeard
    .filter(([, levels]) => standardError(levels) <= STEADY_DB)
    .map(([id]) => id);
  const isSteady = steady.length > 0 && steady.length >= STEADY_SHARE * wellHeard.length;
  const isEnough =
    windows.length >= PLENTY_WINDOWS || (windows.length >= ENOUGH_WINDOWS && isSteady);
  return {
    windows: windows.length,
    steady,
    isEnough,
    missing: isEnough ? 0 : Math.max(ENOUGH_WINDOWS - windows.length, 1),
  };
};
