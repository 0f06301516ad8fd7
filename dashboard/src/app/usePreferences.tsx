import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { type Preferences, readPreferences, writePreferences } from './preferences.ts';

interface Choice {
  readonly preferences: Preferences;
  readonly choose: (change: Partial<Preferences>) => void;
}

const Context = createContext<Choice>({
  preferences: { language: 'ko', theme: 'system' },
  choose: () => undefined,
});

const apply = ({ language, theme }: Preferences): void => {
  const { documentElement: root } = document;
  root.lang = language;
  if (theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = theme;
};

export const PreferencesProvider = ({ children }: { readonly children: ReactNode }) => {
  const [preferences, setPreferences] = useState(() => readPreferences(localStorage));
  useEffect(() => {
    apply(preferences);
    writePreferences(localStorage, preferences);
  }, [preferences]);
  const choice = useMemo(
    () => ({
      preferences,
      choose: (change: Partial<Preferences>) => setPreferences((kept) => ({ ...kept, ...change })),
    }),
    [preferences],
  );
  return <Context value={choice}>{children}</Context>;
};

export const usePreferences = (): Choice => useContext(Context);
