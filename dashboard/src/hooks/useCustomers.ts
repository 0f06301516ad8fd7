import type { UseQueryResult } from '@tanstack/react-query';
import type { Bounds } from '../model/storeTime.ts';
import type { Rows } from './client.ts';
import { useIntervalRows } from './usePeriodRows.ts';

/** How many visits came as far as each stage: enter, browse, engage, checkout. */
export const useFunnel = (bounds: Bounds | undefined): UseQueryResult<Rows<'kpi_funnel'>> =>
  useIntervalRows('kpi_funnel', bounds);

/** New and returning visitors, both estimates. */
export const useVisitors = (bounds: Bounds | undefined): UseQueryResult<Rows<'kpi_visitors'>> =>
  useIntervalRows('kpi_visitors', bounds);

/** How many visits lasted how long. */
export const useVisitLengths = (
  bounds: Bounds | undefined,
): UseQueryResult<Rows<'kpi_visit_lengths'>> => useIntervalRows('kpi_visit_lengths', bounds);
