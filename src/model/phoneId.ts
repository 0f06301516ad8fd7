import * as t from 'io-ts';
import { Mac } from './mac.ts';

/**
 * How an id came to be: by its maker (or its owner) for good, or by chance for a while. A hash that
 * does not say what it was made of may be either.
 */
export type AddressKind = 'fixed' | 'randomised' | 'unknown';

const HASHED = /^hashed:(?:(fixed|randomised):([0-9a-f]{64})|unknown:[0-9a-f]{16})$/;
const SHORT_HASH = /^[0-9a-f]{16}$/i;
const OTHER = /^id:\S(?:[^\p{Cc}]{0,126}\S)?$/u;

/**
 * What a phone is known by, in one of four forms: a MAC address; `hashed:<kind>:<64 hex digits>`,
 * an address that the sensor hashed with the store's secret before sending it;
 * `hashed:unknown:<16 hex digits>`, one that it hashed in a way of its own, written without the
 * prefix too; `id:<text>`, anything else that names a device, such as a beacon's uuid. Other
 * writings of an address are normalised.
 */
export const PhoneId = new t.Type<string, string, unknown>(
  'PhoneId',
  (value): value is string =>
    Mac.is(value) || (typeof value === 'string' && (HASHED.test(value) || OTHER.test(value))),
  (input, context) => {
    if (typeof input !== 'string') return Mac.validate(input, context);
    if (SHORT_HASH.test(input)) return t.success(`hashed:unknown:${input.toLowerCase()}`);
    return HASHED.test(input) || OTHER.test(input)
      ? t.success(input)
      : Mac.validate(input, context);
  },
  t.identity,
);

/** An id as other systems write it: as it is in one of our forms, `id:<text>` in lower case else. */
export const phoneIdOf = (written: string): string => {
  const known = PhoneId.decode(written.trim());
  return known._tag === 'Right' ? known.right : `id:${written.trim().toLowerCase()}`;
};

/**
 * The hash that a sensor already made of an address with the store's secret; undefined where the id
 * is none. What was hashed in another way is hashed once more, like an address.
 */
export const hashOfPhone = (phoneId: string): string | undefined => HASHED.exec(phoneId)?.[2];

const firstOctet = (mac: string): number => Number.parseInt(mac.slice(0, 2), 16);

/**
 * An address that no phone has: of a group, such as broadcast, by the lowest bit of the first octet
 * (I/G in IEEE 802); or one that begins with 00, as those of access points and placeholders do.
 * Bluetooth gives that bit no meaning: its static random addresses begin with two ones, c0…ff, where
 * WiFi has no group but broadcast. Of a hash nobody can tell.
 */
export const isNonPhone = (phoneId: string): boolean => {
  if (!Mac.is(phoneId)) return false;
  const octet = firstOctet(phoneId);
  return octet === 0 || octet === 0xff || ((octet & 1) === 1 && octet < 0xc0);
};

/**
 * Fixed or randomised, by the locally-administered bit of a MAC address: the second-lowest one of
 * its first octet (IEEE 802c-2017, 8.4.4). Ids that are no address were given for good.
 */
export const addressKind = (phoneId: string): AddressKind => {
  const hashed = HASHED.exec(phoneId);
  if (hashed) return hashed[1] === undefined ? 'unknown' : (hashed[1] as AddressKind);
  return Mac.is(phoneId) && (firstOctet(phoneId) & 2) !== 0 ? 'randomised' : 'fixed';
};
