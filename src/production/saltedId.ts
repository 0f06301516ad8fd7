import { createHash } from 'node:crypto';

/**
 * What sensors make of an address that hash it themselves: SHA-256 of the salt and the address's 12
 * hexadecimal digits in lower case, of which the first 16 digits are the id.
 */
export const saltedId =
  (salt: string) =>
  (mac: string): string => {
    const digest = createHash('sha256').update(salt + mac.replaceAll(':', ''));
    return `hashed:unknown:${digest.digest('hex').slice(0, 16)}`;
  };

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** All addresses that differ in their last octet. */
const block = (begin: string): ReadonlyArray<string> =>
  Array.from({ length: 256 }, (_, last) => `${begin}:${hex(last)}`);

/**
 * The groups that a shop's network speaks to; there are 2^46 more. In order: none and all; IPv4's local
 * and internetwork control blocks (RFC 5771), SSDP and SLP; IPv6's well-known groups (RFC 4291) and
 * DHCPv6, LLMNR; bridges and LLDP (IEEE 802.1Q); Cisco's protocols; PTP.
 */
export const KNOWN_GROUPS: ReadonlyArray<string> = [
  ...['00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff'],
  ...['01:00:5e:00:00', '01:00:5e:00:01'].flatMap(block),
  ...['01:00:5e:7f:ff:fa', '01:00:5e:7f:ff:fd'],
  ...['33:33:00:00:00', '33:33:00:00:01', '33:33:00:01:00'].flatMap(block),
  ...block('01:80:c2:00:00'),
  ...['01:00:0c:cc:cc:cc', '01:00:0c:cc:cc:cd', '01:00:0c:00:00:00'],
  '01:1b:19:00:00:00',
];

/** The ids of {@link KNOWN_GROUPS} with a salt; none without one. */
export const saltedGroups = (salt: string | undefined): ReadonlySet<string> =>
  new Set(salt === undefined ? [] : KNOWN_GROUPS.map(saltedId(salt)));
