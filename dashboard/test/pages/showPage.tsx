import { jest } from '@jest/globals';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, render } from '@testing-library/react';
import type { ReactElement } from 'react';
import { NeuralSenseProvider } from '../../src/hooks/index.ts';
import { WordsProvider } from '../../src/i18n/context.tsx';
import { type Answers, fakeClient } from '../hooks/fakeClient.ts';

export const AISLE = {
  id: '7a000000-0000-4000-8000-000000000008',
  zone_code: '8',
  zone_name: 'Central Aisle',
  zone_type: 'aisle',
  position_x: 3,
  position_z: 4,
};

/** A store in Berlin with one zone, in which nothing happens. */
export const QUIET: Answers = {
  kpi_thresholds: {
    data: [
      {
        time_zone: 'Europe/Berlin',
        visit_at_least_seconds: 60,
        bounce_under_seconds: 120,
        engage_after_seconds: 60,
        live_window_minutes: 10,
      },
    ],
  },
  zones_dim: { data: [AISLE] },
  kpi_zones: { data: [] },
  kpi_hourly: { data: [] },
  kpi_funnel: { data: [] },
  kpi_visitors: { data: [] },
  kpi_visit_lengths: { data: [] },
  kpi_paths: { data: [] },
  kpi_live: { data: [] },
  kpi_occupancy: { data: [{ scope: 'store', visitors: 0 }] },
  kpi_people: { data: [{}] },
  ingest_health: { data: [{ seconds_since_success: 5, last_reading_at: null }] },
  ingest_sensors: { data: [] },
  sensors: { data: [] },
  ingest_runs: { data: [] },
  ingest_backlog: { data: [{ failed_imports: 0 }] },
};

export const later = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms));

/** A page in English, over what the store answers; wants fake timers. */
export const showPage = async (page: ReactElement, answers: Answers) => {
  const fake = fakeClient(answers);
  const shown = render(
    <QueryClientProvider client={new QueryClient()}>
      <WordsProvider language="en" timeZone="Europe/Berlin">
        <NeuralSenseProvider client={fake.client as never} storeId="a">
          {page}
        </NeuralSenseProvider>
      </WordsProvider>
    </QueryClientProvider>,
  );
  await later(2_000);
  return { ...fake, ...shown };
};

/** One page at a time, at noon of a Friday. */
export const onePageAtATime = () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: Date.parse('2026-11-20T11:00:00Z') });
  });
  afterEach(() => {
    cleanup();
    jest.restoreAllMocks();
    jest.useRealTimers();
    window.location.hash = '';
  });
};
