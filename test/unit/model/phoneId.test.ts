import fc from 'fast-check';
import { either as E } from 'fp-ts';
import {
  addressKind,
  hashOfPhone,
  isNonPhone,
  PhoneId,
  phoneIdOf,
} from '../../../src/model/phoneId.ts';

const HASH = 'ab'.repeat(32);
const SHORT = '0c1d2e3f4a5b6c7d';

describe('PhoneId', () => {
  it.each([
    ['A8-76-50-E9-28-20', 'a8:76:50:e9:28:20'],
    [`hashed:randomised:${HASH}`, `hashed:randomised:${HASH}`],
    ['0c1d2e3f4a5b6c7d', `hashed:unknown:${SHORT}`],
    ['0C1D2E3F4A5B6C7D', `hashed:unknown:${SHORT}`],
    [`hashed:unknown:${SHORT}`, `hashed:unknown:${SHORT}`],
    ['id:phone:anna', 'id:phone:anna'],
    ['id:x', 'id:x'],
  ])('reads %s', (written, id) => {
    expect(PhoneId.decode(written)).toEqual(E.right(id));
    expect(PhoneId.is(id)).toBe(true);
  });

  it.each([
    'phone:anna',
    'id:',
    'id: anna',
    'id:a\nb',
    `id:${'x'.repeat(129)}`,
    'hashed:fixed:abc',
    `hashed:other:${HASH}`,
    `hashed:unknown:${HASH}`,
    `hashed:fixed:${SHORT}`,
    `${SHORT}0`,
    7,
  ])('refuses %j', (written) => {
    expect(E.isLeft(PhoneId.decode(written))).toBe(true);
  });

  it('is stable: what it reads it reads again as the same', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = PhoneId.decode(phoneIdOf(text));
        if (E.isRight(read)) expect(PhoneId.decode(read.right)).toEqual(read);
      }),
    );
  });
});

it('takes writings of one address for one phone', () => {
  expect(phoneIdOf('A87650E92820')).toBe(phoneIdOf('a8:76:50:e9:28:20'));
});

it.each([
  ['00:00:00:00:00:01', 'fixed'],
  ['a8:76:50:e9:28:20', 'fixed'],
  ['02:00:00:00:00:01', 'randomised'],
  ['a6:a4:f6:4f:62:44', 'randomised'],
  ['dc:a6:32:eb:59:4d', 'fixed'],
  ['id:phone:anna', 'fixed'],
  [`hashed:fixed:${HASH}`, 'fixed'],
  [`hashed:randomised:${HASH}`, 'randomised'],
  [`hashed:unknown:${SHORT}`, 'unknown'],
])('%s is %s', (id, kind) => {
  expect(addressKind(id)).toBe(kind);
});

it('knows a hash when it sees one', () => {
  expect(hashOfPhone(`hashed:fixed:${HASH}`)).toBe(HASH);
  expect(hashOfPhone(HASH)).toBeUndefined();
  expect(hashOfPhone(`hashed:unknown:${SHORT}`)).toBeUndefined();
  expect(hashOfPhone('a8:76:50:e9:28:20')).toBeUndefined();
});

it.each([
  ['ff:ff:ff:ff:ff:ff', true],
  ['01:00:5e:00:00:fb', true],
  ['33:33:ff:00:00:01', true],
  ['00:00:00:00:00:00', true],
  ['00:1b:2f:00:00:01', true],
  ['02:00:00:00:00:01', false],
  ['a8:76:50:e9:28:20', false],
  // A Bluetooth beacon's.
  ['e7:8f:13:56:24:ce', false],
  [`hashed:unknown:${SHORT}`, false],
  ['id:00:00', false],
])('%s is an address that no phone has: %s', (id, expected) => {
  expect(isNonPhone(id)).toBe(expected);
});
