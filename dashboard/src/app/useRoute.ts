import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { changedRoute, parseRoute, type Route, type RouteChange, routeHash } from './route.ts';

const subscribe = (listener: () => void) => {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
};

/** The address as a route, and how to change it. */
export const useRoute = (): { route: Route; go: (change: RouteChange) => void } => {
  const hash = useSyncExternalStore(subscribe, () => window.location.hash);
  const route = useMemo(() => parseRoute(hash), [hash]);
  const go = useCallback((change: RouteChange) => {
    window.location.hash = routeHash(changedRoute(parseRoute(window.location.hash), change));
  }, []);
  return { route, go };
};
