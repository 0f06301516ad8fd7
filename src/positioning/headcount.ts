/** A person counted the people at an instant, Unix seconds; undefined where nobody counts any more. */
export interface Headcount {
  readonly ts: number;
  readonly people?: number;
}

/** An interval of which less is known has no mean. */
const KNOWN_SHARE = 0.6;

/**
 * Mean number of people from `startTs` to `endTs`, each count holding until the next one. Undefined
 * where less than 60 % of the time is covered. Counts in order of time.
 */
export const meanPeople = (
  counts: ReadonlyArray<Headcount>,
  startTs: number,
  endTs: number,
): number | undefined => {
  let personSeconds = 0;
  let knownSeconds = 0;
  for (const [i, { ts, people }] of counts.entries()) {
    const until = counts[i + 1]?.ts ?? ts;
    const seconds = Math.min(until, endTs) - Math.max(ts, startTs);
    if (people === undefined || seconds <= 0) continue;
    personSeconds += people * seconds;
    knownSeconds += seconds;
  }
  return knownSeconds >= KNOWN_SHARE * (endTs - startTs) ? personSeconds / knownSeconds : undefined;
};
