/** A day of the store's calendar, `YYYY-MM-DD`. */
export type Day = string;

const partsIn = (timeZone: string, at: Date): Record<string, string> =>
  Object.fromEntries(
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );

/** What a clock on the store's wall shows, as if it were UTC, Unix milliseconds. */
const wallMs = (timeZone: string, at: Date): number => {
  const { year, month, day, hour, minute, second } = partsIn(timeZone, at);
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
};

/** The store's day at this instant. */
export const dayAt = (timeZone: string, at: Date): Day =>
  new Date(wallMs(timeZone, at)).toISOString().slice(0, 10);

export const addDays = (day: Day, days: number): Day =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);

/** How many days after `from` the day `to` is. */
export const daysBetween = (from: Day, to: Day): number =>
  (Date.parse(to) - Date.parse(from)) / 86_400_000;

/** From this to that instant, ISO 8601, the second not included. */
export interface Bounds {
  readonly from_ts: string;
  readonly to_ts: string;
}

/**
 * The instant at which a day begins in a time zone. The first guess is off by the zone's offset; the
 * second look corrects for a clock that is changed in between.
 */
export const midnight = (timeZone: string, day: Day): Date => {
  const wanted = Date.parse(`${day}T00:00:00Z`);
  let guess = wanted;
  for (let look = 0; look < 3; look += 1) guess += wanted - wallMs(timeZone, new Date(guess));
  return new Date(guess);
};

/** The days `[first, last]`, both included. */
export const boundsOf = (timeZone: string, first: Day, last: Day): Bounds => ({
  from_ts: midnight(timeZone, first).toISOString(),
  to_ts: midnight(timeZone, addDays(last, 1)).toISOString(),
});

const HOUR_MS = 3_600_000;

export const hourBounds = (hourStart: string): Bounds => ({
  from_ts: new Date(hourStart).toISOString(),
  to_ts: new Date(Date.parse(hourStart) + HOUR_MS).toISOString(),
});

interface Hour {
  readonly hour_start: string;
  readonly day: Day;
  readonly hour: number;
}

/** An hour of a day on which clocks are changed may come twice, and then is both, or not at all. */
export const boundsOfHour = (hours: ReadonlyArray<Hour>, day: Day, hour: number): Bounds | null => {
  const named = hours.filter((each) => each.day === day && each.hour === hour);
  const [first, last] = [named[0], named.at(-1)];
  if (first === undefined || last === undefined) return null;
  return {
    from_ts: hourBounds(first.hour_start).from_ts,
    to_ts: hourBounds(last.hour_start).to_ts,
  };
};
