import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { type Client, isRefusal } from './client.ts';
import { useNeuralSense } from './context.tsx';

/** Where the channel is silent or closed, figures are fetched this often all the same. */
const POLL_MS = 60_000;
const RETRIES = 3;

export interface Ask {
  readonly client: Client;
  readonly storeId: string;
  readonly signal: AbortSignal;
}

export interface FiguresOptions {
  readonly enabled?: boolean;
  readonly pollMs?: number;
}

/**
 * Figures of the store: fetched again with every piece of news from its channel, when the page comes
 * back into view, and slowly at any rate. `name` and `parameters` say which figures they are.
 */
export const useFigures = <A>(
  name: string,
  parameters: ReadonlyArray<unknown>,
  ask: (request: Ask) => Promise<A>,
  { enabled = true, pollMs = POLL_MS }: FiguresOptions = {},
): UseQueryResult<A> => {
  const { client, storeId } = useNeuralSense();
  return useQuery({
    queryKey: ['neuralsense', storeId, 'figures', name, ...parameters],
    queryFn: ({ signal }) => ask({ client, storeId, signal }),
    enabled,
    staleTime: 5_000,
    refetchInterval: pollMs,
    placeholderData: keepPreviousData,
    retry: (failures, error) => failures < RETRIES && !isRefusal(error),
  });
};
