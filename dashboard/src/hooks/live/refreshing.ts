import type { QueryClient } from '@tanstack/react-query';
import type { LiveStore } from './liveStore.ts';

const AT_MOST_EVERY_MS = 10_000;

/**
 * Fetches a store's figures again whenever its channel says that there is news: a batch was stored,
 * or the channel came (back) and may have missed one. Not more often than every ten seconds.
 */
export const refreshing = (
  live: LiveStore,
  queries: QueryClient,
  storeId: string,
): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  const refresh = (): void => {
    timer = undefined;
    last = Date.now();
    void queries.invalidateQueries({ queryKey: ['neuralsense', storeId, 'figures'] });
  };
  const soon = (): void => {
    timer ??= setTimeout(refresh, Math.max(0, last + AT_MOST_EVERY_MS - Date.now()));
  };
  const stop = live.onNews(soon);
  return () => {
    clearTimeout(timer);
    stop();
  };
};
