import { jest } from '@jest/globals';
import { createClient } from '@supabase/supabase-js';
import WebSocket from 'ws';
import { openLiveChannel } from '../../../dashboard/src/hooks/live/liveChannel.ts';
import { startOrigin } from '../../../src/embedded/http/origin.ts';
import { startFaultProxy } from '../../support/faultProxy.ts';
import { eventually } from '../embedded/eventually.ts';
import { openRelay } from './openRelay.ts';

/** A dashboard whose line to the server can die without a word. */
const openDashboard = async () => {
  const origin = await startOrigin({ port: 0, log: () => undefined });
  const { relay, say } = await openRelay(origin.server);
  const line = await startFaultProxy(Number(new URL(origin.url).port));
  const client = createClient(`http://127.0.0.1:${line.port}`, 'public', {
    realtime: { transport: WebSocket as never },
    auth: { persistSession: false },
  });
  const seen: unknown[] = [];
  const live = openLiveChannel(client as never, '1', {
    onSubscribed: () => seen.push('subscribed'),
    onLost: () => seen.push('lost'),
    onDoubt: () => seen.push('in doubt'),
    onMessage: (_event, payload) => seen.push(payload),
  });
  const close = async () => {
    live.close();
    await client.realtime.disconnect();
    await line.close();
    await relay.close();
    await origin.close();
  };
  const sees = (what: string) =>
    eventually(what, async () => (seen.at(-1) === what ? true : undefined));
  return { live, line, say, seen, sees, close };
};

afterEach(() => {
  jest.restoreAllMocks();
});

it('comes back over another socket after a sleep in which its own has died', async () => {
  const { live, line, say, seen, sees, close } = await openDashboard();
  await sees('subscribed');
  say('before');
  await sees('before');
  line.abandon();
  const awake = Date.now;
  jest.spyOn(Date, 'now').mockImplementation(() => awake() + 3_600_000);
  live.wake();
  live.wake();
  await sees('subscribed');
  say('after');
  await sees('after');
  expect(seen).toEqual(['subscribed', 'before', 'in doubt', 'subscribed', 'after']);
  await close();
});
