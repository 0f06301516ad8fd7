import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import * as der from './der.ts';

/** What a certificate is for; `hosts` are DNS names and IP addresses. */
export type Purpose =
  | { readonly _tag: 'Authority' }
  | { readonly _tag: 'Server'; readonly hosts: ReadonlyArray<string> }
  | { readonly _tag: 'Client' };

export interface Request {
  /** The common name: what a broker takes as the user's name. */
  readonly name: string;
  readonly purpose: Purpose;
  readonly key: KeyObject;
  readonly from: Date;
  readonly until: Date;
}

export interface Issuer {
  readonly name: string;
  readonly key: KeyObject;
}

const ECDSA_SHA256 = der.sequence(der.oid('1.2.840.10045.4.3.2'));
const COMMON_NAME = der.oid('2.5.4.3');
const EXTENSION = {
  subjectKey: der.oid('2.5.29.14'),
  keyUsage: der.oid('2.5.29.15'),
  alternativeName: der.oid('2.5.29.17'),
  basicConstraints: der.oid('2.5.29.19'),
  authorityKey: der.oid('2.5.29.35'),
  extendedKeyUsage: der.oid('2.5.29.37'),
} as const;
const SERVER_AUTH = der.oid('1.3.6.1.5.5.7.3.1');
const CLIENT_AUTH = der.oid('1.3.6.1.5.5.7.3.2');

/** ECDSA on P-256: small, and understood by mosquitto, Node and ESP32 alike. */
export const newKey = (): KeyObject =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;

const distinguishedName = (common: string): Buffer =>
  der.sequence(der.set(der.sequence(COMMON_NAME, der.utf8(common))));

const publicInfo = (key: KeyObject): Buffer =>
  createPublicKey(key).export({ type: 'spki', format: 'der' });

/** RFC 5280, 4.2.1.2 (1): SHA-1 of the public point, which ends the key's info (65 bytes on P-256). */
const keyId = (key: KeyObject): Buffer =>
  createHash('sha1').update(publicInfo(key).subarray(-65)).digest();

const extension = (id: Buffer, value: Buffer, critical = false): Buffer =>
  der.sequence(id, ...(critical ? [der.yes()] : []), der.octets(value));

/** RFC 4291: eight groups of 16 bits, `::` for as many zeros as are missing. */
const ipv6Bytes = (address: string): Buffer => {
  const mapped = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail = ''] = mapped.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
};

const alternativeName = (host: string): Buffer => {
  if (isIPv4(host)) return der.implicit(7, Buffer.from(host.split('.').map(Number)));
  if (isIPv6(host)) return der.implicit(7, ipv6Bytes(host));
  return der.implicit(2, Buffer.from(host));
};

const extensionsFor = (purpose: Purpose): ReadonlyArray<Buffer> => {
  if (purpose._tag === 'Authority')
    return [
      extension(EXTENSION.basicConstraints, der.sequence(der.yes(), der.integer(0)), true),
      extension(EXTENSION.keyUsage, der.bits(Uint8Array.of(0b0000_0110), 1), true),
    ];
  const isServer = purpose._tag === 'Server';
  return [
    extension(EXTENSION.basicConstraints, der.sequence(), true),
    extension(EXTENSION.keyUsage, der.bits(Uint8Array.of(0b1000_0000), 7), true),
    extension(EXTENSION.extendedKeyUsage, der.sequence(isServer ? SERVER_AUTH : CLIENT_AUTH)),
    ...(isServer
      ? [extension(EXTENSION.alternativeName, der.sequence(...purpose.hosts.map(alternativeName)))]
      : []),
  ];
};

/** An X.509 certificate (RFC 5280, version 3), signed by the issuer; an authority signs its own. */
export const certify = (request: Request, issuer: Issuer): X509Certificate => {
  const toBeSigned = der.sequence(
    der.tagged(0, der.integer(2)),
    der.integer(0x40, ...randomBytes(15)),
    ECDSA_SHA256,
    distinguishedName(issuer.name),
    der.sequence(der.time(request.from), der.time(request.until)),
    distinguishedName(request.name),
    publicInfo(request.key),
    der.tagged(
      3,
      der.sequence(
        ...extensionsFor(request.purpose),
        extension(EXTENSION.subjectKey, der.octets(keyId(request.key))),
        extension(EXTENSION.authorityKey, der.sequence(der.implicit(0, keyId(issuer.key)))),
      ),
    ),
  );
  const signature = sign('sha256', toBeSigned, issuer.key);
  return new X509Certificate(der.sequence(toBeSigned, ECDSA_SHA256, der.bits(signature)));
};
