import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';

export interface WebSocketBroker {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** The only name and password that it takes. */
export const WEB_SOCKET_USER = { username: 'pipeline', password: 'correct horse' } as const;

/**
 * MQTT 3.1.1 over WebSocket, for Debian's mosquitto is built without; by TLS, and only for who has a
 * certificate, where a folder as `npm run certificates` fills it is given.
 */
export const startWebSocketBroker = async (certificates?: string): Promise<WebSocketBroker> => {
  const aedes = await Aedes.createBroker({
    authenticate: (_client, username, password, done) =>
      done(
        null,
        username === WEB_SOCKET_USER.username && `${password}` === WEB_SOCKET_USER.password,
      ),
  });
  const read = (folder: string, file: string) => readFileSync(join(folder, file));
  const server =
    certificates === undefined
      ? createHttpServer()
      : createHttpsServer({
          ca: read(certificates, 'ca.pem'),
          cert: read(certificates, 'server.pem'),
          key: read(certificates, 'server.key'),
          requestCert: true,
          rejectUnauthorized: true,
        });
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'mqtt' });
  sockets.on('connection', (socket, request) => {
    aedes.handle(createWebSocketStream(socket), request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificates === undefined ? 'ws' : 'wss'}://127.0.0.1:${port}/mqtt`,
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
      server.close();
      server.closeAllConnections();
    },
  };
};
