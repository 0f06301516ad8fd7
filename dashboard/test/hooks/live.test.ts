import { jest } from '@jest/globals';
import { createLiveStore } from '../../src/hooks/live/liveStore.ts';
import { fakeClient } from './fakeClient.ts';

const STORE = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02';
const AT = '2026-03-02T03:00:05Z';

const settle = () => jest.advanceTimersByTimeAsync(0);

const opened = async () => {
  const fake = fakeClient();
  const live = createLiveStore(fake.client, STORE);
  let news = 0;
  live.onNews(() => {
    news += 1;
  });
  live.open();
  await settle();
  return { ...fake, live, news: () => news, last: () => fake.channels.at(-1) };
};

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

it('joins the private channel of the store with the session’s token, and refreshes then', async () => {
  const { live, last, tokens, news } = await opened();
  expect(tokens()).toBe(1);
  expect(last()).toMatchObject({
    topic: `store:${STORE}:live`,
    options: { config: { private: true } },
  });
  expect(live.read().connection).toBe('connecting');
  last()?.say('SUBSCRIBED');
  expect(live.read().connection).toBe('live');
  expect(news()).toBe(1);
  live.close();
});

it.each(['CLOSED', 'CHANNEL_ERROR', 'TIMED_OUT'])(
  'joins again after %s, with the token of then, later and later',
  async (end) => {
    const { live, channels, last, tokens, news, removed } = await opened();
    last()?.say('SUBSCRIBED');
    last()?.say(end);
    expect(live.read().connection).toBe('lost');
    expect(removed).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(channels).toHaveLength(2);
    expect(tokens()).toBe(2);
    for (let attempt = 0; attempt < 6; attempt += 1) {
      last()?.say(end);
      await jest.advanceTimersByTimeAsync(30_000);
    }
    expect(channels).toHaveLength(8);
    last()?.say(end);
    await jest.advanceTimersByTimeAsync(14_000);
    expect(channels).toHaveLength(8);
    await jest.advanceTimersByTimeAsync(16_000);
    last()?.say('SUBSCRIBED');
    expect(live.read().connection).toBe('live');
    expect(news()).toBe(2);
    live.close();
  },
);

it('takes no notice of a channel that it has left', async () => {
  const { live, channels, last } = await opened();
  last()?.say('CLOSED');
  await jest.advanceTimersByTimeAsync(1_000);
  channels[0]?.say('SUBSCRIBED');
  expect(live.read().connection).toBe('lost');
  live.close();
});

it('keeps what is said of the people, and of news', async () => {
  const { live, last, news } = await opened();
  last()?.say('SUBSCRIBED');
  const count = (at: string, a: number, b: number) =>
    last()?.broadcast('occupancy', {
      at,
      visitors: a + b,
      zones: [
        { zone_id: 'a', visitors: a },
        { zone_id: 'b', visitors: b },
      ],
    });
  count(AT, 3, 1);
  expect(live.read()).toMatchObject({
    occupancy: { total: 4, zones: { a: 3, b: 1 } },
    changes: [],
  });
  count('2026-03-02T03:00:10Z', 2, 2);
  expect(live.read().points.map(({ total }) => total)).toEqual([4, 4]);
  expect(live.read().changes.map(({ zoneId, by }) => [zoneId, by])).toEqual([
    ['a', -1],
    ['b', 1],
  ]);
  last()?.broadcast('occupancy', { at: 'nonsense', zones: [] });
  expect(live.read().points).toHaveLength(2);
  expect(news()).toBe(1);
  last()?.broadcast('batch_ingested', {});
  expect(news()).toBe(2);
  live.close();
});

it('knows when the count came, of which no other message says anything', async () => {
  const { live, last } = await opened();
  last()?.say('SUBSCRIBED');
  const startedAt = Date.now();
  const saidAt = () => {
    const { heardAt, countedAt, storedAt } = live.read();
    return [heardAt, countedAt, storedAt].map((at) => at && at - startedAt);
  };
  last()?.broadcast('batch_ingested', {});
  expect(saidAt()).toEqual([0, undefined, 0]);
  jest.advanceTimersByTime(1_000);
  last()?.broadcast('occupancy', { at: AT, zones: [] });
  expect(saidAt()).toEqual([1_000, 1_000, 0]);
  jest.advanceTimersByTime(1_000);
  last()?.broadcast('occupancy', { at: 'nonsense', zones: [] });
  expect(saidAt()).toEqual([2_000, 1_000, 0]);
  jest.advanceTimersByTime(1_000);
  last()?.broadcast('batch_ingested', {});
  expect(saidAt()).toEqual([3_000, 1_000, 3_000]);
  live.close();
});

it('joins at once when the page is looked at again and the channel has been silent', async () => {
  const { live, channels, last, disconnects } = await opened();
  last()?.say('SUBSCRIBED');
  document.dispatchEvent(new Event('visibilitychange'));
  await settle();
  expect(channels).toHaveLength(1);
  // As after a laptop's sleep: the clock went on, no timer did, and nobody said a word.
  jest.setSystemTime(Date.now() + 3_600_000);
  document.dispatchEvent(new Event('visibilitychange'));
  expect(live.read().connection).toBe('connecting');
  window.dispatchEvent(new Event('online'));
  await settle();
  expect(channels).toHaveLength(2);
  expect(disconnects()).toBe(1);
  last()?.say('SUBSCRIBED');
  expect(live.read().connection).toBe('live');
  last()?.say('CLOSED');
  window.dispatchEvent(new Event('online'));
  await settle();
  expect(channels).toHaveLength(3);
  expect(disconnects()).toBe(1);
  live.close();
});

it('joins at once also where its socket cannot be closed', async () => {
  const { live, client, channels, last } = await opened();
  last()?.say('SUBSCRIBED');
  client.realtime.disconnect = () => Promise.reject(new Error('not now'));
  jest.setSystemTime(Date.now() + 3_600_000);
  document.dispatchEvent(new Event('visibilitychange'));
  await settle();
  expect(channels).toHaveLength(2);
  live.close();
});

it('does nothing more once it is closed', async () => {
  const { live, channels, last, removed } = await opened();
  last()?.say('SUBSCRIBED');
  live.close();
  expect(removed).toHaveLength(1);
  window.dispatchEvent(new Event('online'));
  await jest.advanceTimersByTimeAsync(60_000);
  expect(channels).toHaveLength(1);
});
