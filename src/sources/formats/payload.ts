import { either as E } from 'fp-ts';

export const PAYLOAD_BYTES = 262_144;

/** Enough bytes for the excerpt that a rejection keeps, whatever their encoding. */
const EXCERPT_BYTES = 8_192;

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The beginning of a payload, for a person to look at. */
export const excerpt = (payload: Uint8Array): string =>
  new TextDecoder().decode(payload.subarray(0, EXCERPT_BYTES));

/** The text of the payload, or why there is none. Nothing is parsed before its size is known. */
export const readText = (
  payload: Uint8Array,
  maxBytes = PAYLOAD_BYTES,
): E.Either<string, string> => {
  if (payload.byteLength > maxBytes)
    return E.left(`payload: ${payload.byteLength} bytes, at most ${maxBytes}`);
  try {
    const text = UTF8.decode(payload);
    return text.trim() === '' ? E.left('payload: empty') : E.right(text);
  } catch {
    return E.left('payload: not valid UTF-8');
  }
};

const parse = (text: string): E.Either<string, unknown> => {
  try {
    return E.right(JSON.parse(text));
  } catch (problem) {
    return E.left(`payload: not JSON: ${problem instanceof Error ? problem.message : problem}`);
  }
};

export const readJson = (payload: Uint8Array, maxBytes?: number): E.Either<string, unknown> =>
  E.Monad.chain(readText(payload, maxBytes), parse);

/** JSON can nest deeper than what walks over it may recurse; such a value is named, not shown. */
export const asJson = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return '(nested too deeply to show)';
  }
};

export type Fields = Readonly<Record<string, unknown>>;

/** The fields that an object holds itself; a key `__proto__` of the JSON lends it none. */
export const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.assign(Object.create(null), value)
    : undefined;
