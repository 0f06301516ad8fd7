import type { Server, Socket } from 'node:net';

/** How many connections may be open at once, by who has them. */
export interface ConnectionLimits {
  /** All of them. */
  readonly all: number;
  readonly ofOneAddress: number;
  /** Of one address, that have not yet proven who they are; absent: nobody need prove it. */
  readonly unproven?: number;
  /** Addresses that are not counted. */
  readonly isExempt?: (address: string) => boolean;
}

/** The oldest of a set, which keeps the order of insertion. */
const oldestOf = (sockets: ReadonlySet<Socket>): Socket | undefined => {
  const [oldest] = sockets;
  return oldest;
};

/** Sets of sockets by the address at their other end; an empty one takes no memory. */
const byAddress = () => {
  const sets = new Map<string, Set<Socket>>();
  return {
    of: (address: string): ReadonlySet<Socket> => sets.get(address) ?? new Set(),
    add: (address: string, socket: Socket): void => {
      sets.set(address, (sets.get(address) ?? new Set()).add(socket));
    },
    remove: (address: string, socket: Socket): void => {
      const set = sets.get(address);
      set?.delete(socket);
      if (set?.size === 0) sets.delete(address);
    },
  };
};

/**
 * Keeps a server's connections within their limits: beyond `ofOneAddress` a newcomer is cut off, and
 * beyond `unproven` the one that has failed to prove itself for longest, so that who idles keeps
 * nobody out. To be called before the server listens.
 *
 * @returns to be told that the connection from this address and port has proven who it is
 */
export const limitConnections = (
  server: Server,
  { all, ofOneAddress, unproven: most = Number.POSITIVE_INFINITY, isExempt }: ConnectionLimits,
): ((end: { readonly address: string; readonly port: number }) => void) => {
  const open = byAddress();
  const unproven = byAddress();
  server.maxConnections = all;
  server.on('connection', (socket: Socket) => {
    const { remoteAddress: address = '' } = socket;
    if (isExempt?.(address)) return;
    if (open.of(address).size >= ofOneAddress) return void socket.destroy();
    if (unproven.of(address).size >= most) oldestOf(unproven.of(address))?.destroy();
    open.add(address, socket);
    unproven.add(address, socket);
    socket.once('close', () => {
      open.remove(address, socket);
      unproven.remove(address, socket);
    });
  });
  return ({ address, port }) => {
    for (const socket of unproven.of(address))
      if (socket.remotePort === port) unproven.remove(address, socket);
  };
};
