import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { PipelineEvent } from '../../model/shapes.ts';
import { reasonOf } from '../../production/thrown.ts';
import { type ConnectionLimits, limitConnections } from '../connectionLimits.ts';
import { LOOPBACK, listenOn } from './listen.ts';
import { refuse } from './refuse.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Origin {
  /** Where this machine reaches it. */
  readonly url: string;
  /** For what is not a plain request, such as `upgrade` to a websocket. */
  readonly server: Server;
  /** Gives everything at and below the path `prefix` to `handler`; '' is all; the first that fits wins. */
  readonly mount: (prefix: string, handler: Handler) => void;
  /**
   * Lets requests under way finish for a moment, then cuts them, and frees the port.
   * Closing twice does no harm.
   */
  readonly close: () => Promise<void>;
}

export interface OriginOptions {
  /** Preferred; the next free one is taken if it is in use. 0 takes a free one. */
  readonly port: number;
  /** The address to listen on, 0.0.0.0 or :: for all; 127.0.0.1 where not given. */
  readonly host?: string;
  readonly log: (event: PipelineEvent) => void;
}

const GRACE_MS = 2_000;

/** Who connects and asks nothing is not waited for. */
const PATIENCE = { headersTimeout: 10_000, connectionsCheckingInterval: 5_000 } as const;
const LIMITS: ConnectionLimits = {
  all: 1_000,
  ofOneAddress: 200,
  // The pipeline and the function come from here, and a proxy brings everybody.
  isExempt: (address) => /^(::ffff:)?127\.|^::1$/.test(address),
};

/** The URL as whoever serves it will resolve it: dots in it must not lead past what is mounted. */
export const resolvedUrl = ({ url = '/' }: IncomingMessage): URL | undefined =>
  URL.canParse(`http://origin${url}`) ? new URL(`http://origin${url}`) : undefined;

export const pathOf = (request: IncomingMessage): string => resolvedUrl(request)?.pathname ?? '';

const isBelow = (prefix: string, path: string): boolean =>
  path === prefix || path.startsWith(`${prefix}/`);

const closeGently = async (server: Server): Promise<void> => {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(cut);
};

const urlOf = (host: string, port: number): string => {
  if (host === '0.0.0.0' || host === '::') return `http://${LOOPBACK}:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
};

/** One HTTP origin for all embedded services, as a Supabase project is one origin. */
export const startOrigin = async ({
  port,
  host = LOOPBACK,
  log,
}: OriginOptions): Promise<Origin> => {
  const routes: Array<{ readonly prefix: string; readonly handler: Handler }> = [];
  const serve: Handler = async (request, response) => {
    const route = routes.find(({ prefix }) => isBelow(prefix, pathOf(request)));
    if (route === undefined) refuse(response, 404, 'not_found', 'nothing is served here');
    else await route.handler(request, response);
  };
  const server = createServer(PATIENCE, (request, response) => {
    serve(request, response).catch((error: unknown) => {
      const path = pathOf(request);
      log({ level: 'error', event: 'request failed', path, reason: reasonOf(error) });
      refuse(response, 500, 'internal', 'the embedded server failed');
    });
  });
  limitConnections(server, LIMITS);
  const taken = await listenOn(server, host, port);
  return {
    url: urlOf(host, taken),
    server,
    mount: (prefix, handler) => {
      routes.push({ prefix, handler });
    },
    close: () => closeGently(server),
  };
};
