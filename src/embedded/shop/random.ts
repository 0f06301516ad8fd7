/** Draws that depend on the seed alone: the same seed gives the same draws on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  readonly uniform: () => number;
  readonly between: (from: number, to: number) => number;
  /** A whole number in `from`…`to`, both included. */
  readonly integer: (from: number, to: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly normal: (mean: number, sd: number) => number;
  /** `sigma` is the standard deviation of the logarithm. */
  readonly logNormal: (median: number, sigma: number) => number;
  readonly exponential: (mean: number) => number;
  /** One of `items`, each equally likely; `items` must not be empty. */
  readonly pick: <A>(items: ReadonlyArray<A>) => A;
  /** A generator of its own: what it draws later does not disturb this one. */
  readonly fork: () => Random;
}

/** sfc32 of C. Doty-Humphrey (PractRand, public domain), seeded as there: 32 bits a call. */
const sfc32 = (seed: number): (() => number) => {
  let a = 0;
  let b = seed | 0;
  let c = Math.floor(seed / 2 ** 32) | 0;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round += 1) next();
  return next;
};

/** `seed` is a whole number from 0 up to 2^53 − 1. */
export const seededRandom = (seed: number): Random => {
  const next = sfc32(seed);
  const uniform = () => next() / 2 ** 32;
  // Box–Muller; 1 − u keeps the logarithm away from 0.
  const standardNormal = () =>
    Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const integer = (from: number, to: number) => from + Math.floor(uniform() * (to - from + 1));
  return {
    uniform,
    integer,
    between: (from, to) => from + uniform() * (to - from),
    chance: (probability) => uniform() < probability,
    normal: (mean, sd) => mean + sd * standardNormal(),
    logNormal: (median, sigma) => median * Math.exp(sigma * standardNormal()),
    exponential: (mean) => -mean * Math.log(1 - uniform()),
    pick: <A>(items: ReadonlyArray<A>) => items[integer(0, items.length - 1)] as A,
    fork: () => seededRandom(next()),
  };
};
