import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import {
  ApiError,
  NeuralSenseProvider,
  useOverview,
  usePeople,
  useZoneMetrics,
} from '../../src/hooks/index.ts';
import { fakeClient } from './fakeClient.ts';

const STORE = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02';

const inside = (fake: ReturnType<typeof fakeClient>) => {
  const queries = new QueryClient({ defaultOptions: { queries: { retryDelay: 1 } } });
  return ({ children }: { readonly children: ReactNode }) => (
    <QueryClientProvider client={queries}>
      <NeuralSenseProvider client={fake.client as never} storeId={STORE}>
        {children}
      </NeuralSenseProvider>
    </QueryClientProvider>
  );
};

afterEach(cleanup);

const thresholds = { data: [{ time_zone: 'Asia/Seoul' }] };

it('asks the database to compare a day', async () => {
  const compared = { data: [{ footfall: 12 }, { footfall: 10 }] };
  const fake = fakeClient({ kpi_thresholds: thresholds, kpi_compare: compared });
  const day = { first: '2026-03-02', last: '2026-03-02' };
  const { result } = renderHook(() => useOverview(day), { wrapper: inside(fake) });
  await waitFor(() => expect(result.current.data).toBeDefined());
  expect(result.current.data).toEqual({ now: { footfall: 12 }, before: { footfall: 10 } });
  expect(fake.asked).toContainEqual({
    name: 'kpi_compare',
    args: { store_id: STORE, on_day: '2026-03-02' },
  });
});

it('compares more days in the store’s own time', async () => {
  const overview = { data: [{ footfall: 70 }] };
  const fake = fakeClient({ kpi_thresholds: thresholds, kpi_overview: overview });
  const week = { first: '2026-03-02', last: '2026-03-08' };
  const { result } = renderHook(() => useOverview(week), { wrapper: inside(fake) });
  await waitFor(() => expect(result.current.data).toBeDefined());
  const asked = fake.asked.filter(({ name }) => name === 'kpi_overview').map(({ args }) => args);
  expect(asked).toEqual([
    { store_id: STORE, from_ts: '2026-03-01T15:00:00.000Z', to_ts: '2026-03-08T15:00:00.000Z' },
    { store_id: STORE, from_ts: '2026-02-22T15:00:00.000Z', to_ts: '2026-03-01T15:00:00.000Z' },
  ]);
});

it('estimates people now, and says nothing of what the phones do not tell', async () => {
  const row = { people: 9.4, people_low: 5.2, people_high: 14.1, footfall: null };
  const fake = fakeClient({ kpi_people: { data: [row] } });
  const { result } = renderHook(() => usePeople('now'), { wrapper: inside(fake) });
  await waitFor(() => expect(result.current.data).toBeDefined());
  expect(result.current.data).toEqual({
    present: { likely: 9.4, low: 5.2, high: 14.1 },
    came: undefined,
  });
  expect(fake.asked).toEqual([{ name: 'kpi_people', args: { store_id: STORE } }]);
});

it('asks again after a failure, and not after a refusal', async () => {
  const bounds = { from_ts: '2026-03-01T15:00:00Z', to_ts: '2026-03-02T15:00:00Z' };
  const times = async (status: number) => {
    const error = { message: 'no', code: '42501' };
    const fake = fakeClient({ kpi_zones: { error, status } });
    const { result } = renderHook(() => useZoneMetrics(bounds), { wrapper: inside(fake) });
    await waitFor(() => expect(result.current.error).toBeInstanceOf(ApiError));
    return fake.asked.filter(({ name }) => name === 'kpi_zones').length;
  };
  expect(await times(403)).toBe(1);
  expect(await times(400)).toBe(4);
  expect(await times(404)).toBe(4);
  expect(await times(503)).toBe(4);
});
