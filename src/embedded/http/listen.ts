import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { codeOf } from '../../production/thrown.ts';

export const LOOPBACK = '127.0.0.1';
const LAST_PORT = 65_535;

const tryToListen = async (server: Server, host: string, port: number): Promise<void> => {
  server.listen(port, host);
  await once(server, 'listening');
};

const TAKEN: ReadonlyArray<string | undefined> = ['EADDRINUSE', 'EACCES'];

/**
 * Listens on `host`, on `preferredPort` or the next free one above it; 0 takes any.
 * Answers with the port; rejects if there is none left or the host is not this machine's.
 */
export const listenOn = async (
  server: Server,
  host: string,
  preferredPort: number,
): Promise<number> => {
  for (let port = preferredPort; port <= LAST_PORT; port += 1) {
    try {
      await tryToListen(server, host, port);
      return (server.address() as AddressInfo).port;
    } catch (error) {
      if (!TAKEN.includes(codeOf(error))) throw error;
    }
  }
  throw new Error(`no free port from ${preferredPort} up on ${host}`);
};

/** {@link listenOn} 127.0.0.1: nobody but this machine. */
export const listenOnLoopback = (server: Server, preferredPort: number): Promise<number> =>
  listenOn(server, LOOPBACK, preferredPort);
