import type { UseQueryResult } from '@tanstack/react-query';
import type { Period } from '../model/period.ts';
import { addDays } from '../model/storeTime.ts';
import { callRpc, type Rows } from './client.ts';
import { useFigures } from './useFigures.ts';

/** Each hour of the period's days, at most 31 of them. */
export const useHourly = (period: Period | undefined): UseQueryResult<Rows<'kpi_hourly'>> =>
  useFigures(
    'kpi_hourly',
    [period?.first, period?.last],
    ({ client, storeId, signal }) => {
      if (period === undefined) throw new Error('not yet');
      const days = { day_from: period.first, day_to: addDays(period.last, 1) };
      return callRpc(client, 'kpi_hourly', { store_id: storeId, ...days }, signal);
    },
    { enabled: period !== undefined },
  );
