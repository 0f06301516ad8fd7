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
  readonly onSignOut: () => void;
}

const NoStore = ({ onSignOut }: Pick<StoresProps, 'onSignOut'>) => {
  const { t } = useWords();
  return (
    <main className="lonely">
      <Notice title={t('state.no_store')} hint={t('state.no_store_hint')}>
        <button type="button" className="button" onClick={onSignOut}>
          {t('menu.signout')}
        </button>
      </Notice>
    </main>
  );
};

interface ChosenProps extends Pick<StoresProps, 'client' | 'onSignOut'> {
  readonly stores: ReadonlyArray<Store>;
}

const Chosen = ({ client, stores, onSignOut }: ChosenProps) => {
  const { language } = useWords();
  const { preferences } = usePreferences();
  const store = stores.find(({ id }) => id === preferences.storeId) ?? stores[0];
  if (store === undefined) return <NoStore onSignOut={onSignOut} />;
  return (
    <NeuralSenseProvider key={store.id} client={client} storeId={store.id}>
      <WordsProvider language={language} timeZone={store.timeZone}>
        <Shell store={store} stores={stores} onSignOut={onSignOut} />
      </WordsProvider>
    </NeuralSenseProvider>
  );
};

/** The store that was looked at last, of those the user may see. */
export const Stores = ({ client, userId, onSignOut }: StoresProps) => {
  const { data, error, refetch } = useStores(client, userId);
  return (
    <Await answer={{ data, error, refetch }} height={480}>
      {(stores) => <Chosen client={client} stores={stores} onSignOut={onSignOut} />}
    </Await>
  );
};
