import { LANGUAGES, type Language } from '../i18n/translate.ts';

export const THEMES = ['light', 'dark', 'system'] as const;
export type Theme = (typeof THEMES)[number];

export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
  readonly storeId?: string;
}

const KEY = 'neuralsense.preferences';
const DEFAULTS: Preferences = { language: 'ko', theme: 'system' };

const oneOf = <A extends string>(all: ReadonlyArray<A>, value: unknown): A | undefined =>
  all.find((one) => one === value);

/** What was chosen on this machine; Korean, and the system's theme, where nothing was. */
export const readPreferences = (storage: Storage): Preferences => {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? '{}') as Record<string, unknown>;
    return {
      language: oneOf(LANGUAGES, kept['language']) ?? DEFAULTS.language,
      theme: oneOf(THEMES, kept['theme']) ?? DEFAULTS.theme,
      ...(typeof kept['storeId'] === 'string' && { storeId: kept['storeId'] }),
    };
  } catch {
    return DEFAULTS;
  }
};

/** A browser that keeps nothing forgets the choice with the page, no more. */
export const writePreferences = (storage: Storage, preferences: Preferences): void => {
  try {
    storage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // Private windows may refuse.
  }
};
