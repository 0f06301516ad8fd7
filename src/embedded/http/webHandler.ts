import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { BodyTooLarge, cappedBody, declaresTooMuch, drain, MAX_BODY_BYTES } from './cappedBody.ts';
import type { Handler } from './origin.ts';
import { refuse } from './refuse.ts';

/** Answers a web-standard request; `peerAddress` is the other end of the socket. */
export type Fetch = (request: Request, peerAddress: string | null) => Promise<Response>;

const headersOf = (request: IncomingMessage): Headers => {
  const headers = new Headers();
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2)
    headers.append(String(request.rawHeaders[i]), String(request.rawHeaders[i + 1]));
  return headers;
};

const toWebRequest = (request: IncomingMessage, body: Readable, signal: AbortSignal): Request => {
  const method = request.method ?? 'GET';
  const bodiless = method === 'GET' || method === 'HEAD';
  return new Request(`http://127.0.0.1:${request.socket.localPort}${request.url}`, {
    method,
    headers: headersOf(request),
    signal,
    ...(!bodiless && { body: Readable.toWeb(body) as RequestInit['body'], duplex: 'half' }),
  } as RequestInit);
};

const send = async (answer: Response, response: ServerResponse): Promise<void> => {
  response.writeHead(answer.status, [...answer.headers].flat());
  if (answer.body === null) response.end();
  else await pipeline(Readable.fromWeb(answer.body as ReadableStream), response);
};

const tooLarge = (response: ServerResponse): void =>
  refuse(response, 413, 'too_large', new BodyTooLarge(MAX_BODY_BYTES).message);

/** Serves a web-standard handler from Node's server, streaming both ways, bodies capped. */
export const webHandler =
  (handle: Fetch): Handler =>
  async (request, response) => {
    if (declaresTooMuch(request, MAX_BODY_BYTES)) return tooLarge(response);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const body = cappedBody(request, MAX_BODY_BYTES);
    let overflown = false;
    body.once('error', (error) => {
      overflown = error instanceof BodyTooLarge;
    });
    try {
      const web = toWebRequest(request, body, gone.signal);
      const answer = await handle(web, request.socket.remoteAddress ?? null);
      // A body cut short by the cap reads as a broken one: say what was wrong with it.
      if (overflown) tooLarge(response);
      else await send(answer, response);
    } finally {
      drain(request);
    }
  };
