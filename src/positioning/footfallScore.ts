import { burstIntervals, type Interval, type Sighting } from './bursts.ts';
import { type BurstFactor, type Counted, estimatePeople, type PeopleEstimate } from './footfall.ts';
import { type Headcount, meanPeople } from './headcount.ts';

/** One interval: how many people the bursts tell, and how many were counted where somebody did. */
export interface Judged extends Interval, PeopleEstimate {
  readonly counted?: number;
}

export type Probe = Sighting & Headcount;

/** An estimate for each interval of a recording. `probes` in order of time. */
export const judgeRecording = (
  probes: ReadonlyArray<Probe>,
  minutes: number,
  factor: BurstFactor,
): ReadonlyArray<Judged> =>
  burstIntervals(probes, minutes).map((interval) => {
    const counted = meanPeople(probes, interval.startTs, interval.startTs + interval.minutes * 60);
    const estimate = estimatePeople(interval.bursts, interval.minutes, factor);
    return { ...interval, ...estimate, ...(counted !== undefined && { counted }) };
  });

/** The intervals in which people were counted, to learn a factor from. */
export const countedOf = (judged: ReadonlyArray<Judged>): ReadonlyArray<Counted> =>
  judged.flatMap(({ bursts, minutes, counted }) =>
    counted === undefined ? [] : [{ bursts, minutes, people: counted }],
  );

/** How far estimates and the number of ids are from the people counted, in people. */
export interface FootfallScore {
  readonly intervals: number;
  readonly meanPeople: number;
  /** Mean absolute errors. */
  readonly estimateError: number;
  readonly naiveError: number;
  /** Share of intervals whose count lies within the estimate's 90 %. */
  readonly coverage: number;
}

const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Undefined where nobody counted. */
export const scoreFootfall = (judged: ReadonlyArray<Judged>): FootfallScore | undefined => {
  const known = judged.flatMap((one) =>
    one.counted === undefined ? [] : [{ ...one, counted: one.counted }],
  );
  if (known.length === 0) return undefined;
  const isWithin = ({ low, high, counted }: (typeof known)[number]) =>
    // Half a person: counts are whole, estimates are not.
    counted >= low - 0.5 && counted <= high + 0.5;
  return {
    intervals: known.length,
    meanPeople: mean(known.map(({ counted }) => counted)),
    estimateError: mean(known.map(({ people, counted }) => Math.abs(people - counted))),
    naiveError: mean(known.map(({ ids, counted }) => Math.abs(ids - counted))),
    coverage: mean(known.map((one) => (isWithin(one) ? 1 : 0))),
  };
};
