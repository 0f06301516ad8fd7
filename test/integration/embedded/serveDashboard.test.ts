import { once } from 'node:events';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Origin, startOrigin } from '../../../src/embedded/http/origin.ts';
import { serveDashboard } from '../../../src/embedded/http/serveDashboard.ts';

const SCRIPT = `console.log('${'figures '.repeat(100)}');`;

/** As it stands in the request line: fetch would resolve dots and choose its own headers. */
const raw = async (origin: Origin, path: string, headers: Record<string, string> = {}) => {
  const { hostname, port } = new URL(origin.url);
  const [response] = (await once(get({ hostname, port, path, headers }), 'response')) as [
    IncomingMessage,
  ];
  return { status: response.statusCode, body: await text(response) };
};

describe('serveDashboard', () => {
  let root: string;
  let dist: string;
  let origin: Origin;
  const built = async (page: string, seconds: number) => {
    await writeFile(join(dist, 'index.html'), page);
    await utimes(join(dist, 'index.html'), seconds, seconds);
  };
  const load = (path: string, init?: RequestInit) => fetch(`${origin.url}${path}`, init);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'site-'));
    dist = join(root, 'dist');
    await mkdir(join(dist, 'assets'), { recursive: true });
    await writeFile(join(root, 'secret.txt'), 'secret');
    await writeFile(join(dist, 'favicon.svg'), '<svg/>');
    await writeFile(join(dist, 'assets', 'index-Cq0mVoGy.js'), SCRIPT);
    origin = await startOrigin({ port: 0, log: () => undefined });
    origin.mount('', serveDashboard(dist, 'sb_publishable_x'));
  });
  afterEach(async () => {
    await origin.close();
    await rm(root, { recursive: true, force: true });
  });

  it('serves the page, guarded, and asks to be asked again', async () => {
    await built('<!doctype html>', 1);
    const answer = await load('/');
    expect([answer.status, await answer.text()]).toEqual([200, '<!doctype html>']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'self'"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    const etag = answer.headers.get('etag') ?? '';
    expect((await load('/index.html', { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  it('serves what has a hash in its name for good, compressed where that is understood', async () => {
    await built('page', 1);
    const packed = await load('/assets/index-Cq0mVoGy.js');
    expect(Object.fromEntries(packed.headers)).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'gzip',
    });
    expect(await packed.text()).toBe(SCRIPT);
    expect(Number(packed.headers.get('content-length'))).toBeLessThan(SCRIPT.length / 2);
    expect((await raw(origin, '/assets/index-Cq0mVoGy.js')).body).toBe(SCRIPT);
    const icon = await load('/favicon.svg', { method: 'HEAD' });
    expect([icon.headers.get('content-type'), await icon.text()]).toEqual(['image/svg+xml', '']);
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '//secret.txt',
    '/assets',
    '/nothing',
  ])('serves nothing at %s', async (path) => {
    await built('page', 1);
    expect((await raw(origin, path)).status).toBe(404);
  });

  it('serves nothing but GET and HEAD', async () => {
    await built('page', 1);
    expect((await load('/', { method: 'POST', body: 'x' })).status).toBe(405);
  });

  it('says how to build it, and serves it as soon as it is built, and built again', async () => {
    const missing = await load('/');
    expect([missing.status, await missing.text()]).toEqual([
      503,
      expect.stringContaining('npm run dashboard:build'),
    ]);
    await built('first', 1);
    expect(await (await load('/')).text()).toBe('first');
    await built('second', 2);
    expect(await (await load('/')).text()).toBe('second');
    await rm(join(dist, 'index.html'));
    expect(await (await load('/')).text()).toBe('second');
  });

  it('tells the page where its Supabase is, as the browser sees it', async () => {
    const answer = await load('/config.json');
    expect([answer.headers.get('cache-control'), await answer.json()]).toEqual([
      'no-store',
      { supabaseUrl: origin.url, publishableKey: 'sb_publishable_x' },
    ]);
    const proxied = { host: 'shop.example', 'x-forwarded-proto': 'https' };
    expect(JSON.parse((await raw(origin, '/config.json', proxied)).body)).toMatchObject({
      supabaseUrl: 'https://shop.example',
    });
    expect((await raw(origin, '/config.json', { host: 'a/b"c' })).status).toBe(400);
  });
});
