import type { SupabaseClient } from '@supabase/supabase-js';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo } from 'react';
import type { Client } from './client.ts';
import { createLiveStore, type LiveStore } from './live/liveStore.ts';
import { refreshing } from './live/refreshing.ts';

interface NeuralSense {
  readonly client: Client;
  readonly storeId: string;
  readonly live: LiveStore;
}

const Context = createContext<NeuralSense | undefined>(undefined);

export interface NeuralSenseProviderProps {
  /** Signed in, as a member of the store's organisation. */
  readonly client: SupabaseClient;
  readonly storeId: string;
  readonly children: ReactNode;
}

/**
 * Gives the hooks below it their store, and keeps one live channel to it. Needs a
 * `QueryClientProvider` above.
 */
export const NeuralSenseProvider = ({ client, storeId, children }: NeuralSenseProviderProps) => {
  const queries = useQueryClient();
  const value = useMemo(
    () => ({ client: client as Client, storeId, live: createLiveStore(client as Client, storeId) }),
    [client, storeId],
  );
  useEffect(() => {
    const { live } = value;
    const stop = refreshing(live, queries, storeId);
    live.open();
    return () => {
      live.close();
      stop();
    };
  }, [value, queries, storeId]);
  return <Context value={value}>{children}</Context>;
};

export const useNeuralSense = (): NeuralSense => {
  const context = useContext(Context);
  if (context === undefined)
    throw new Error('Put <NeuralSenseProvider> around what uses this hook.');
  return context;
};
