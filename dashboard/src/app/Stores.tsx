import type { SupabaseClient } from '@supabase/supabase-js';
import { Await } from '../components/Await.tsx';
import { Notice } from '../components/Notice.tsx';
import { NeuralSenseProvider } from '../hooks/context.tsx';
import { useWords, WordsProvider } from '../i18n/context.tsx';
import { Shell } from './Shell.tsx';
import { usePreferences } from './usePreferences.tsx';
import { type Store, useStores } from './useStores.ts';

interface StoresProps {
  readonly client: SupabaseClient;
  readonly userId: string;
}

const NoStore = ({ client }: { readonly client: SupabaseClient }) => {
  const { t } = useWords();
  return (
    <main className="lonely">
      <Notice title={t('state.no_store')} hint={t('state.no_store_hint')}>
        <button type="button" className="button" onClick={() => client.auth.signOut()}>
          {t('menu.signout')}
        </button>
      </Notice>
    </main>
  );
};

interface ChosenProps {
  readonly client: SupabaseClient;
  readonly stores: ReadonlyArray<Store>;
}

const Chosen = ({ client, stores }: ChosenProps) => {
  const { language } = useWords();
  const { preferences } = usePreferences();
  const store = stores.find(({ id }) => id === preferences.storeId) ?? stores[0];
  if (store === undefined) return <NoStore client={client} />;
  return (
    <NeuralSenseProvider key={store.id} client={client} storeId={store.id}>
      <WordsProvider language={language} timeZone={store.timeZone}>
        <Shell store={store} stores={stores} onSignOut={() => client.auth.signOut()} />
      </WordsProvider>
    </NeuralSenseProvider>
  );
};

/** The store that was looked at last, of those the user may see. */
export const Stores = ({ client, userId }: StoresProps) => {
  const { data, error, refetch } = useStores(client, userId);
  return (
    <Await answer={{ data, error, refetch }} height={480}>
      {(stores) => <Chosen client={client} stores={stores} />}
    </Await>
  );
};
