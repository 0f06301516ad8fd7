import type { Session, SupabaseClient } from '@supabase/supabase-js';
import { useCallback, useEffect, useRef, useState } from 'react';

export interface SessionState {
  /** Undefined while it is being looked for; null is nobody. */
  readonly session: Session | null | undefined;
  /** Somebody was signed in and is no more, without having asked. */
  readonly hasEnded: boolean;
}

export interface SignedSession extends SessionState {
  readonly signOut: () => Promise<void>;
}

/** Who is signed in; tokens are renewed by the client itself. */
export const useSession = (client: SupabaseClient): SignedSession => {
  const isAskedFor = useRef(false);
  const [state, setState] = useState<SessionState>({ session: undefined, hasEnded: false });
  useEffect(() => {
    const { data } = client.auth.onAuthStateChange((_event, session) => {
      const isLoss = session === null && !isAskedFor.current;
      setState((before) => ({ session, hasEnded: isLoss && Boolean(before.session) }));
    });
    return () => data.subscription.unsubscribe();
  }, [client]);
  const signOut = useCallback(async () => {
    isAskedFor.current = true;
    // Here alone: the same account may be on a wall.
    await client.auth.signOut({ scope: 'local' }).finally(() => {
      isAskedFor.current = false;
    });
  }, [client]);
  return { ...state, signOut };
};
