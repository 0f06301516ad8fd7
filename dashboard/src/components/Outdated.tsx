import { createContext, useContext } from 'react';
import { useWords } from '../i18n/context.tsx';

/** When the figures below came, Unix milliseconds, where asking for them again has failed since. */
export const OutdatedSince = createContext<number | undefined>(undefined);

/** On a card: its figures are not of this moment, though nothing else shows it. */
export const Outdated = () => {
  const { t, format } = useWords();
  const since = useContext(OutdatedSince);
  if (since === undefined) return null;
  return (
    <p className="outdated" role="status">
      {t('state.outdated', { time: format.clock(since) })}
    </p>
  );
};
