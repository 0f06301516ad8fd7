/** DER (X.690): the few ASN.1 types of a certificate, each as its bytes. */

const lengthOf = (bytes: number): ReadonlyArray<number> => {
  if (bytes < 0x80) return [bytes];
  const digits: number[] = [];
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return [0x80 | digits.length, ...digits];
};

const element = (tag: number, ...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Uint8Array.from([tag, ...lengthOf(content.length)]), content]);
};

export const sequence = (...parts: ReadonlyArray<Uint8Array>): Buffer => element(0x30, ...parts);
export const set = (...parts: ReadonlyArray<Uint8Array>): Buffer => element(0x31, ...parts);
export const octets = (content: Uint8Array): Buffer => element(0x04, content);
export const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text));
export const yes = (): Buffer => element(0x01, Uint8Array.of(0xff));

/** A number from its bytes, the highest first; it stays positive whatever its first bit. */
export const integer = (...bytes: ReadonlyArray<number>): Buffer => {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? [0] : bytes.slice(first);
  return element(0x02, Uint8Array.from((digits[0] ?? 0) >= 0x80 ? [0, ...digits] : digits));
};

/** Bits in whole bytes, of which the last `unused` do not count. */
export const bits = (content: Uint8Array, unused = 0): Buffer =>
  element(0x03, Uint8Array.of(unused), content);

/** `2.5.29.17` */
export const oid = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const base128 = (arc: number): ReadonlyArray<number> => {
    const digits = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      digits.unshift(0x80 | (left % 128));
    return digits;
  };
  return element(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]));
};

/** To the second; RFC 5280 wants two digits of the year until 2049 and four from 2050 on. */
export const time = (at: Date): Buffer => {
  const digits = `${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`;
  return at.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(digits.slice(2)))
    : element(0x18, Buffer.from(digits));
};

/** A context-specific tag around whole elements. */
export const tagged = (tag: number, ...parts: ReadonlyArray<Uint8Array>): Buffer =>
  element(0xa0 | tag, ...parts);

/** A context-specific tag in place of the type's own. */
export const implicit = (tag: number, content: Uint8Array): Buffer => element(0x80 | tag, content);
