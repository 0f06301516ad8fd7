import { createClient, type SupabaseClient } from '@supabase/supabase-js';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import { WordsProvider } from '../i18n/context.tsx';
import { isOnThisMachine, type SiteConfig } from './config.ts';
import { SignIn } from './SignIn.tsx';
import { Stores } from './Stores.tsx';
import { PreferencesProvider, usePreferences } from './usePreferences.tsx';
import { useSession } from './useSession.ts';

const Words = ({ children }: { readonly children: ReactNode }) => {
  const { language } = usePreferences().preferences;
  return (
    <WordsProvider language={language} timeZone="UTC">
      {children}
    </WordsProvider>
  );
};

interface SignedInProps {
  readonly client: SupabaseClient;
  readonly userId: string;
  readonly onSignOut: () => void;
}

/** One user's stores, with a memory of their own. */
const SignedIn = (props: SignedInProps) => {
  const [queries] = useState(() => new QueryClient());
  return (
    <QueryClientProvider client={queries}>
      <Stores {...props} />
    </QueryClientProvider>
  );
};

/** The sign-in, or the stores of who is signed in. Figures of one user are never shown to the next. */
const Gate = ({
  client,
  isDemo,
}: {
  readonly client: SupabaseClient;
  readonly isDemo: boolean;
}) => {
  const { session, hasEnded, signOut } = useSession(client);
  const userId = session?.user.id;
  if (session === undefined) return null;
  if (userId === undefined) return <SignIn client={client} hasEnded={hasEnded} isDemo={isDemo} />;
  return <SignedIn key={userId} client={client} userId={userId} onSignOut={signOut} />;
};

export const App = ({ config }: { readonly config: SiteConfig }) => {
  const client = useMemo(
    () => createClient(config.supabaseUrl, config.publishableKey),
    [config.supabaseUrl, config.publishableKey],
  );
  return (
    <PreferencesProvider>
      <Words>
        <Gate client={client} isDemo={isOnThisMachine(config)} />
      </Words>
    </PreferencesProvider>
  );
};
