export const ZONE_METRICS = ['dwell', 'visits', 'reach', 'occupancy'] as const;
export type ZoneMetric = (typeof ZONE_METRICS)[number];

/** What is known of a zone in a period, and now. */
export interface ZoneFigures {
  readonly zoneId: string;
  readonly visits: number;
  readonly reach: number;
  readonly meanDwellSeconds: number;
  /** Undefined until people were counted once. */
  readonly occupancy: number | undefined;
}

export const metricValue = (metric: ZoneMetric, figures: ZoneFigures): number | undefined =>
  ({
    dwell: figures.meanDwellSeconds,
    visits: figures.visits,
    reach: figures.reach,
    occupancy: figures.occupancy,
  })[metric];

/** The highest first; what is not known counts as nothing. */
export const rankedBy = <Zone extends ZoneFigures>(
  metric: ZoneMetric,
  zones: ReadonlyArray<Zone>,
): ReadonlyArray<Zone> => {
  const height = (zone: Zone) => metricValue(metric, zone) ?? 0;
  return [...zones].sort((a, b) => height(b) - height(a));
};

/** Each value between 0 and the highest, as 0…1; all 0 where there is nothing. */
export const levelsOf = (values: ReadonlyArray<number | undefined>): ReadonlyArray<number> => {
  const most = Math.max(0, ...values.map((value = 0) => value));
  return values.map((value = 0) => (most === 0 ? 0 : Math.max(0, value) / most));
};
