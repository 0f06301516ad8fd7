import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';

/** aedes on a loopback port of its own; `stop` cuts every connection, `start` takes the same port. */
export interface TestBroker {
  readonly url: string;
  readonly aedes: Aedes;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const listen = async (server: Server, port: number): Promise<number> => {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

export const startBroker = async (): Promise<TestBroker> => {
  const aedes = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  let server: Server;
  const open = () =>
    createServer((socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      aedes.handle(socket);
    });
  server = open();
  const port = await listen(server, 0);
  const stop = async () => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  };
  return {
    url: `mqtt://127.0.0.1:${port}`,
    aedes,
    stop,
    start: async () => {
      server = open();
      await listen(server, port);
    },
    close: async () => {
      await stop();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    },
  };
};
