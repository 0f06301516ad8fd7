import { withSupabase } from '@supabase/server';
import { handle } from './handler.ts';

// The publishable key is public and proves nothing, so it is not asked for here: the handler asks
// for the store's ingest token, which works beside keys of the new and of the old kind alike.
export default {
  fetch: withSupabase({ auth: 'none', cors: 'disabled' }, (request, { supabaseAdmin }) =>
    handle(request, {
      rpc: async (name, args) => await supabaseAdmin.rpc(name, args),
      requestId: () => crypto.randomUUID(),
    }),
  ),
};
