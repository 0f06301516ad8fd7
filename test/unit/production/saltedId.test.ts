import { createHash } from 'node:crypto';
import { either as E } from 'fp-ts';
import { isNonPhone } from '../../../src/model/phoneId.ts';
import { KNOWN_GROUPS, saltedGroups, saltedId } from '../../../src/production/saltedId.ts';
import { dropIds } from '../../../src/sources/formats/dropIds.ts';
import { decodeNative } from '../../../src/sources/formats/native.ts';

const SALT = 'a salt';
const digits = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);

it('makes of an address what sensors make that hash salt and digits', () => {
  expect(saltedId(SALT)('a8:76:50:e9:28:20')).toBe(
    `hashed:unknown:${digits(`${SALT}a87650e92820`)}`,
  );
});

it('knows a group as a group, hashed or not', () => {
  expect(KNOWN_GROUPS.filter((mac) => !isNonPhone(mac))).toEqual([]);
  expect(new Set(KNOWN_GROUPS).size).toBe(KNOWN_GROUPS.length);
  expect(saltedGroups(undefined).size).toBe(0);
});

it('drops hashed groups of the known salt alone', () => {
  const message = (mac: string) => ({
    topic: 'neuralsense/rssi',
    payload: new TextEncoder().encode(JSON.stringify({ ts: 1.5, rpi_id: 'pi5', mac, rssi: -61 })),
    receivedAt: 2,
  });
  const decode = dropIds(saltedGroups(SALT), decodeNative);
  const tagsOf = (mac: string) =>
    decode(message(mac)).map((one) => (E.isRight(one) ? Object(one.right)._tag : one.left));
  expect(tagsOf(digits(`${SALT}ffffffffffff`))).toEqual(['NonPhone']);
  expect(tagsOf(digits(`${SALT}01005e0000fb`))).toEqual(['NonPhone']);
  expect(tagsOf(digits(`${SALT}a87650e92820`))).toEqual([undefined]);
  expect(tagsOf(digits('another saltffffffffffff'))).toEqual([undefined]);
});
