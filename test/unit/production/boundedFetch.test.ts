import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { firstValueFrom } from 'rxjs';
import { adminApi } from '../../../src/production/adminApi.ts';
import { boundedFetch } from '../../../src/production/boundedFetch.ts';
import { lookUpDirectory } from '../../../src/production/supabase.ts';

/** 64 MB of spaces in 64 kB. */
const BOMB = gzipSync(Buffer.alloc(64_000_000, ' '));

let server: Server | undefined;

const serve = async (listener: RequestListener): Promise<string> => {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const bomb =
  (status: number): RequestListener =>
  (_request, response) =>
    response
      .writeHead(status, { 'content-encoding': 'gzip', 'content-type': 'application/json' })
      .end(BOMB);
const accessTo = (url: string) => ({ url, key: 'k', ingestToken: 't', timeoutMs: 10_000 });

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

it('passes an answer of the largest size on, with its status and headers', async () => {
  const url = await serve((_request, response) =>
    response.writeHead(418, { 'x-who': 'teapot' }).end('12345'),
  );
  const answer = await boundedFetch(5)(url);
  expect([answer.status, answer.headers.get('x-who')]).toEqual([418, 'teapot']);
  expect(await answer.text()).toBe('12345');
});

it('errors at the first byte too many, whether or not the length is declared', async () => {
  const url = await serve(({ url: path }, response) =>
    path === '/declared' ? response.end('123456') : void response.write('123456'),
  );
  for (const path of ['/declared', '/open'])
    await expect(boundedFetch(5)(url + path).then((a) => a.text())).rejects.toThrow(
      'larger than 5 bytes',
    );
});

it('counts bytes behind decompression', async () => {
  const url = await serve(bomb(200));
  await expect(boundedFetch()(url).then((answer) => answer.text())).rejects.toThrow('larger than');
});

it.each([200, 500])(
  'survives a receiver that answers %i with a decompression bomb',
  async (status) => {
    const url = await serve(bomb(status));
    await expect(firstValueFrom(lookUpDirectory(accessTo(url)))).rejects.toMatchObject({
      _tag: 'Transient',
    });
    await expect(adminApi(url, 'secret').stores()).rejects.toThrow();
  },
);

it('tells an answer that is no JSON from no answer', async () => {
  const url = await serve((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('<html>Sign in'),
  );
  await expect(firstValueFrom(lookUpDirectory(accessTo(url)))).rejects.toMatchObject({
    reason: expect.stringContaining('is not the function'),
  });
});
