import type { UseQueryResult } from '@tanstack/react-query';
import type { Bounds, Day } from '../model/storeTime.ts';
import { callRpc, type Rows } from './client.ts';
import { useFigures } from './useFigures.ts';
import { useIntervalRows } from './usePeriodRows.ts';

/** Visits, reach and dwell of every zone, of the visits that began in the interval. */
export const useZoneMetrics = (bounds: Bounds | undefined): UseQueryResult<Rows<'kpi_zones'>> =>
  useIntervalRows('kpi_zones', bounds);

/** Moves from one zone to the next, most moves first. */
export const usePaths = (bounds: Bounds | undefined): UseQueryResult<Rows<'kpi_paths'>> =>
  useIntervalRows('kpi_paths', bounds);

/** One zone's day, hour by hour. */
export const useZoneDay = (
  zoneId: string | undefined,
  day: Day | undefined,
): UseQueryResult<Rows<'kpi_zone_hours'>> =>
  useFigures(
    'kpi_zone_hours',
    [zoneId, day],
    ({ client, storeId, signal }) => {
      if (zoneId === undefined || day === undefined) throw new Error('not yet');
      const args = { store_id: storeId, zone_id: zoneId, day };
      return callRpc(client, 'kpi_zone_hours', args, signal);
    },
    { enabled: zoneId !== undefined && day !== undefined },
  );
