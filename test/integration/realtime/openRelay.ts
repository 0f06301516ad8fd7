import type { Server } from 'node:http';
import { type Limits, type Relay, startRelay } from '../../../src/embedded/realtime/relay.ts';

const SECRETS = { jwtSecret: 'x'.repeat(32), publishableKey: 'public', secretKey: 'secret' };

export interface OpenRelay {
  readonly relay: Relay;
  readonly say: (payload: unknown) => void;
}

/** Everybody may listen to store 1, and `say` is heard by all who do. */
export const openRelay = async (
  server: Server,
  limits: Partial<Limits> = {},
): Promise<OpenRelay> => {
  let notify: (id: string) => void = () => undefined;
  let message: unknown = 'news';
  const relay = await startRelay({
    server,
    secrets: SECRETS,
    limits,
    log: () => undefined,
    database: {
      listen: async (_channel, onNotify) => {
        notify = onNotify;
        return () => undefined;
      },
      query: async () => [{ topic: 'store:1:live', event: 'said', payload: message }],
      tryOut: async (work) => work(async () => [{}]),
    },
  });
  const say = (payload: unknown): void => {
    message = payload;
    notify('1');
  };
  return { relay, say };
};
