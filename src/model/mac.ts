import * as t from 'io-ts';

const USUAL_WRITINGS =
  /^(?:[0-9a-f]{12}|[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2})$/i;

const NORMALISED = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

const normalise = (mac: string): string =>
  (
    mac
      .toLowerCase()
      .replace(/[^0-9a-f]/g, '')
      .match(/../g) ?? []
  ).join(':');

/** What an address looks like, for messages. */
export const EXAMPLE_MAC = 'a8:76:50:e9:28:20';

/**
 * A MAC address. Reads `a8:76:50:e9:28:20`, `A8-76-50-E9-28-20`, `a876.50e9.2820` and
 * `a87650e92820`; the value is always the first writing.
 */
export const Mac = new t.Type<string, string, unknown>(
  'Mac',
  (value): value is string => typeof value === 'string' && NORMALISED.test(value),
  (input, context) =>
    typeof input === 'string' && USUAL_WRITINGS.test(input)
      ? t.success(normalise(input))
      : t.failure(input, context, `must be a MAC address such as ${EXAMPLE_MAC}`),
  t.identity,
);
