/** How far the clocks of eight sensors are ahead, s. */
export const SHIFTS: ReadonlyArray<number> = [-8.7, 8.4, 3.1, -4.6, 6.2, -1.9, 7.3, -6.4];

/** Milliseconds, as sensors write them. */
export const inMilliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;

/** How many assignments a phone has in each window, the most of them; 1 where all is well. */
export const mostInOneWindow = (
  assignments: ReadonlyArray<{ readonly phone_id?: unknown; readonly ts?: unknown }>,
): number => {
  const counts = new Map<string, number>();
  for (const { phone_id, ts } of assignments) {
    const key = `${phone_id} ${Math.floor(Number(ts) / 5)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
};
