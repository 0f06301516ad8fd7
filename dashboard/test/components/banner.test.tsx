import { jest } from '@jest/globals';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, render, screen } from '@testing-library/react';
import { Banner } from '../../src/app/Banner.tsx';
import { Status } from '../../src/app/Status.tsx';
import { NeuralSenseProvider } from '../../src/hooks/index.ts';
import { WordsProvider } from '../../src/i18n/context.tsx';
import { fakeClient } from '../hooks/fakeClient.ts';

const later = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms));

const opened = async (seconds_since_success: number | null) => {
  const fake = fakeClient({ ingest_health: { data: [{ seconds_since_success }] } });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <WordsProvider language="en" timeZone="Asia/Seoul">
        <NeuralSenseProvider client={fake.client as never} storeId="a">
          <Banner />
          <Status />
        </NeuralSenseProvider>
      </WordsProvider>
    </QueryClientProvider>,
  );
  await later(1_000);
  return fake.channels[0];
};

const banner = () => screen.queryByRole('region', { name: 'State of the data' })?.textContent;

const goOnline = (isOnline: boolean) =>
  act(() => {
    jest.spyOn(navigator, 'onLine', 'get').mockReturnValue(isOnline);
    window.dispatchEvent(new Event(isOnline ? 'online' : 'offline'));
  });

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  cleanup();
  jest.restoreAllMocks();
  jest.useRealTimers();
  window.location.hash = '';
});

it('is silent while data come', async () => {
  await opened(20);
  expect(banner()).toBeUndefined();
});

it('says for how long nothing has come, to the second, and where to look', async () => {
  await opened(200);
  expect(banner()).toBe('Nothing new from the shop has been stored for 3m 21s.Check the pipeline');
  await later(3_000);
  expect(banner()).toContain('3m 24s');
  const link = screen.getByRole('link', { name: 'Check the pipeline' });
  expect(link.getAttribute('href')).toBe('#/pipeline');
});

it('does not send to the page that is open', async () => {
  window.location.hash = '#/pipeline';
  await opened(200);
  expect(screen.queryByRole('link')).toBeNull();
});

it('says that nothing has come yet', async () => {
  await opened(null);
  expect(banner()).toContain('Nothing from the shop has been stored yet.');
});

it('is not silenced by counts that are told live, but by news of what was stored', async () => {
  const channel = await opened(3_599);
  act(() => {
    channel?.say('SUBSCRIBED');
    channel?.broadcast('occupancy', { at: new Date().toISOString(), zones: [] });
  });
  expect(banner()).toContain('Nothing new from the shop has been stored for 1h');
  act(() => channel?.broadcast('batch_ingested', {}));
  expect(banner()).toBeUndefined();
});

it('says that the channel is lost, once aloud, until it is back', async () => {
  const channel = await opened(20);
  act(() => channel?.say('SUBSCRIBED'));
  expect(banner()).toBeUndefined();
  act(() => channel?.say('CLOSED'));
  expect(banner()).toMatch(
    /^The live connection is lost and being restored. Last update \d+s ago.$/,
  );
  expect(screen.getByRole('status').textContent).toBe('Disconnected');
});

it('says that there is no network, and does not call that live', async () => {
  const channel = await opened(20);
  act(() => channel?.say('SUBSCRIBED'));
  screen.getByText('Live');
  goOnline(false);
  expect(banner()).toMatch(/^You are offline. This picture is \d+s old.$/);
  screen.getByText('Offline');
  goOnline(true);
  expect(banner()).toBeUndefined();
});
