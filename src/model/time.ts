import * as t from 'io-ts';

/** Beyond this a number of seconds would lie after the year 5138: it must be milliseconds. */
const FIRST_MILLISECONDS = 1e11;

const usable = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 && value < 1e14;

/** An instant in Unix seconds; a number that can only be milliseconds is divided by 1000. */
export const UnixSeconds = new t.Type<number, number, unknown>(
  'UnixSeconds',
  usable,
  (input, context) =>
    usable(input)
      ? t.success(input >= FIRST_MILLISECONDS ? input / 1000 : input)
      : t.failure(input, context, 'must be Unix seconds (or milliseconds)'),
  t.identity,
);

/** Start of the aligned window of `spanMs` that `ts` falls into, Unix seconds. */
export const windowStart = (ts: number, spanMs: number): number =>
  (Math.floor((ts * 1000) / spanMs) * spanMs) / 1000;
