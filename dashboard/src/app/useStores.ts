import type { SupabaseClient } from '@supabase/supabase-js';
import { useQuery } from '@tanstack/react-query';
import { ApiError, type Client, isRefusal } from '../hooks/client.ts';

export interface Store {
  readonly id: string;
  readonly name: string;
  readonly timeZone: string;
}

/** The stores of the user's organisations, by name. */
export const useStores = (client: SupabaseClient, userId: string) =>
  useQuery({
    queryKey: ['neuralsense', 'stores', userId],
    staleTime: 10 * 60_000,
    retry: (failures, error) => failures < 3 && !isRefusal(error),
    queryFn: async ({ signal }): Promise<ReadonlyArray<Store>> => {
      const { data, error, status } = await (client as Client)
        .from('stores')
        .select('id, store_name, time_zone')
        .order('store_name')
        .abortSignal(signal);
      if (error) throw new ApiError(error.message, error.code, status);
      return data.map((store) => ({
        id: store.id,
        name: store.store_name,
        timeZone: store.time_zone,
      }));
    },
  });
