/**
 * How a React app that already uses Supabase shows a shop: its own looks, these figures. The app
 * has a QueryClientProvider and a signed-in client; it needs nothing else of this dashboard.
 */
import { createClient } from '@supabase/supabase-js';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
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

const queries = new QueryClient();
const supabase = createClient('https://YOUR-PROJECT.supabase.co', 'sb_publishable_YOUR_KEY');

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

/** Anywhere in the app, for a store that the signed-in user may see. */
export const ShopToday = ({ storeId }: { readonly storeId: string }) => (
  <QueryClientProvider client={queries}>
    <NeuralSenseProvider client={supabase} storeId={storeId}>
      <Today />
    </NeuralSenseProvider>
  </QueryClientProvider>
);
