/**
 * How a React app that already uses Supabase shows a shop: its own looks, these figures. The app
 * has a QueryClientProvider and a client of `createClient`, signed in as a member of the store's
 * organisation; it needs nothing else of this dashboard.
 */
import type { SupabaseClient } from '@supabase/supabase-js';
import {
  NeuralSenseProvider,
  periodEnding,
  useBounds,
  useFunnel,
  useIngestHealth,
  useLiveOccupancy,
  useOverview,
  useToday,
  useZoneMetrics,
} from '../../dashboard/src/hooks/index.ts';

const Today = () => {
  const today = useToday();
  const period = today === undefined ? undefined : periodEnding(today, 1);
  const bounds = useBounds(period);
  const overview = useOverview(period);
  const zones = useZoneMetrics(bounds);
  const funnel = useFunnel(bounds);
  const health = useIngestHealth();
  const live = useLiveOccupancy();
  if (overview.error) return <p>{overview.error.message}</p>;
  if (!overview.data) return <p>…</p>;
  return (
    <ul>
      <li>
        {overview.data.now.footfall} visits, {overview.data.before?.footfall} a week before
      </li>
      <li>
        {live.total} phones now ({live.connection})
      </li>
      <li>{funnel.data?.at(-1)?.visits} reached the checkout</li>
      {zones.data?.map(({ zone_id, zone_name, reach }) => (
        <li key={zone_id}>
          {zone_name}: {Math.round(reach * 100)} %
        </li>
      ))}
      <li>Data is {Math.round(health.data?.seconds_since_success ?? 0)} s old</li>
    </ul>
  );
};

interface ShopTodayProps {
  readonly client: SupabaseClient;
  readonly storeId: string;
}

/** Anywhere in the app, for a store that the signed-in user may see. */
export const ShopToday = ({ client, storeId }: ShopTodayProps) => (
  <NeuralSenseProvider client={client} storeId={storeId}>
    <Today />
  </NeuralSenseProvider>
);
