import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { en } from './en.ts';
import { type Format, formatFor } from './format.ts';
import { ko } from './ko.ts';
import {
  type Catalogue,
  fill,
  type Language,
  type MessageKey,
  type Parameters,
} from './translate.ts';

const CATALOGUES: Readonly<Record<Language, Catalogue>> = { ko, en };

export type Translate = (key: MessageKey, parameters?: Parameters) => string;

interface Words {
  readonly language: Language;
  readonly t: Translate;
  readonly format: Format;
}

export const wordsFor = (language: Language, timeZone: string): Words => ({
  language,
  t: (key, parameters) => fill(CATALOGUES[language][key], parameters),
  format: formatFor(language, timeZone),
});

const Context = createContext<Words>(wordsFor('ko', 'UTC'));

interface WordsProviderProps {
  readonly language: Language;
  readonly timeZone: string;
  readonly children: ReactNode;
}

export const WordsProvider = ({ language, timeZone, children }: WordsProviderProps) => {
  const words = useMemo(() => wordsFor(language, timeZone), [language, timeZone]);
  return <Context value={words}>{children}</Context>;
};

/** The reader's language, and numbers and times as it writes them. */
export const useWords = (): Words => useContext(Context);
