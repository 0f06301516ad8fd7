import type { ko } from './ko.ts';

export type MessageKey = keyof typeof ko;
export type Catalogue = Readonly<Record<MessageKey, string>>;
export type Parameters = Readonly<Record<string, string | number>>;

export const LANGUAGES = ['ko', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

const CHOICE = /\{(\w+):([^|}]*)\|([^}]*)\}/g;
const PLACE = /\{(\w+)\}/g;
/** A sign that a Korean ending follows: a line must not end between the two. */
const BEFORE_ENDING = /[%)](?=[\uac00-\ud7a3])/g;
const WORD_JOINER = '\u2060';

/**
 * A message with its `{placeholders}` filled in; one without a value stays as it is, to be seen.
 * `{n:visit|visits}` is the first word where n is 1.
 */
export const fill = (message: string, parameters: Parameters = {}): string =>
  message
    .replace(CHOICE, (_, name: string, one: string, more: string) =>
      String(parameters[name]) === '1' ? one : more,
    )
    .replace(PLACE, (placeholder, name: string) => String(parameters[name] ?? placeholder))
    .replace(BEFORE_ENDING, `$&${WORD_JOINER}`);
