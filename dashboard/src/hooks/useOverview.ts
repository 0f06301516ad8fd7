import type { UseQueryResult } from '@tanstack/react-query';
import { boundsBefore, lengthOf, type Period, periodBounds } from '../model/period.ts';
import { callRpc, callRpcForRow, type RowOf } from './client.ts';
import { type Ask, useFigures } from './useFigures.ts';
import { useThresholds } from './useStore.ts';

export type OverviewFigures = RowOf<'kpi_overview'>;

export interface Overview {
  readonly now: OverviewFigures;
  /** The same weekdays before, up to the same time of day. */
  readonly before: OverviewFigures | undefined;
}

/** The database's clock decides how far a day that is going on has come. */
const ofDay = async ({ client, storeId, signal }: Ask, day: string): Promise<Overview> => {
  const args = { store_id: storeId, on_day: day };
  const rows = await callRpc(client, 'kpi_compare', args, signal);
  const [now, before] = rows;
  if (now === undefined) throw new Error('kpi_compare gave no row');
  return { now, before };
};

const ofDays = async (
  { client, storeId, signal }: Ask,
  timeZone: string,
  period: Period,
): Promise<Overview> => {
  const of = (bounds: { from_ts: string; to_ts: string }) =>
    callRpcForRow(client, 'kpi_overview', { store_id: storeId, ...bounds }, signal);
  const [now, before] = await Promise.all([
    of(periodBounds(timeZone, period)),
    of(boundsBefore(timeZone, period, new Date())),
  ]);
  return { now, before };
};

/** Footfall, visitors, dwell, bounce, engagement and peak hour, beside those of the weeks before. */
export const useOverview = (period: Period | undefined): UseQueryResult<Overview> => {
  const timeZone = useThresholds().data?.time_zone;
  return useFigures(
    'overview',
    [period?.first, period?.last],
    (ask) => {
      if (period === undefined || timeZone === undefined) throw new Error('not yet');
      return lengthOf(period) === 1 ? ofDay(ask, period.first) : ofDays(ask, timeZone, period);
    },
    { enabled: period !== undefined && timeZone !== undefined },
  );
};
