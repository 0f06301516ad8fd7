import * as t from 'io-ts';

/** What is wrong with a value that is there, of another type than the number or text that was wanted. */
const ofAnotherType = (input: unknown, codec: t.Mixed, message: string): string | undefined => {
  if (input === undefined || input === null) return undefined;
  if (codec instanceof t.StringType) return message;
  if (!(codec instanceof t.NumberType)) return undefined;
  return typeof input === 'string' ? `${message}, a number without quotes` : message;
};

/**
 * Narrows `codec` to the values that pass `holds`; what fails, or is of another type, is reported as
 * `message`.
 *
 * @example refine('Rssi', t.number, (dbm) => dbm >= -120 && dbm < 0, 'must be dBm from −120 to below 0')
 */
export const refine = <A, O>(
  name: string,
  codec: t.Type<A, O>,
  holds: (value: A) => boolean,
  message: string,
): t.Type<A, O> =>
  new t.Type(
    name,
    (value): value is A => codec.is(value) && holds(value),
    (input, context) => {
      const decoded = codec.validate(input, context);
      if (decoded._tag === 'Left') {
        const wrong = ofAnotherType(input, codec, message);
        return wrong === undefined ? decoded : t.failure(input, context, wrong);
      }
      return holds(decoded.right) ? decoded : t.failure(input, context, message);
    },
    codec.encode,
  );

const shown = (value: unknown): string => {
  try {
    const text = JSON.stringify(value) ?? 'missing';
    return text.length > 60 ? `${text.slice(0, 60)}…` : text;
  } catch {
    // JSON can nest deeper than what walks over it may recurse.
    return 'a value that cannot be shown';
  }
};

/** An intersection numbers its parts: those are no keys of the value. */
const joinsParts = (type: t.Decoder<unknown, unknown> | undefined): boolean =>
  type instanceof t.ExactType ? joinsParts(type.type) : type instanceof t.IntersectionType;

const path = (context: t.Context): string =>
  context
    .filter((_, level) => !joinsParts(context[level - 1]?.type))
    .map((entry) => entry.key)
    .filter((key) => key !== '')
    .join('.');

const reason = (error: t.ValidationError): string => {
  const expected = error.context.at(-1)?.type.name ?? 'something else';
  const where = path(error.context);
  return `${where === '' ? '' : `${where}: `}${error.message ?? `expected ${expected}`}, got ${shown(error.value)}`;
};

/** One line per violation: the path, what was expected, and an excerpt of what came instead. */
export const explain = (errors: t.Errors): ReadonlyArray<string> => [
  ...new Set(errors.map(reason)),
];
