import type { UseQueryResult } from '@tanstack/react-query';
import { ApiError } from './client.ts';
import { useFigures } from './useFigures.ts';

/** The codes of the sensors that the store's layout has in use, whether they were ever heard or not. */
export const useSensors = (): UseQueryResult<ReadonlyArray<string>> =>
  useFigures('sensors', [], async ({ client, storeId, signal }) => {
    const { data, error, status } = await client
      .from('sensors')
      .select('sensor_code')
      .eq('store_id', storeId)
      .not('is_active', 'is', false)
      .abortSignal(signal);
    if (error) throw new ApiError(error.message, error.code, status);
    return data.map(({ sensor_code }) => sensor_code);
  });
