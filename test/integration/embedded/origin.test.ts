import { once } from 'node:events';
import { createServer, get, type RequestListener, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { MAX_BODY_BYTES } from '../../../src/embedded/http/cappedBody.ts';
import { forward } from '../../../src/embedded/http/forward.ts';
import { listenOnLoopback } from '../../../src/embedded/http/listen.ts';
import { type Origin, startOrigin } from '../../../src/embedded/http/origin.ts';
import { webHandler } from '../../../src/embedded/http/webHandler.ts';

const TOO_MUCH = 'x'.repeat(MAX_BODY_BYTES + 1);

/** A body whose length nobody declares. */
const inChunks = (whole: string): ReadableStream<Uint8Array> =>
  new Blob([whole]).stream() as ReadableStream<Uint8Array>;

describe('startOrigin', () => {
  let origin: Origin;
  let upstream: Server | undefined;
  const failures: unknown[] = [];

  const serveUpstream = async (listener: RequestListener): Promise<URL> => {
    upstream = createServer(listener);
    return new URL(`http://127.0.0.1:${await listenOnLoopback(upstream, 0)}`);
  };
  const post = (path: string, body: RequestInit['body']) =>
    fetch(`${origin.url}${path}`, {
      method: 'POST',
      body: body ?? null,
      duplex: 'half',
    } as RequestInit);

  beforeEach(async () => {
    failures.length = 0;
    origin = await startOrigin({ port: 0, log: (event) => failures.push(event) });
  });
  afterEach(async () => {
    await origin.close();
    upstream?.closeAllConnections();
    upstream?.close();
    upstream = undefined;
  });

  it('serves nothing where nothing is mounted, a longer name included', async () => {
    origin.mount(
      '/rest/v1',
      webHandler(async () => new Response('rows')),
    );
    expect((await fetch(`${origin.url}/`)).status).toBe(404);
    expect((await fetch(`${origin.url}/rest/v10`)).status).toBe(404);
    expect(await (await fetch(`${origin.url}/rest/v1?select=id`)).text()).toBe('rows');
  });

  it('listens where it is told to, and nowhere else by itself', async () => {
    expect(origin.server.address()).toMatchObject({ address: '127.0.0.1' });
    const open = await startOrigin({ port: 0, host: '0.0.0.0', log: () => undefined });
    expect(open.server.address()).toMatchObject({ address: '0.0.0.0' });
    expect((await fetch(open.url)).status).toBe(404);
    await open.close();
    const foreign = startOrigin({ port: 0, host: '192.0.2.1', log: () => undefined });
    await expect(foreign).rejects.toThrow('EADDRNOTAVAIL');
  });

  it('hands requests to a web-standard handler as they are', async () => {
    origin.mount(
      '/rest/v1',
      webHandler(async (request, peerAddress) =>
        Response.json(
          {
            path: request.url.slice(request.url.indexOf('/rest')),
            method: request.method,
            key: request.headers.get('apikey'),
            body: await request.text(),
            peerAddress,
          },
          { status: 201, headers: { 'content-range': '0-0/1' } },
        ),
      ),
    );
    const answer = await fetch(`${origin.url}/rest/v1/visits?a=1&a=2`, {
      method: 'PATCH',
      headers: { apikey: 'sb_publishable_x' },
      body: '방문',
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-range')).toBe('0-0/1');
    expect(await answer.json()).toEqual({
      path: '/rest/v1/visits?a=1&a=2',
      method: 'PATCH',
      key: 'sb_publishable_x',
      body: '방문',
      peerAddress: '127.0.0.1',
    });
  });

  it('sends the beginning of an answer before its end is there', async () => {
    let finish = (): void => undefined;
    const parts = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(Buffer.from('first '));
        finish = () => {
          controller.enqueue(Buffer.from('last'));
          controller.close();
        };
      },
    });
    origin.mount(
      '/rest/v1',
      webHandler(async () => new Response(parts)),
    );
    const reader = (await fetch(`${origin.url}/rest/v1`)).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('first ');
    finish();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('last');
  });

  it.each([
    ['declared', TOO_MUCH],
    ['undeclared', undefined],
  ])('refuses a body of more than the cap, its length %s', async (_how, body) => {
    const read = (request: Request) => request.text().then(() => new Response('read'));
    origin.mount(
      '/rest/v1',
      webHandler((request) => read(request).catch(() => new Response('?'))),
    );
    const target = await serveUpstream(async (request, response) => {
      response.end(await text(request).catch(() => ''));
    });
    origin.mount(
      '/functions/v1/f',
      forward('/functions/v1', () => target),
    );
    for (const path of ['/rest/v1/t', '/functions/v1/f']) {
      const answer = await post(path, body ?? inChunks(TOO_MUCH));
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({ error: { code: 'too_large', retryable: false } });
    }
    expect((await post('/rest/v1/t', TOO_MUCH.slice(1))).status).toBe(200);
  });

  it('forwards to the function, which sees the path without the prefix', async () => {
    const target = await serveUpstream(async (request, response) => {
      response.writeHead(422, { 'x-region': 'here' });
      response.end(`${request.method} ${request.url} ${await text(request)}`);
    });
    origin.mount(
      '/functions/v1/f',
      forward('/functions/v1', () => target),
    );
    const answer = await post('/functions/v1/f?x=1', 'batch');
    expect([answer.status, answer.headers.get('x-region')]).toEqual([422, 'here']);
    expect(await answer.text()).toBe('POST /f?x=1 batch');
  });

  it('forwards to no other host that a path names', async () => {
    const asked: string[] = [];
    const other = createServer((request, response) => {
      asked.push(`${request.url}`);
      response.end();
    });
    const port = await listenOnLoopback(other, 0);
    const target = await serveUpstream((request, response) => response.end(request.url));
    origin.mount(
      '/functions/v1/f',
      forward('/functions/v1', () => target),
    );
    const path = `/aaaaaaaaaaaa//127.0.0.1:${port}/../../../functions/v1/f?x=1`;
    const [answer] = await once(get(origin.url, { path }), 'response');
    expect(await text(answer)).toBe('/f?x=1');
    expect(asked).toEqual([]);
    other.close();
  });

  it.each([
    ['is away', undefined],
    ['hangs up', (request) => request.socket.destroy()],
  ] satisfies ReadonlyArray<[string, RequestListener | undefined]>)(
    'says that a function which %s can be asked again',
    async (_how, listener) => {
      const target = listener && (await serveUpstream(listener));
      origin.mount(
        '/functions/v1/f',
        forward('/functions/v1', () => target),
      );
      const answer = await post('/functions/v1/f', 'batch');
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(await answer.json()).toMatchObject({ error: { retryable: true } });
    },
  );

  it('survives a handler that fails, and says so', async () => {
    origin.mount('/rest/v1', () => Promise.reject(new Error('out of order')));
    expect((await fetch(`${origin.url}/rest/v1`)).status).toBe(500);
    expect(failures).toMatchObject([{ event: 'request failed', reason: 'out of order' }]);
  });
});
