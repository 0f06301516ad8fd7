import { REALTIME_SUBSCRIBE_STATES, type RealtimeChannel } from '@supabase/supabase-js';
import type { Client } from '../client.ts';

export interface LiveHandlers {
  readonly onSubscribed: () => void;
  readonly onLost: () => void;
  /** It was joined and is silent: whether it is there turns out as it is joined again. */
  readonly onDoubt: () => void;
  readonly onMessage: (event: string, payload: unknown) => void;
}

export interface LiveChannel {
  /** Joins at once where the channel is lost, or has been silent for so long that it may be dead. */
  readonly wake: () => void;
  readonly close: () => void;
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;
const SILENCE_MS = 15_000;

const retryMs = (attempt: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** attempt, LAST_RETRY_MS) * (0.5 + Math.random() / 2);

/**
 * One store's private broadcasts, for as long as it is open. Supabase closes a channel for good when
 * its token ends, and a socket dies unnoticed while a laptop sleeps: whatever the end, this joins
 * again, with the session's token of then and after a growing pause.
 */
export const openLiveChannel = (
  client: Client,
  storeId: string,
  { onSubscribed, onLost, onDoubt, onMessage }: LiveHandlers,
): LiveChannel => {
  let channel: RealtimeChannel | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let [attempt, heardAt, isJoined, isClosed] = [0, 0, false, false];
  let parting: Promise<unknown> = Promise.resolve();

  const leave = (): void => {
    clearTimeout(timer);
    const left = channel;
    channel = undefined;
    isJoined = false;
    if (left) void client.removeChannel(left);
  };
  const retryLater = (): void => {
    leave();
    onLost();
    timer = setTimeout(join, retryMs(attempt));
    attempt += 1;
  };
  const subscribed = (): void => {
    [attempt, heardAt, isJoined] = [0, Date.now(), true];
    onSubscribed();
  };
  const subscribe = (): void => {
    const mine = client.channel(`store:${storeId}:live`, { config: { private: true } });
    channel = mine;
    mine
      .on('broadcast', { event: '*' }, ({ event, payload }) => {
        heardAt = Date.now();
        onMessage(event, payload);
      })
      .subscribe((status) => {
        if (channel !== mine) return;
        if (status === REALTIME_SUBSCRIBE_STATES.SUBSCRIBED) subscribed();
        else retryLater();
      });
  };
  const join = (): void => {
    leave();
    // A private channel is judged by the token that the socket holds when it joins.
    parting
      .then(() => client.realtime.setAuth())
      .then(
        () => {
          if (!isClosed && channel === undefined) subscribe();
        },
        () => {
          if (!isClosed) retryLater();
        },
      );
  };
  // Over a socket that is dead, joining again would wait for its answer: only another one tells.
  const joinAnew = (): void => {
    leave();
    onDoubt();
    parting = client.realtime.disconnect().catch(() => undefined);
    join();
  };

  join();
  return {
    wake: () => {
      if (isClosed) return;
      if (!isJoined) join();
      else if (Date.now() - heardAt > SILENCE_MS) joinAnew();
    },
    close: () => {
      isClosed = true;
      leave();
    },
  };
};
