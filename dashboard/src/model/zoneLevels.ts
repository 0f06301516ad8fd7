export const ZONE_METRICS = ['dwell', 'visits', 'reach', 'occupancy'] as const;
export type ZoneMetric = (typeof ZONE_METRICS)[number];

/** What is known of a zone in a period, and now. */
export interface ZoneFigures {
  readonly zoneId: string;
  readonly visits: number;
  readonly reach: number;
  readonly meanDwellSeconds: number;
  readonly occupancy: number;
}

export const metricValue = (metric: ZoneMetric, figures: ZoneFigures): number =>
  ({
    dwell: figures.meanDwellSeconds,
    visits: figures.visits,
    reach: figures.reach,
    occupancy: figures.occupancy,
  })[metric];

/** Each value between 0 and the highest, as 0…1; all 0 where there is nothing. */
export const levelsOf = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const most = Math.max(0, ...values);
  return values.map((value) => (most === 0 ? 0 : Math.max(0, value) / most));
};
