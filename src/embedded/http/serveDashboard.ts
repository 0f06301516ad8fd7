import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Handler, pathOf } from './origin.ts';
import { refuse } from './refuse.ts';
import { openSite, type SiteFile } from './siteFiles.ts';

const GUARDS = {
  'content-security-policy': [
    "default-src 'none'",
    ...["script-src 'self'", "style-src 'self'", "font-src 'self'", "manifest-src 'self'"],
    ...["img-src 'self' data:", "connect-src 'self'", "form-action 'self'"],
    ...["base-uri 'none'", "frame-ancestors 'none'"],
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const MISSING = `<!doctype html><meta charset="utf-8"><title>NeuralSense</title>
<p>The dashboard is not built yet. Run <code>npm run dashboard:build</code> and load this page again.</p>
`;

const HOST = /^[\w.-]+(:\d+)?$|^\[[\da-fA-F:]+\](:\d+)?$/;

/** Where the asking browser sees this origin: behind a proxy that is another place than here. */
const originSeenBy = ({ headers }: IncomingMessage): string | undefined => {
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  return HOST.test(headers.host ?? '') ? `${scheme}://${headers.host}` : undefined;
};

const sendConfig = (request: IncomingMessage, response: ServerResponse, publishableKey: string) => {
  const supabaseUrl = originSeenBy(request);
  if (supabaseUrl === undefined) return refuse(response, 400, 'bad_host', 'no such host');
  response.writeHead(200, {
    ...GUARDS,
    'content-type': 'application/json',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify({ supabaseUrl, publishableKey }));
};

const sendFile = (request: IncomingMessage, response: ServerResponse, file: SiteFile): void => {
  const headers = {
    ...GUARDS,
    'content-type': file.type,
    'cache-control': file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.etag,
    vary: 'accept-encoding',
  };
  if (request.headers['if-none-match']?.includes(file.etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const asked = String(request.headers['accept-encoding'] ?? '');
  const packed = /\bgzip\b/.test(asked) ? file.gzipped : undefined;
  const body = packed ?? file.body;
  response.writeHead(200, {
    ...headers,
    ...(packed && { 'content-encoding': 'gzip' }),
    'content-length': body.length,
  });
  // To HEAD, Node sends the headers alone.
  response.end(body);
};

/**
 * The built page in `dir` and, beside it, config.json, which tells it where its Supabase is. Its
 * routes are behind the #, so a path that names no file is a mistake and gets 404.
 */
export const serveDashboard = (dir: string, publishableKey: string): Handler => {
  const currentSite = openSite(dir);
  return async (request, response) => {
    const pathname = pathOf(request);
    const path = pathname === '/' ? '/index.html' : pathname;
    const site = await currentSite();
    const file = site?.get(path);
    if (
      file === undefined &&
      path !== '/config.json' &&
      (site !== undefined || path !== '/index.html')
    )
      return refuse(response, 404, 'not_found', 'nothing is served here');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, 'method_not_allowed', 'GET or HEAD');
    if (path === '/config.json') return sendConfig(request, response, publishableKey);
    if (file !== undefined) return sendFile(request, response, file);
    response.writeHead(503, { ...GUARDS, 'content-type': 'text/html; charset=utf-8' });
    response.end(MISSING);
  };
};
