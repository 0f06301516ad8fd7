import * as t from 'io-ts';
import { Mac } from './mac.ts';

/** How an id came to be: by its maker (or its owner) for good, or by chance for a while. */
export type AddressKind = 'fixed' | 'randomised';

const HASHED = /^hashed:(fixed|randomised):([0-9a-f]{64})$/;
const OTHER = /^id:\S(?:[^\p{Cc}]{0,126}\S)?$/u;

/**
 * What a phone is known by, in one of three forms: a MAC address; `hashed:<kind>:<64 hex digits>`,
 * an address that the sensor hashed with the store's secret before sending it; `id:<text>`, anything
 * else that names a device, such as a beacon's uuid. Other writings of an address are normalised.
 */
export const PhoneId = new t.Type<string, string, unknown>(
  'PhoneId',
  (value): value is string =>
    Mac.is(value) || (typeof value === 'string' && (HASHED.test(value) || OTHER.test(value))),
  (input, context) =>
    typeof input === 'string' && (HASHED.test(input) || OTHER.test(input))
      ? t.success(input)
      : Mac.validate(input, context),
  t.identity,
);

/** An id as other systems write it: as it is in one of our forms, `id:<text>` in lower case else. */
export const phoneIdOf = (written: string): string => {
  const known = PhoneId.decode(written.trim());
  return known._tag === 'Right' ? known.right : `id:${written.trim().toLowerCase()}`;
};

/** The hash that a sensor already made of an address; undefined where the id is no hash. */
export const hashOfPhone = (phoneId: string): string | undefined => HASHED.exec(phoneId)?.[2];

/**
 * Fixed or randomised, by the locally-administered bit of a MAC address: the second-lowest one of
 * its first octet (IEEE 802c-2017, 8.4.4). Ids that are no address were given for good.
 */
export const addressKind = (phoneId: string): AddressKind => {
  const hashed = HASHED.exec(phoneId)?.[1];
  if (hashed !== undefined) return hashed === 'randomised' ? 'randomised' : 'fixed';
  return Mac.is(phoneId) && (Number.parseInt(phoneId.slice(0, 2), 16) & 2) !== 0
    ? 'randomised'
    : 'fixed';
};
