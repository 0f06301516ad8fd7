import { type RawData, WebSocket } from 'ws';
import type { PipelineEvent } from '../../model/shapes.ts';
import { oneAtATime } from '../../production/oneAtATime.ts';
import { reasonOf } from '../../production/thrown.ts';
import { type Authority, Connection } from './connection.ts';
import type { Visitor } from './knock.ts';

/** What one client may cost at most. */
export interface ClientLimits {
  /** Messages that wait to be answered. */
  readonly waiting: number;
  /** What waits to be sent, where it reads slowly. */
  readonly bufferedBytes: number;
  /** Clients send a heartbeat every 25 s; who is silent for longer than this is gone. */
  readonly silentMs: number;
}

export interface Client {
  readonly connection: Connection;
  /** Drops a client that has gone without a word, and channels whose tokens have expired. */
  readonly sweep: () => void;
  /** Asks it to come again later; resolves when it has gone. */
  readonly dismiss: () => Promise<void>;
}

const GRACE_MS = 500;

const dismiss = (socket: WebSocket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.readyState === WebSocket.CLOSED) return resolve();
    const cut = setTimeout(() => socket.terminate(), GRACE_MS);
    socket.once('close', () => {
      clearTimeout(cut);
      resolve();
    });
    socket.close(1001, 'the server goes away');
  });

/** Serves one open websocket, within its limits, until either side has had enough. */
export const serveClient = (
  socket: WebSocket,
  { version, key }: Visitor,
  authority: Authority,
  limits: ClientLimits,
  log: (event: PipelineEvent) => void,
): Client => {
  let heardAt = authority.now();
  let waiting = 0;
  const drop = (reason: string): void => {
    log({ level: 'debug', event: 'realtime client dropped', reason });
    socket.terminate();
  };
  const connection = new Connection(version, key, authority, (text) => {
    socket.send(text);
    if (socket.bufferedAmount > limits.bufferedBytes) drop('reads too slowly');
  });
  const inOrder = oneAtATime();
  const take = async (data: RawData, isBinary: boolean): Promise<void> => {
    if (socket.readyState !== WebSocket.OPEN) return;
    const message = isBinary ? (data as Buffer) : data.toString();
    if (!(await connection.take(message))) drop('speaks another protocol');
  };
  socket.on('error', (problem) => drop(problem.message));
  socket.on('message', (data, isBinary) => {
    heardAt = authority.now();
    waiting += 1;
    if (waiting > limits.waiting) return drop('sends too fast');
    inOrder(() => take(data, isBinary))
      .catch((problem: unknown) => drop(reasonOf(problem)))
      .finally(() => {
        waiting -= 1;
      });
  });
  return {
    connection,
    sweep: () => {
      if (heardAt < authority.now() - limits.silentMs) drop('is silent');
      else connection.sweep();
    },
    dismiss: () => dismiss(socket),
  };
};
