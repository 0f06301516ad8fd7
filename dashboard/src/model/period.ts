import { addDays, type Bounds, boundsOf, type Day, daysBetween } from './storeTime.ts';

/** Days of the store's calendar, both included. */
export interface Period {
  readonly first: Day;
  readonly last: Day;
}

export const LENGTHS = [1, 7, 28] as const;
export type PeriodLength = (typeof LENGTHS)[number];

export const periodEnding = (last: Day, days: number): Period => ({
  first: addDays(last, 1 - days),
  last,
});

export const lengthOf = ({ first, last }: Period): number => daysBetween(first, last) + 1;

export const periodBounds = (timeZone: string, { first, last }: Period): Bounds =>
  boundsOf(timeZone, first, last);

const WEEK = 7;

/** How far back the period lies that this one is compared with: whole weeks, so weekdays agree. */
export const daysBack = (period: Period): number => Math.ceil(lengthOf(period) / WEEK) * WEEK;

export const periodBefore = (period: Period): Period => ({
  first: addDays(period.first, -daysBack(period)),
  last: addDays(period.last, -daysBack(period)),
});

/**
 * The period before, cut where this one is cut: a period that is still going on is compared up to
 * the same time of day.
 */
export const boundsBefore = (timeZone: string, period: Period, now: Date): Bounds => {
  const { to_ts } = periodBounds(timeZone, period);
  const before = periodBounds(timeZone, periodBefore(period));
  const left = Date.parse(to_ts) - now.getTime();
  if (left <= 0) return before;
  const cut = Math.max(Date.parse(before.to_ts) - left, Date.parse(before.from_ts));
  return { ...before, to_ts: new Date(cut).toISOString() };
};
