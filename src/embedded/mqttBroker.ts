import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket } from 'node:tls';
import { Aedes, type Client } from 'aedes';
import type { PipelineEvent } from '../model/shapes.ts';
import { NATIVE_LIMITS } from '../sources/formats/native.ts';
import { type ConnectionLimits, limitConnections } from './connectionLimits.ts';
import { listenOnLoopback } from './http/listen.ts';
import {
  type Identity,
  identify,
  isStatus,
  LOCAL,
  mayBeCalled,
  mayPublish,
  mayRead,
} from './mqttAccess.ts';

export interface MqttBroker {
  /** Such as `mqtt://127.0.0.1:1883`. */
  readonly url: string;
  /** The port that can be reached from outside, where there is one. */
  readonly exposedPort?: number;
  /** Disconnects every client and frees the ports; sessions and retained messages are gone. */
  readonly close: () => Promise<void>;
}

/** How the broker is reached from other machines: by TLS alone, and by nobody unknown. */
export interface Exposure {
  readonly host: string;
  /** This one or none. 0 takes a free one. */
  readonly port: number;
  /** PEM: the broker's certificate and key, and the authority of its clients. */
  readonly tls: { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };
  /** What this store is called in topics: sensors publish to no other. */
  readonly stores: ReadonlySet<string>;
  /** Name → password for clients without a certificate; absent: nobody without one. */
  readonly passwords?: ReadonlyMap<string, string>;
}

export interface MqttBrokerOptions {
  /** Preferred; the next free one is taken if it is in use. 0 takes a free one. */
  readonly port: number;
  readonly exposure?: Exposure;
  readonly log?: (event: PipelineEvent) => void;
}

type Log = (event: PipelineEvent) => void;

const HANDSHAKE_MS = 10_000;
const LIMITS: ConnectionLimits = { all: 1_000, ofOneAddress: 200, unproven: 20 };
/** A topic and a header beside the largest payload that is of use. */
const MAX_PACKET_BYTES = NATIVE_LIMITS.payloadBytes + 66_000;

const report = (aedes: Aedes, log: Log): void => {
  aedes.on('clientError', (client, error) =>
    log({ level: 'warn', event: 'broker client failed', client: client.id, reason: error.message }),
  );
  aedes.on('connectionError', (_client, error) =>
    log({ level: 'warn', event: 'broker connection refused', reason: error.message }),
  );
};

const closeClients = (aedes: Aedes): Promise<void> =>
  new Promise((resolve) => aedes.close(() => resolve()));

/** aedes gathers a packet whole before it looks at it; the length that it was told is known at once. */
const boundPackets = (client: Client, socket: Socket): void => {
  const parser: { packet?: { length?: unknown } } | undefined = Reflect.get(client, '_parser');
  socket.on('readable', () => {
    if (Number(parser?.packet?.length ?? 0) > MAX_PACKET_BYTES) socket.destroy();
  });
};

/** aedes with our rules; whoever comes over TLS has to prove who it is, and `onProven` learns it. */
const createRuledBroker = (
  { passwords = new Map(), stores = new Set() }: Partial<Exposure>,
  onProven: (socket: TLSSocket) => void,
): Promise<Aedes> => {
  const known = new WeakMap<Client, Identity>();
  return Aedes.createBroker({
    authenticate: (client, username, password, done) => {
      const socket = client.conn;
      const who =
        socket instanceof TLSSocket ? identify(socket, passwords, username, password) : LOCAL;
      if (who) known.set(client, who);
      const isIn = who !== undefined && mayBeCalled(who, client.id);
      if (isIn && socket instanceof TLSSocket) onProven(socket);
      done(null, isIn);
    },
    authorizePublish: (client, packet, done) => {
      const who = client === null ? LOCAL : known.get(client);
      // Kept readings are of no use, and who may have them kept may fill the memory with them.
      if (who && who._tag !== 'Local' && !isStatus(packet.topic)) packet.retain = false;
      const may = who && mayPublish(who, packet, stores);
      done(may ? null : new Error('may not publish there'));
    },
    authorizeSubscribe: (client, subscription, done) => {
      const who = known.get(client);
      done(null, who && mayRead(who) ? subscription : null);
    },
  });
};

const openOutside = async (
  { host, port, tls, passwords }: Exposure,
  handle: (socket: Socket) => void,
  log: Log,
) => {
  const server = createTlsServer(
    {
      ...tls,
      requestCert: true,
      rejectUnauthorized: passwords === undefined,
      handshakeTimeout: HANDSHAKE_MS,
    },
    handle,
  );
  const proven = limitConnections(server, LIMITS);
  server.on('tlsClientError', (error, socket) => {
    log({ level: 'warn', event: 'broker connection refused', reason: error.message });
    socket.destroy();
  });
  server.listen(port, host);
  await once(server, 'listening');
  return { server, proven };
};

const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/**
 * An MQTT 3.1.1 broker in this process, for who has none: QoS 0…2, retained messages and persistent
 * sessions for as long as it runs (they are kept in memory). On loopback it asks for no password;
 * where it is exposed, {@link Exposure} holds: every client proves its name, a sensor publishes as
 * itself and reads nothing.
 *
 * @example const broker = await startMqttBroker({ port: 1883 });
 */
export const startMqttBroker = async (options: MqttBrokerOptions): Promise<MqttBroker> => {
  const { exposure, log = () => undefined } = options;
  const aedes = await createRuledBroker(exposure ?? {}, ({ remoteAddress, remotePort }) =>
    outside?.proven({ address: remoteAddress ?? '', port: remotePort ?? 0 }),
  );
  report(aedes, log);
  const sockets = new Set<Socket>();
  const handle = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    boundPackets(aedes.handle(socket), socket);
  };
  const local = createServer(handle);
  const port = await listenOnLoopback(local, options.port);
  const outside = exposure && (await openOutside(exposure, handle, log));
  const servers = outside ? [local, outside.server] : [local];
  return {
    url: `mqtt://127.0.0.1:${port}`,
    ...(outside && { exposedPort: portOf(outside.server) }),
    close: async () => {
      const closed = Promise.all(servers.map((server) => once(server, 'close')));
      for (const server of servers) server.close();
      await closeClients(aedes);
      // Who never said CONNECT is no client of aedes, yet would hold the server open.
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
