/** How many failures of one key are borne in how long. */
export interface FailureLimit {
  readonly failures: number;
  readonly withinMs: number;
}

/** Keys are whatever strangers say: only so many are remembered, the oldest go first. */
const MOST_KEYS = 10_000;

/** Counts failures by key. `now` in Unix ms. */
export const failureLimit = ({ failures, withinMs }: FailureLimit, now: () => number) => {
  const failed = new Map<string, ReadonlyArray<number>>();
  const recent = (key: string): ReadonlyArray<number> =>
    // A clock that was set back makes nobody wait for it.
    (failed.get(key) ?? []).filter((at) => Math.abs(now() - at) < withinMs);
  return {
    /** Until the key may try again, ms; 0 where it may now. */
    waitMs: (key: string): number => {
      const times = recent(key);
      return times.length < failures ? 0 : (times.at(-failures) ?? 0) + withinMs - now();
    },
    fail: (key: string): void => {
      const times = [...recent(key), now()].slice(-failures);
      failed.delete(key);
      failed.set(key, times);
      const [oldest] = failed.keys();
      if (failed.size > MOST_KEYS && oldest !== undefined) failed.delete(oldest);
    },
  };
};
