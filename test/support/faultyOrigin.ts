import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of one upload. `cut` lets it arrive, but breaks the answer off in the middle. */
export type Fault =
  | { readonly _tag: 'Pass' }
  | { readonly _tag: 'Answer'; readonly status: number; readonly headers?: Record<string, string> }
  | { readonly _tag: 'Hang' }
  | { readonly _tag: 'Cut' };

export const pass: Fault = { _tag: 'Pass' };
export const hang: Fault = { _tag: 'Hang' };
export const cut: Fault = { _tag: 'Cut' };
export const answer = (status: number, headers: Record<string, string> = {}): Fault => ({
  _tag: 'Answer',
  status,
  headers,
});

/** An upload as it came in. */
export interface Posted {
  /** Unix ms. */
  readonly at: number;
  readonly batchId: string;
  /** What the real function answered; undefined where it was not asked. */
  readonly answer: { readonly status: number; readonly duplicate?: boolean } | undefined;
}

/** A Supabase project behind a bad line. */
export interface FaultyOrigin {
  readonly url: string;
  readonly posted: ReadonlyArray<Posted>;
  /** The next uploads meet these, in order; then all meet the last one. */
  readonly will: (...faults: ReadonlyArray<Fault>) => void;
  /** Nobody listens any more; open connections are cut. */
  readonly goDown: () => Promise<void>;
  /** Again on the same port. */
  readonly comeUp: () => Promise<void>;
}

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const passOn = async (to: string, request: IncomingMessage, body: Buffer) => {
  const headers = new Headers();
  for (const name of ['apikey', 'authorization', 'content-type', 'x-ingest-token']) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  const method = request.method ?? 'GET';
  const response = await fetch(`${to}${request.url}`, {
    method,
    headers,
    ...(method === 'POST' && { body: new Uint8Array(body) }),
  });
  return { status: response.status, text: await response.text() };
};

const JSON_TYPE = { 'content-type': 'application/json' };

/** Passes requests on to the Supabase project at `to`, except for the faults that uploads meet. */
export const startFaultyOrigin = async (to: string): Promise<FaultyOrigin> => {
  const posted: Posted[] = [];
  let faults: ReadonlyArray<Fault> = [pass];

  const nextFault = (): Fault => {
    const [fault = pass, ...rest] = faults;
    if (rest.length > 0) faults = rest;
    return fault;
  };
  const misbehave = async (request: IncomingMessage, response: ServerResponse, body: Buffer) => {
    const at = Date.now();
    const batchId = String(JSON.parse(String(body)).batch_id);
    const fault = nextFault();
    if (fault._tag === 'Hang' || fault._tag === 'Answer') {
      posted.push({ at, batchId, answer: undefined });
      if (fault._tag === 'Answer') response.writeHead(fault.status, fault.headers).end('not well');
      return;
    }
    const { status, text } = await passOn(to, request, body);
    posted.push({ at, batchId, answer: { status, duplicate: JSON.parse(text).duplicate } });
    if (fault._tag === 'Pass') response.writeHead(status, JSON_TYPE).end(text);
    else {
      response.writeHead(status, { ...JSON_TYPE, 'content-length': text.length });
      response.write(text.slice(0, text.length / 2), () => response.destroy());
    }
  };
  const server = createServer((request, response) => {
    const serve = async () => {
      const body = await bodyOf(request);
      if (request.method === 'POST') return misbehave(request, response, body);
      const { status, text } = await passOn(to, request, body);
      return response.writeHead(status, JSON_TYPE).end(text);
    };
    serve().catch(() => response.destroy());
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    posted,
    will: (...next) => {
      faults = next;
    },
    goDown: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    comeUp: () => listen(port),
  };
};
