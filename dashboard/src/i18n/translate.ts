import type { ko } from './ko.ts';

export type MessageKey = keyof typeof ko;
export type Catalogue = Readonly<Record<MessageKey, string>>;
export type Parameters = Readonly<Record<string, string | number>>;

export const LANGUAGES = ['ko', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** A message with its `{placeholders}` filled in; one without a value stays as it is, to be seen. */
export const fill = (message: string, parameters: Parameters = {}): string =>
  message.replace(/\{(\w+)\}/g, (placeholder, name: string) =>
    String(parameters[name] ?? placeholder),
  );
