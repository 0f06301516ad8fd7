import * as t from 'io-ts';

/** What can be written as JSON and read back unchanged. */
export type Json =
  | null
  | boolean
  | number
  | string
  | ReadonlyArray<Json>
  | { readonly [key: string]: Json };

/** Of a value that was read from JSON there is nothing to check. */
export const AnyJson = new t.Type<Json>(
  'AnyJson',
  (_value): _value is Json => true,
  (input) => t.success(input as Json),
  t.identity,
);

/** What a text says in JSON; undefined where it is none. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** One line of a JSONL file. */
export const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;
