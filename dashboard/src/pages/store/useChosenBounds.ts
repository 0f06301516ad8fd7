import { useHourly } from '../../hooks/useHourly.ts';
import { useBounds } from '../../hooks/usePeriodRows.ts';
import type { Period } from '../../model/period.ts';
import { type Bounds, boundsOfHour } from '../../model/storeTime.ts';

export interface ChosenBounds {
  /** Undefined while it is not known; null where the day has no such hour. */
  readonly bounds: Bounds | null | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
}

/** The chosen hour of a period that is one day; else, where none is chosen, the whole period. */
export const useChosenBounds = (period: Period, hour: number | undefined): ChosenBounds => {
  const whole = useBounds(period);
  const { data, isPlaceholderData, error, refetch } = useHourly(
    hour === undefined ? undefined : period,
  );
  if (hour === undefined) return { bounds: whole, error: null, refetch };
  // Hours of the day before this one are no hours of this day.
  if (data === undefined || isPlaceholderData) return { bounds: undefined, error, refetch };
  return { bounds: boundsOfHour(data, period.last, hour), error, refetch };
};
