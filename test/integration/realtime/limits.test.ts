import { once } from 'node:events';
import WebSocket from 'ws';
import { type Origin, startOrigin } from '../../../src/embedded/http/origin.ts';
import type { Limits, Relay } from '../../../src/embedded/realtime/relay.ts';
import { eventually } from '../embedded/eventually.ts';
import { openRelay } from './openRelay.ts';

const TOPIC = 'realtime:store:1:live';
const PRIVATE = { config: { private: true } };

describe('startRelay', () => {
  let origin: Origin;
  let relay: Relay | undefined;
  let say: (payload: unknown) => void;
  const open = async (limits: Partial<Limits> = {}) => {
    ({ relay, say } = await openRelay(origin.server, limits));
  };
  const knock = (
    query = 'apikey=public&vsn=2.0.0',
    headers = {},
    path = '/realtime/v1/websocket',
  ) => new WebSocket(`${origin.url.replace('http', 'ws')}${path}?${query}`, { headers });
  const statusOf = async (...request: Parameters<typeof knock>) => {
    const socket = knock(...request);
    return new Promise((resolve) => {
      socket.once('open', () => {
        socket.terminate();
        resolve('open');
      });
      socket.once('unexpected-response', (_request, { statusCode }) => resolve(statusCode));
      socket.on('error', () => undefined);
    });
  };
  const enter = async (query?: string): Promise<WebSocket> => {
    const socket = knock(query);
    await once(socket, 'open');
    return socket;
  };
  const next = async (socket: WebSocket): Promise<unknown> => {
    const [data] = await once(socket, 'message');
    return JSON.parse(String(data));
  };
  const join = async (socket: WebSocket): Promise<void> => {
    socket.send(JSON.stringify(['1', '1', TOPIC, 'phx_join', PRIVATE]));
    const ok = { status: 'ok', response: { postgres_changes: [] } };
    expect(await next(socket)).toEqual(['1', '1', TOPIC, 'phx_reply', ok]);
  };
  const ends = (socket: WebSocket) => once(socket, 'close').then(([code]) => code);

  beforeEach(async () => {
    origin = await startOrigin({ port: 0, log: () => undefined });
  });
  afterEach(async () => {
    await relay?.close();
    await origin.close();
  });

  it('lets in whoever has a key of the project, at the one path, in a known dialect', async () => {
    await open();
    expect([
      await statusOf(),
      await statusOf('apikey=secret'),
      await statusOf('vsn=2.0.0', { apikey: 'public' }),
      await statusOf('apikey=other&vsn=2.0.0'),
      await statusOf('apikey=public&vsn=3.0.0'),
      await statusOf('apikey=public', {}, '/realtime/v1/other'),
    ]).toEqual(['open', 'open', 'open', 401, 400, 404]);
  });

  it('lets in pages of its own origin and of this machine, and no other page', async () => {
    await open();
    const from = (page: string) => statusOf('apikey=public', { origin: page });
    expect([
      await from(origin.url),
      await from('http://localhost:5173'),
      await from('https://evil.example'),
      await from('https://127.0.0.1.evil.example'),
      await from('null'),
    ]).toEqual(['open', 'open', 403, 403, 403]);
    const proxied = { origin: 'https://shop.example', host: 'shop.example' };
    expect(await statusOf('apikey=public', proxied)).toBe('open');
  });

  it('speaks both dialects', async () => {
    await open();
    const [now, before] = [await enter(), await enter('apikey=public&vsn=1.0.0')];
    await join(now);
    const frame = { topic: TOPIC, event: 'phx_join', payload: PRIVATE, ref: '7', join_ref: '7' };
    before.send(JSON.stringify(frame));
    expect(await next(before)).toMatchObject({ event: 'phx_reply', ref: '7', join_ref: '7' });
    const said = { type: 'broadcast', event: 'said', payload: { a: 1 }, meta: { id: '1' } };
    const heard = Promise.all([next(now), next(before)]);
    say({ a: 1 });
    expect(await heard).toEqual([
      [null, null, TOPIC, 'broadcast', said],
      { topic: TOPIC, event: 'broadcast', payload: said, ref: null, join_ref: null },
    ]);
    now.send(JSON.stringify([null, '8', 'phoenix', 'heartbeat', {}]));
    const ok = { status: 'ok', response: {} };
    expect(await next(now)).toEqual([null, '8', 'phoenix', 'phx_reply', ok]);
  });

  it('refuses one client too many, and takes the next when one has gone', async () => {
    await open({ connections: 2 });
    const [first] = [await enter(), await enter()];
    expect(await statusOf()).toBe(503);
    first?.close();
    await eventually('a free place', async () => relay?.connections() === 1 || undefined);
    expect(await statusOf()).toBe('open');
  });

  it.each([
    ['sends too much at once', { frameBytes: 100 }, (to: WebSocket) => to.send('x'.repeat(101))],
    ['speaks no frames', {}, (to: WebSocket) => to.send('{"hello":1}')],
    ['sends bytes that mean nothing', {}, (to: WebSocket) => to.send(Buffer.from([9, 9]))],
    [
      'sends faster than it is answered',
      { waiting: 10 },
      (to: WebSocket) => {
        for (let i = 0; i < 50; i += 1)
          to.send(JSON.stringify(['1', '1', TOPIC, 'phx_join', PRIVATE]));
      },
    ],
    ['is silent', { silentMs: 100 }, () => undefined],
  ])('drops who %s', async (_what, limits, misbehave) => {
    await open(limits);
    const socket = await enter();
    const ended = ends(socket);
    misbehave(socket);
    await ended;
    await eventually('its end', async () => relay?.connections() === 0 || undefined);
  });

  it('drops who does not read, and keeps who does', async () => {
    await open({ bufferedBytes: 1_000_000 });
    const [reader, sleeper] = [await enter(), await enter()];
    await join(reader);
    await join(sleeper);
    sleeper.pause();
    for (let i = 0; i < 200 && relay?.connections() === 2; i += 1) {
      const heard = next(reader);
      say('x'.repeat(500_000));
      await heard;
    }
    expect(relay?.connections()).toBe(1);
    sleeper.terminate();
  });

  it('gives no client more than fifty channels', async () => {
    await open();
    const socket = await enter();
    const replies: string[] = [];
    socket.on('message', (data) => replies.push(String(data)));
    for (let i = 0; i < 51; i += 1)
      socket.send(JSON.stringify(['1', String(i), `realtime:${i}`, 'phx_join', PRIVATE]));
    await eventually('all replies', async () => replies.length === 51 || undefined);
    expect(replies.filter((reply) => reply.includes('"ok"'))).toHaveLength(50);
    expect(replies.at(-1)).toContain('ChannelRateLimitReached');
  });

  it('sends everybody away when it closes, to come again', async () => {
    await open();
    const socket = await enter();
    const ended = ends(socket);
    await relay?.close();
    expect(await ended).toBe(1001);
    expect(await statusOf()).toBe(404);
  });
});
