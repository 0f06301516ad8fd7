import { createClient, type WebSocketLikeConstructor } from '@supabase/supabase-js';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import WebSocket from 'ws';
import { explain } from '../../supabase/functions/_shared/codec.ts';
import type { Database } from '../../supabase/functions/_shared/database.types.ts';
import { boundedFetch } from './boundedFetch.ts';

const Store = t.strict({ id: t.string, store_name: t.union([t.string, t.null]) });
export type Store = t.TypeOf<typeof Store>;

/** A Supabase project, as whoever has its secret key may use it. */
export interface AdminApi {
  /** Calls a database function. Rejects in words that a person can act upon. */
  readonly call: <A>(
    name: keyof Database['public']['Functions'],
    args: Readonly<Record<string, unknown>>,
    answer: t.Type<A, unknown>,
  ) => Promise<A>;
  readonly stores: () => Promise<ReadonlyArray<Store>>;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

const wordsFor = (url: string, status: number, { code, message }: Refusal): string => {
  if (status === 0) return `${url} cannot be reached (${message})`;
  if (status === 401 || code === '42501')
    return `${url} refused the key: SUPABASE_SECRET_KEY must be a secret (service) key of this project`;
  if (code === 'PGRST202')
    return `${url} has no such function: its migrations are older than this program (supabase db push)`;
  return message;
};

const decoded = <A>(what: string, answer: t.Type<A, unknown>, data: unknown): A => {
  const value = answer.decode(data);
  if (E.isRight(value)) return value.right;
  throw new Error(`${what} gave an answer of another shape: ${explain(value.left).join('; ')}`);
};

/** The key is sent with each request and kept nowhere. */
export const adminApi = (url: string, secretKey: string): AdminApi => {
  const client = createClient(url, secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
    global: { fetch: boundedFetch() },
    // supabase-js wants a WebSocket even where no channel is opened, and Node 20 has none.
    realtime: { transport: WebSocket as unknown as WebSocketLikeConstructor },
  });
  return {
    call: async (name, args, answer) => {
      const { data, error, status } = await client.rpc(name, args);
      if (error) throw new Error(wordsFor(url, status, error));
      return decoded(name, answer, data);
    },
    stores: async () => {
      const { data, error, status } = await client
        .from('stores')
        .select('id, store_name')
        .order('id');
      if (error) throw new Error(wordsFor(url, status, error));
      return decoded('stores', t.readonlyArray(Store), data);
    },
  };
};
