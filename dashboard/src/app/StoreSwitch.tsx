import { useWords } from '../i18n/context.tsx';
import { usePreferences } from './usePreferences.tsx';
import type { Store } from './useStores.ts';

interface StoreSwitchProps {
  readonly store: Store;
  readonly stores: ReadonlyArray<Store>;
}

export const StoreSwitch = ({ store, stores }: StoreSwitchProps) => {
  const { t } = useWords();
  const { choose } = usePreferences();
  if (stores.length === 1) return <span className="store-name">{store.name}</span>;
  return (
    <select
      className="store-switch"
      aria-label={t('nav.store_switch')}
      value={store.id}
      onChange={({ target }) => choose({ storeId: target.value })}
    >
      {stores.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
};
