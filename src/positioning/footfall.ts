/** How many people are there, and what the estimate allows for: `low`…`high` at 90 %. */
export interface PeopleEstimate {
  readonly people: number;
  readonly low: number;
  readonly high: number;
}

/** What a store's phones do. Both figures are learnt by counting people for a while. */
export interface BurstFactor {
  /** Bursts of probe requests with a randomised address, per person and minute. */
  readonly burstsPerPersonMinute: number;
  /** How much that differs between hours, as a fraction of itself (standard deviation). */
  readonly spread: number;
}

/** Of the published recordings of one room in 2022 and 2024: 0.82 and 0.76, spread 0.1 to 0.4. */
export const DEFAULT_FACTOR: BurstFactor = { burstsPerPersonMinute: 0.78, spread: 0.25 };

/** A standard normal deviate is within ±Z with a probability of 90 %. */
const Z = 1.645;

/** Wilson & Hilferty 1931: a gamma variate's cube root is nearly normal. Mean 1, shape `a`. */
const gammaQuantile = (a: number, z: number): number =>
  Math.max(0, 1 - 1 / (9 * a) + z / (3 * Math.sqrt(a))) ** 3;

/**
 * People present on average, from the bursts counted in `minutes`. Bursts are negative binomial:
 * Poisson around `people × burstsPerPersonMinute × minutes`, which itself varies by `spread`. The
 * interval is that of a gamma with the relative variance 1 / (bursts + ½) + spread²; the half is
 * Jeffreys' prior and gives silence an upper end.
 *
 * @example estimatePeople(234, 30, DEFAULT_FACTOR).people === 10
 */
export const estimatePeople = (
  bursts: number,
  minutes: number,
  { burstsPerPersonMinute, spread }: BurstFactor,
): PeopleEstimate => {
  const perPerson = burstsPerPersonMinute * minutes;
  const shape = 1 / (1 / (bursts + 0.5) + spread ** 2);
  const at = (z: number) => ((bursts + 0.5) / perPerson) * gammaQuantile(shape, z);
  return {
    people: bursts / perPerson,
    low: bursts === 0 ? 0 : Math.min(at(-Z), bursts / perPerson),
    high: at(Z),
  };
};

/** An interval in which people were counted. `people` is the mean over its minutes. */
export interface Counted {
  readonly bursts: number;
  readonly minutes: number;
  readonly people: number;
}

/**
 * The factor that counted intervals tell: all bursts over all person-minutes, and the spread by
 * moments of what Poisson does not explain. Undefined where nobody was ever counted.
 */
export const fitFactor = (counted: ReadonlyArray<Counted>): BurstFactor | undefined => {
  const personMinutes = counted.reduce((sum, { people, minutes }) => sum + people * minutes, 0);
  const bursts = counted.reduce((sum, one) => sum + one.bursts, 0);
  if (personMinutes <= 0 || bursts <= 0) return undefined;
  const burstsPerPersonMinute = bursts / personMinutes;
  const occupied = counted
    .filter(({ people }) => people >= 1)
    .map((one) => ({ ...one, mean: burstsPerPersonMinute * one.people * one.minutes }));
  const excess = occupied.reduce((sum, one) => sum + (one.bursts - one.mean) ** 2 - one.mean, 0);
  const squares = occupied.reduce((sum, { mean }) => sum + mean ** 2, 0);
  const spread = squares > 0 ? Math.sqrt(Math.max(0, excess / squares)) : 0;
  return { burstsPerPersonMinute, spread };
};

/**
 * How many people came within `hours`, from how many were there on average and how long one stays:
 * Little's law, L = λ W (Little 1961).
 */
export const footfallOf = (
  present: PeopleEstimate,
  hours: number,
  meanStayHours: number,
): PeopleEstimate => {
  const turns = hours / meanStayHours;
  return { people: present.people * turns, low: present.low * turns, high: present.high * turns };
};
