import { type LivePoint, type Occupancy, parseOccupancy, withPoint } from '../../model/live.ts';
import { withChanges, type ZoneChange } from '../../model/liveChanges.ts';
import type { Client } from '../client.ts';
import { type LiveChannel, openLiveChannel } from './liveChannel.ts';

/** `connecting` until the channel was there for the first time, and while it is looked for after a sleep. */
export type Connection = 'connecting' | 'live' | 'lost';

export interface LiveState {
  readonly connection: Connection;
  readonly occupancy?: Occupancy;
  readonly points: ReadonlyArray<LivePoint>;
  /** The latest changes in zones, newest first. */
  readonly changes: ReadonlyArray<ZoneChange>;
  /** When a message last came, by this machine's clock, Unix milliseconds. */
  readonly heardAt?: number;
  /** When it last said that a batch was stored, likewise. */
  readonly storedAt?: number;
  /** When the count last came, likewise: other messages say nothing about it. */
  readonly countedAt?: number;
}

export interface LiveStore {
  readonly read: () => LiveState;
  readonly subscribe: (listener: () => void) => () => void;
  /** Calls back when figures may have changed. */
  readonly onNews: (listener: () => void) => () => void;
  readonly open: () => void;
  readonly close: () => void;
}

const listeners = () => {
  const all = new Set<() => void>();
  return {
    add: (listener: () => void) => {
      all.add(listener);
      return () => {
        all.delete(listener);
      };
    },
    call: () => {
      for (const listener of all) listener();
    },
  };
};

const wakeOnReturn = (wake: () => void): (() => void) => {
  const onVisible = () => {
    if (document.visibilityState === 'visible') wake();
  };
  document.addEventListener('visibilitychange', onVisible);
  window.addEventListener('online', wake);
  return () => {
    document.removeEventListener('visibilitychange', onVisible);
    window.removeEventListener('online', wake);
  };
};

/** What is known of a store this very moment, fed by its channel while it is open. */
export const createLiveStore = (client: Client, storeId: string): LiveStore => {
  const [changes, news] = [listeners(), listeners()];
  let state: LiveState = { connection: 'connecting', points: [], changes: [] };
  let channel: LiveChannel | undefined;
  let stopWaking: (() => void) | undefined;
  const become = (next: Partial<LiveState>): void => {
    state = { ...state, ...next };
    changes.call();
  };
  const onMessage = (event: string, payload: unknown): void => {
    const occupancy = event === 'occupancy' ? parseOccupancy(payload) : undefined;
    const isStored = event === 'batch_ingested';
    become({
      heardAt: Date.now(),
      ...(isStored && { storedAt: Date.now() }),
      ...(occupancy && {
        occupancy,
        countedAt: Date.now(),
        points: withPoint(state.points, occupancy),
        changes: withChanges(state.changes, state.occupancy, occupancy),
      }),
    });
    if (isStored) news.call();
  };
  return {
    read: () => state,
    subscribe: changes.add,
    onNews: news.add,
    open: () => {
      channel = openLiveChannel(client, storeId, {
        onSubscribed: () => {
          become({ connection: 'live' });
          news.call();
        },
        onLost: () => become({ connection: 'lost' }),
        onDoubt: () => become({ connection: 'connecting' }),
        onMessage,
      });
      stopWaking = wakeOnReturn(channel.wake);
    },
    close: () => {
      stopWaking?.();
      channel?.close();
    },
  };
};
