import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import WebSocket from 'ws';
import type { Credentials } from '../../src/embedded/auth/users.ts';
import type { SupabaseStack } from '../../src/embedded/supabaseStack.ts';

/** supabase-js as a dashboard has it, in Node. */
export const connect = ({ url }: Pick<SupabaseStack, 'url'>, key: string): SupabaseClient =>
  createClient(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
  });

/** A dashboard's client after its user has signed in; rejects where they may not. */
export const signIn = async (
  stack: Pick<SupabaseStack, 'url' | 'publishableKey'>,
  user: Credentials,
): Promise<SupabaseClient> => {
  const client = connect(stack, stack.publishableKey);
  const { error } = await client.auth.signInWithPassword({ ...user });
  if (error) throw error;
  return client;
};

let made = 0;

/** A new user who may see the stores of `orgIds`. */
export const addUser = async (
  stack: Pick<SupabaseStack, 'url' | 'secretKey'>,
  orgIds: ReadonlyArray<string>,
): Promise<Credentials> => {
  made += 1;
  const user = { email: `user-${made}@example.com`, password: 'correct horse battery' };
  const admin = connect(stack, stack.secretKey);
  const { data, error } = await admin.auth.admin.createUser({ ...user, email_confirm: true });
  if (error) throw error;
  const members = orgIds.map((org_id) => ({ org_id, user_id: data.user.id }));
  const { error: refused } = await admin.from('org_members').insert(members);
  if (refused) throw refused;
  return user;
};
