import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, render, screen } from '@testing-library/react';
import { ShopToday } from '../../../examples/dashboard/ShopToday.tsx';
import { fakeClient } from './fakeClient.ts';

const STORE = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02';
const AISLE = '7a000000-0000-4000-8000-000000000008';

const answers = {
  kpi_thresholds: { data: [{ time_zone: 'Asia/Seoul' }] },
  kpi_compare: { data: [{ footfall: 12 }, { footfall: 10 }] },
  kpi_zones: { data: [{ zone_id: AISLE, zone_name: 'Central Aisle', reach: 0.42 }] },
  kpi_funnel: { data: [{ visits: 12 }, { visits: 9 }, { visits: 7 }, { visits: 3 }] },
  ingest_health: { data: [{ seconds_since_success: 12.4 }] },
  kpi_live: { data: [] },
  kpi_occupancy: { data: [{ scope: 'store', visitors: 5 }] },
};

afterEach(cleanup);

it('shows the figures in another app, and what is told live', async () => {
  const fake = fakeClient(answers);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <ShopToday client={fake.client as never} storeId={STORE} />
    </QueryClientProvider>,
  );
  await screen.findByText('12 visits, 10 a week before');
  await screen.findByText('5 phones now (connecting)');
  await screen.findByText('3 reached the checkout');
  await screen.findByText('Central Aisle: 42 %');
  await screen.findByText('Data is 12 s old');
  act(() => {
    fake.channels[0]?.say('SUBSCRIBED');
    fake.channels[0]?.broadcast('occupancy', {
      at: new Date().toISOString(),
      zones: [{ zone_id: AISLE, visitors: 6 }],
    });
  });
  await screen.findByText('6 phones now (live)');
});

it('begins with what was told last, where that is not long ago', async () => {
  const told = (seconds_since: number) => ({
    data: [{ at: '2026-03-02T03:00:05Z', seconds_since, visitors: 8, zones: [] }],
  });
  const show = (seconds: number) =>
    render(
      <QueryClientProvider client={new QueryClient()}>
        <ShopToday
          client={fakeClient({ ...answers, kpi_live: told(seconds) }).client as never}
          storeId={STORE}
        />
      </QueryClientProvider>,
    );
  show(7);
  await screen.findByText('8 phones now (connecting)');
  cleanup();
  show(70);
  await screen.findByText('5 phones now (connecting)');
});
