/** One hour of `kpi_hourly`. */
export interface HourRow {
  readonly hour_start: string;
  readonly day: string;
  readonly hour: number;
  readonly footfall: number;
  readonly mean_dwell_seconds: number;
}

export interface TrendPoint {
  /** The hour's beginning, or the day. */
  readonly key: string;
  readonly day: string;
  readonly hour: number | undefined;
  readonly footfall: number;
  readonly meanDwellSeconds: number;
}

const hourPoint = (row: HourRow): TrendPoint => ({
  key: row.hour_start,
  day: row.day,
  hour: row.hour,
  footfall: row.footfall,
  meanDwellSeconds: row.mean_dwell_seconds,
});

const dayPoint = (day: string, rows: ReadonlyArray<HourRow>): TrendPoint => {
  const footfall = rows.reduce((sum, row) => sum + row.footfall, 0);
  const seconds = rows.reduce((sum, row) => sum + row.footfall * row.mean_dwell_seconds, 0);
  return {
    key: day,
    day,
    hour: undefined,
    footfall,
    meanDwellSeconds: footfall === 0 ? 0 : seconds / footfall,
  };
};

/** Hours of one day as they are; of several days, each day as a whole. */
export const trendOf = (rows: ReadonlyArray<HourRow>): ReadonlyArray<TrendPoint> => {
  const days = [...new Set(rows.map(({ day }) => day))];
  if (days.length === 1) return rows.map(hourPoint);
  return days.map((day) =>
    dayPoint(
      day,
      rows.filter((row) => row.day === day),
    ),
  );
};

/** Hours by their name on the day, and by how often it came already; days by their place. */
const names = (points: ReadonlyArray<TrendPoint>): ReadonlyArray<string> => {
  const times = new Map<number, number>();
  return points.map(({ hour }, index) => {
    if (hour === undefined) return String(index);
    const time = (times.get(hour) ?? 0) + 1;
    times.set(hour, time);
    return `${hour} ${time}`;
  });
};

/** For each point the one of the period before; on a day on which clocks are changed, some have none. */
export const besides = (
  points: ReadonlyArray<TrendPoint>,
  before: ReadonlyArray<TrendPoint>,
): ReadonlyArray<TrendPoint | undefined> => {
  const namesBefore = names(before);
  const named = new Map(before.map((point, index) => [namesBefore[index], point]));
  return names(points).map((name) => named.get(name));
};

/** The first of those with the most visits; nothing where there were none. */
export const busiest = (points: ReadonlyArray<TrendPoint>): TrendPoint | undefined => {
  const most = Math.max(0, ...points.map(({ footfall }) => footfall));
  return most === 0 ? undefined : points.find(({ footfall }) => footfall === most);
};

/**
 * Without the hours at the ends of a day in which nobody came, neither now nor before; at least
 * `least` hours stay.
 */
export const openHours = (
  points: ReadonlyArray<TrendPoint>,
  before: ReadonlyArray<TrendPoint | undefined>,
  least = 8,
): { first: number; last: number } => {
  const busy = points.flatMap((point, index) =>
    point.footfall > 0 || (before[index]?.footfall ?? 0) > 0 ? [index] : [],
  );
  const [first, last] = [busy[0], busy.at(-1)];
  if (first === undefined || last === undefined) return { first: 0, last: points.length - 1 };
  const missing = Math.max(0, least - (last - first + 1));
  const from = Math.max(0, first - 1 - Math.floor(missing / 2));
  return { first: from, last: Math.min(points.length - 1, Math.max(last + 1, from + least - 1)) };
};
