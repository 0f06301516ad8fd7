import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a line carries bytes. */
export interface Carriage {
  /** Added to every chunk, each way. */
  readonly latencyMs: number;
  /** Chunks are cut into pieces of at most this size. */
  readonly sliceBytes: number;
  readonly bytesPerSecond: number;
  /** Nothing comes through, and nobody is told; what waits comes through afterwards. */
  readonly isBlackHole: boolean;
}

const GOOD: Carriage = {
  latencyMs: 0,
  sliceBytes: Number.POSITIVE_INFINITY,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  isBlackHole: false,
};

/** A TCP line of the test's own, on loopback, that can go bad. */
export interface FaultProxy {
  readonly port: number;
  /** Where connections lead from now on; those that are open stay where they lead. */
  readonly leadTo: (port: number) => void;
  readonly carry: (how: Partial<Carriage>) => void;
  /** Every open connection is reset. */
  readonly reset: () => void;
  /** Half-open: what the open connections carry is lost from now on, and neither end is told. */
  readonly abandon: () => void;
  readonly close: () => Promise<void>;
}

const BLACK_HOLE_POLL_MS = 20;

/** @param leadsTo a port on 127.0.0.1; 0: nowhere yet */
export const startFaultProxy = async (leadsTo = 0): Promise<FaultProxy> => {
  let target = leadsTo;
  let carriage = GOOD;
  const lines = new Set<{ readonly ends: ReadonlyArray<Socket>; isAbandoned: boolean }>();

  const carryOver = async (chunk: Buffer, to: Socket): Promise<void> => {
    while (carriage.isBlackHole && !to.destroyed) await sleep(BLACK_HOLE_POLL_MS);
    if (carriage.latencyMs > 0) await sleep(carriage.latencyMs);
    for (let at = 0; at < chunk.length && !to.destroyed; ) {
      const piece = chunk.subarray(at, at + Math.min(carriage.sliceBytes, chunk.length - at));
      at += piece.length;
      const waitMs = (piece.length * 1000) / carriage.bytesPerSecond;
      if (waitMs > 0) await sleep(waitMs);
      if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
    }
  };

  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    const line = { ends: [client, upstream], isAbandoned: false };
    lines.add(line);
    const pump = async (from: Socket, to: Socket): Promise<void> => {
      try {
        for await (const chunk of from) if (!line.isAbandoned) await carryOver(chunk, to);
        if (!line.isAbandoned) to.end();
      } catch {
        if (!line.isAbandoned) to.destroy();
      }
    };
    for (const end of line.ends) {
      end.setNoDelay(true);
      end.on('error', () => undefined);
    }
    void Promise.all([pump(client, upstream), pump(upstream, client)]).then(() => {
      for (const end of line.ends) end.destroy();
      lines.delete(line);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const reset = (): void => {
    for (const { ends } of lines) for (const end of ends) end.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    leadTo: (port) => {
      target = port;
    },
    carry: (how) => {
      carriage = { ...GOOD, ...how };
    },
    reset,
    abandon: () => {
      for (const line of lines) line.isAbandoned = true;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const { ends } of lines) for (const end of ends) end.destroy();
      await closed;
    },
  };
};
