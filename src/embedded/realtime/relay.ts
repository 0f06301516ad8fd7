import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { either as E } from 'fp-ts';
import { WebSocketServer } from 'ws';
import type { PipelineEvent } from '../../model/shapes.ts';
import { oneAtATime } from '../../production/oneAtATime.ts';
import { reasonOf } from '../../production/thrown.ts';
import type { LiteDatabase } from '../database/liteDatabase.ts';
import type { Secrets } from '../secrets.ts';
import { readClaims } from './claims.ts';
import { type Client, type ClientLimits, serveClient } from './client.ts';
import type { Authority, Broadcast } from './connection.ts';
import { knock, type Visitor } from './knock.ts';
import { mayListen } from './mayListen.ts';

export interface Limits extends ClientLimits {
  readonly connections: number;
  /** What one message of a client may hold. */
  readonly frameBytes: number;
}

const LIMITS: Limits = {
  connections: 200,
  frameBytes: 16_384,
  waiting: 100,
  bufferedBytes: 1_048_576,
  silentMs: 60_000,
};
const SWEEP_MS = 1_000;

export interface RelayOptions {
  /** Where clients knock; other upgrades are refused. */
  readonly server: Server;
  readonly database: Pick<LiteDatabase, 'listen' | 'query' | 'tryOut'>;
  readonly secrets: Pick<Secrets, 'jwtSecret' | 'publishableKey' | 'secretKey'>;
  readonly limits?: Partial<Limits>;
  readonly log: (event: PipelineEvent) => void;
}

export interface Relay {
  readonly connections: () => number;
  /** Lets nobody in any more, and asks every client to come again later. */
  readonly close: () => Promise<void>;
}

const refuse = (socket: Duplex, status: number): void => {
  socket.on('error', () => undefined);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n\r\n`);
};

const loadBroadcast = async (
  { query }: Pick<LiteDatabase, 'query'>,
  id: string,
): Promise<Broadcast | undefined> => {
  const [row] = await query(
    `select topic, event, payload from realtime.messages
     where id = $1 and extension = 'broadcast' and private`,
    [id],
  );
  return (
    row && {
      id,
      topic: String(row['topic']),
      event: String(row['event']),
      payload: row['payload'],
    }
  );
};

/** Asked once for each user and topic, however many pages the user has open. */
const askedOnce = (mayListen: Authority['mayListen']): Authority['mayListen'] => {
  const answers = new Map<string, Promise<boolean>>();
  return (claims, topic) => {
    const key = JSON.stringify([claims.role, claims.sub, topic]);
    const answer = answers.get(key) ?? mayListen(claims, topic);
    answers.set(key, answer);
    return answer;
  };
};

/** Hands every message that the database announces, in order, to the clients that may hear its topic. */
const relayBroadcasts = (
  { database, log }: RelayOptions,
  { mayListen }: Authority,
  clients: ReadonlySet<Client>,
): Promise<() => void> => {
  const inOrder = oneAtATime();
  const relay = async (id: string): Promise<void> => {
    if ([...clients].every(({ connection }) => connection.channels === 0)) return;
    const broadcast = await loadBroadcast(database, id);
    if (broadcast === undefined) return;
    const ask = askedOnce(mayListen);
    await Promise.all([...clients].map(({ connection }) => connection.tell(broadcast, ask)));
  };
  return database.listen('realtime_messages', (id) => {
    inOrder(() => relay(id)).catch((problem: unknown) =>
      log({ level: 'warn', event: 'broadcast lost', reason: reasonOf(problem) }),
    );
  });
};

/**
 * Supabase Realtime as far as a dashboard needs it: clients join private channels and hear what the
 * database sends there (`realtime.send`). Nobody but the database speaks.
 */
export const startRelay = async (options: RelayOptions): Promise<Relay> => {
  const { server, database, secrets, log } = options;
  const limits = { ...LIMITS, ...options.limits };
  const authority: Authority = {
    readClaims: readClaims(secrets),
    mayListen: (claims, topic) => mayListen(database, claims, topic),
    now: Date.now,
  };
  const clients = new Set<Client>();
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.frameBytes,
    perMessageDeflate: false,
  });
  const welcome = (visitor: Visitor, ...upgrade: [IncomingMessage, Duplex, Buffer]): void => {
    sockets.handleUpgrade(...upgrade, (opened) => {
      const client = serveClient(opened, visitor, authority, limits, log);
      clients.add(client);
      opened.once('close', () => clients.delete(client));
    });
  };
  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const visitor = knock(request, [secrets.publishableKey, secrets.secretKey]);
    if (E.isLeft(visitor)) refuse(socket, visitor.left);
    else if (clients.size >= limits.connections) refuse(socket, 503);
    else welcome(visitor.right, request, socket, head);
  };
  const sweep = setInterval(() => {
    for (const client of clients) client.sweep();
  }, SWEEP_MS);
  const unlisten = await relayBroadcasts(options, authority, clients);
  server.on('upgrade', onUpgrade);
  return {
    connections: () => clients.size,
    close: async () => {
      clearInterval(sweep);
      server.off('upgrade', onUpgrade);
      unlisten();
      await Promise.all([...clients].map(({ dismiss }) => dismiss()));
    },
  };
};
