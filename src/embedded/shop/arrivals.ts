import type { Random } from './random.ts';

/** How many have come since the last call; `ts` (Unix seconds) must not go back. */
export type Arrivals = (ts: number) => number;

/** A Poisson process from `startTs` on; nobody comes at a rate of 0. */
export const poisson = (startTs: number, perMinute: number, random: Random): Arrivals => {
  const gap = () => (perMinute > 0 ? random.exponential(60 / perMinute) : Number.POSITIVE_INFINITY);
  let next = startTs + gap();
  return (ts) => {
    let count = 0;
    for (; next <= ts; next += gap()) count += 1;
    return count;
  };
};

/** `count` people at random moments of the first `spanS` seconds. */
export const opening = (
  startTs: number,
  count: number,
  spanS: number,
  random: Random,
): Arrivals => {
  const moments = Array.from({ length: count }, () => startTs + random.between(0, spanS));
  let before = Number.NEGATIVE_INFINITY;
  return (ts) => {
    const come = moments.filter((moment) => moment > before && moment <= ts).length;
    before = ts;
    return come;
  };
};
