import type { Session, SupabaseClient } from '@supabase/supabase-js';
import { useEffect, useState } from 'react';

export interface SessionState {
  /** Undefined while it is being looked for; null is nobody. */
  readonly session: Session | null | undefined;
  /** Somebody was signed in and is no more, without having asked. */
  readonly hasEnded: boolean;
}

/** Who is signed in; tokens are renewed by the client itself. */
export const useSession = (client: SupabaseClient): SessionState => {
  const [state, setState] = useState<SessionState>({ session: undefined, hasEnded: false });
  useEffect(() => {
    const { data } = client.auth.onAuthStateChange((_event, session) =>
      setState((before) => ({
        session,
        hasEnded: session === null && Boolean(before.session),
      })),
    );
    return () => data.subscription.unsubscribe();
  }, [client]);
  return state;
};
