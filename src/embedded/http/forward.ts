import { Agent, type IncomingMessage, request as open, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { BodyTooLarge, cappedBody, declaresTooMuch, drain, MAX_BODY_BYTES } from './cappedBody.ts';
import { type Handler, resolvedUrl } from './origin.ts';
import { refuse } from './refuse.ts';

const RETRY_AFTER_SECONDS = 1;

const unavailable = (response: ServerResponse): void =>
  refuse(
    response,
    503,
    'function_unavailable',
    'the function is being restarted',
    RETRY_AFTER_SECONDS,
  );

const tooLarge = (response: ServerResponse): void =>
  refuse(response, 413, 'too_large', new BodyTooLarge(MAX_BODY_BYTES).message);

const withoutHopByHop = ({ connection, ...headers }: IncomingMessage['headers']) => headers;

const exchange = (
  target: URL,
  agent: Agent,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const { method } = request;
    const { hostname, port } = target;
    const headers = withoutHopByHop(request.headers);
    // Host and path apart: a path that is written like a URL names no other host.
    const upstream = open({ hostname, port, path, agent, method, headers });
    // Who asked has gone: the function need not go on.
    response.once('close', () => upstream.destroy());
    upstream.once('error', reject);
    upstream.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, withoutHopByHop(answer.headers));
      pipeline(answer, response).then(resolve, reject);
    });
    pipeline(cappedBody(request, MAX_BODY_BYTES), upstream).catch(reject);
  });

/**
 * Streams requests below `prefix` to `address()`, which sees their paths without it.
 * While there is no address, or the other side breaks off: 503 with Retry-After.
 */
export const forward = (prefix: string, address: () => URL | undefined): Handler => {
  const agent = new Agent({ keepAlive: true });
  return async (request, response) => {
    const target = address();
    if (target === undefined) return unavailable(response);
    if (declaresTooMuch(request, MAX_BODY_BYTES)) return tooLarge(response);
    const { pathname = '', search = '' } = resolvedUrl(request) ?? {};
    const path = `${pathname.slice(prefix.length)}${search}`;
    try {
      await exchange(target, agent, path, request, response);
    } catch (error) {
      if (error instanceof BodyTooLarge) tooLarge(response);
      else unavailable(response);
    } finally {
      drain(request);
    }
  };
};
