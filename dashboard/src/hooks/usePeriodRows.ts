import type { UseQueryResult } from '@tanstack/react-query';
import { type Period, periodBounds } from '../model/period.ts';
import type { Bounds } from '../model/storeTime.ts';
import { type Arguments, callRpc, type Rows } from './client.ts';
import { useFigures } from './useFigures.ts';
import { useThresholds } from './useStore.ts';

/** The functions that ask for a store and an interval. */
export type IntervalFunction =
  | 'kpi_zones'
  | 'kpi_funnel'
  | 'kpi_visitors'
  | 'kpi_visit_lengths'
  | 'kpi_paths';

/** The rows of one of them over `[from_ts, to_ts)`; waits while there is no interval. */
export const useIntervalRows = <Name extends IntervalFunction>(
  name: Name,
  bounds: Bounds | undefined,
): UseQueryResult<Rows<Name>> =>
  useFigures(
    name,
    [bounds?.from_ts, bounds?.to_ts],
    ({ client, storeId, signal }) => {
      const args = { store_id: storeId, ...bounds } as Arguments<Name>;
      return callRpc(client, name, args, signal);
    },
    { enabled: bounds !== undefined },
  );

/** The instants of a period in the store's time zone. */
export const useBounds = (period: Period | undefined): Bounds | undefined => {
  const timeZone = useThresholds().data?.time_zone;
  return timeZone === undefined ? undefined : period && periodBounds(timeZone, period);
};
