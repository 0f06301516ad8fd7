import type { Client } from '../../src/hooks/client.ts';

type Listener = (message: { event: string; payload: unknown }) => void;

export interface FakeChannel {
  readonly topic: string;
  readonly options: unknown;
  /** What the server says of the channel. */
  readonly say: (status: string) => void;
  readonly broadcast: (event: string, payload: unknown) => void;
}

export interface FakeClient {
  readonly client: Client;
  readonly channels: FakeChannel[];
  readonly removed: unknown[];
  readonly asked: Array<{ name: string; args: unknown }>;
  /** Counts how often the socket was given the session's token. */
  readonly tokens: () => number;
  /** Counts how often the socket was closed. */
  readonly disconnects: () => number;
}

export type Answer =
  | { data: unknown }
  | { error: { message: string; code: string }; status: number };

/** What each function and table answers, once and for all or by what is asked. */
export type Answers = Record<string, Answer | ((args: never) => Answer)>;

export const FAILED: Answer = { error: { message: 'too slow', code: '57014' }, status: 500 };

/** As much of supabase-js as the hooks use. */
export const fakeClient = (answers: Answers = {}): FakeClient => {
  const channels: FakeChannel[] = [];
  const removed: unknown[] = [];
  const asked: Array<{ name: string; args: unknown }> = [];
  let [tokens, disconnects] = [0, 0];
  const channel = (topic: string, options: unknown) => {
    let [listener, onStatus]: [Listener, (status: string) => void] = [() => {}, () => {}];
    const made = {
      on: (_type: string, _filter: unknown, callback: Listener) => {
        listener = callback;
        return made;
      },
      subscribe: (callback: (status: string) => void) => {
        onStatus = callback;
        return made;
      },
    };
    channels.push({
      topic,
      options,
      say: (status) => onStatus(status),
      broadcast: (event, payload) => listener({ event, payload }),
    });
    return made;
  };
  const answer = (name: string, args: unknown) => {
    asked.push({ name, args });
    const given = answers[name];
    const said = typeof given === 'function' ? given(args as never) : given;
    return Promise.resolve({ data: null, error: null, status: 200, ...said });
  };
  const client = {
    channel,
    removeChannel: (left: unknown) => Promise.resolve(removed.push(left)),
    realtime: {
      setAuth: () => {
        tokens += 1;
        return Promise.resolve();
      },
      disconnect: () => {
        disconnects += 1;
        return Promise.resolve('ok');
      },
    },
    rpc: (name: string, args: unknown) => ({ abortSignal: () => answer(name, args) }),
    from: (name: string) => {
      const filters: unknown[] = [];
      const filtered = (...filter: unknown[]) => {
        filters.push(filter);
        return made;
      };
      const made = {
        select: () => made,
        eq: filtered,
        not: filtered,
        order: () => made,
        abortSignal: () => answer(name, filters),
      };
      return made;
    },
  };
  return {
    client: client as unknown as Client,
    channels,
    removed,
    asked,
    tokens: () => tokens,
    disconnects: () => disconnects,
  };
};
