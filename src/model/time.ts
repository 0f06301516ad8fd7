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

const OFFSET = /(?:Z|[+-]\d\d(?::?\d\d)?)$/i;

/**
 * An instant in ISO 8601, `2022-10-25 10:58:51.533246` too, Unix seconds; NaN where it is none. Without
 * an offset it is taken for UTC; `+01` is `+01:00`.
 */
export const instantOf = (written: string): number => {
  const [date = '', time = '00:00:00'] = written.trim().split(/[T ]/);
  const offset = OFFSET.exec(time)?.[0] ?? 'Z';
  const clock = time.slice(0, time.length - (OFFSET.test(time) ? offset.length : 0));
  return Date.parse(`${date}T${clock}${offset.replace(/^([+-]\d\d)$/, '$1:00')}`) / 1000;
};
