import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { type Day, dayAt } from '../model/storeTime.ts';
import { knownTimeZone } from '../model/timeZone.ts';
import { ApiError, callRpcForRow, type RowOf } from './client.ts';
import { useNeuralSense } from './context.tsx';

export type Thresholds = RowOf<'kpi_thresholds'>;

const SELDOM_MS = 10 * 60_000;
const SOON_MS = 30_000;

/** What no page can do without is asked for until it is there; from then on it hardly changes. */
const SELDOM = {
  staleTime: SELDOM_MS,
  refetchInterval: ({ state }: { readonly state: { readonly data: unknown } }) =>
    state.data === undefined && SOON_MS,
};

/** The store's time zone, and the settings that decide its figures. */
export const useThresholds = (): UseQueryResult<Thresholds> => {
  const { client, storeId } = useNeuralSense();
  return useQuery({
    queryKey: ['neuralsense', storeId, 'thresholds'],
    queryFn: async ({ signal }) => {
      const row = await callRpcForRow(client, 'kpi_thresholds', { store_id: storeId }, signal);
      return { ...row, time_zone: knownTimeZone(row.time_zone) };
    },
    ...SELDOM,
  });
};

export interface Zone {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly type: string;
  /** Metres on the floor. */
  readonly x: number;
  readonly y: number;
}

/** The zones in use, in the order of their codes. On the floor, the database's z is y. */
export const useZones = (): UseQueryResult<ReadonlyArray<Zone>> => {
  const { client, storeId } = useNeuralSense();
  return useQuery({
    queryKey: ['neuralsense', storeId, 'zones'],
    ...SELDOM,
    queryFn: async ({ signal }): Promise<ReadonlyArray<Zone>> => {
      const { data, error, status } = await client
        .from('zones_dim')
        .select('id, zone_code, zone_name, zone_type, position_x, position_z')
        .eq('store_id', storeId)
        // As in the database: a zone of which nobody has said that it is not in use.
        .not('is_active', 'is', false)
        .abortSignal(signal);
      if (error) throw new ApiError(error.message, error.code, status);
      return data
        .map((zone) => ({
          id: zone.id,
          code: zone.zone_code,
          name: zone.zone_name,
          type: zone.zone_type,
          x: zone.position_x,
          y: zone.position_z,
        }))
        .sort((a, b) => a.code.localeCompare(b.code, 'en', { numeric: true }));
    },
  });
};

const LOOK_MS = 20_000;

/** The store's day of today, also after midnight; undefined until its time zone is known. */
export const useToday = (): Day | undefined => {
  const timeZone = useThresholds().data?.time_zone;
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  return timeZone === undefined ? undefined : dayAt(timeZone, now);
};
