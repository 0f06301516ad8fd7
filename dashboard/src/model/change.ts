export type Direction = 'up' | 'down' | 'same' | 'unknown';

export interface Change {
  readonly direction: Direction;
  /** Against the value before, 0.1 is 10 % more; or, of a rate, the difference. */
  readonly amount: number;
}

/** Nothing to compare, or nothing to compare with. */
export const NO_CHANGE: Change = { direction: 'unknown', amount: 0 };

const directed = (amount: number, smallest: number): Change => ({
  direction: Math.abs(amount) < smallest ? 'same' : amount > 0 ? 'up' : 'down',
  amount,
});

/** By how much a count or a length has changed; unknown where there was nothing before. */
export const relativeChange = (now: number, before: number | undefined): Change =>
  before === undefined || before === 0 ? NO_CHANGE : directed(now / before - 1, 0.005);

/** By how much a rate has changed, as a difference of rates (percentage points). */
export const rateChange = (now: number, before: number | undefined): Change =>
  before === undefined ? NO_CHANGE : directed(now - before, 0.0005);
