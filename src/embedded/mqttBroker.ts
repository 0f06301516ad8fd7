import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import type { PipelineEvent } from '../model/shapes.ts';
import { listenOnLoopback } from './http/listen.ts';

export interface MqttBroker {
  /** Such as `mqtt://127.0.0.1:1883`. */
  readonly url: string;
  /** Disconnects every client and frees the port; sessions and retained messages are gone. */
  readonly close: () => Promise<void>;
}

export interface MqttBrokerOptions {
  /** Preferred; the next free one is taken if it is in use. 0 takes a free one. */
  readonly port: number;
  readonly log?: (event: PipelineEvent) => void;
}

const report = (aedes: Aedes, log: (event: PipelineEvent) => void): void => {
  aedes.on('clientError', (client, error) =>
    log({ level: 'warn', event: 'broker client failed', client: client.id, reason: error.message }),
  );
  aedes.on('connectionError', (_client, error) =>
    log({ level: 'warn', event: 'broker connection refused', reason: error.message }),
  );
};

const closeClients = (aedes: Aedes): Promise<void> =>
  new Promise((resolve) => aedes.close(() => resolve()));

/**
 * An MQTT 3.1.1 broker in this process, for who has none: loopback only, no passwords, QoS 0…2,
 * retained messages and persistent sessions for as long as it runs (they are kept in memory).
 *
 * @example const broker = await startMqttBroker({ port: 1883 });
 */
export const startMqttBroker = async (options: MqttBrokerOptions): Promise<MqttBroker> => {
  const aedes = await Aedes.createBroker();
  if (options.log) report(aedes, options.log);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    aedes.handle(socket);
  });
  const port = await listenOnLoopback(server, options.port);
  return {
    url: `mqtt://127.0.0.1:${port}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await closeClients(aedes);
      // Who never said CONNECT is no client of aedes, yet would hold the server open.
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
