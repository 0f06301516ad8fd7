import { hashMac } from '../../../src/production/hashMac.ts';

// RFC 4231, test case 2.
it('is HMAC-SHA-256', () => {
  expect(hashMac('Jefe')('what do ya want for nothing?')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});

it('makes of one phone two strangers in two stores', () => {
  const mac = 'a8:76:50:e9:28:20';
  expect(hashMac('one store')(mac)).not.toBe(hashMac('another store')(mac));
  expect(hashMac('one store')(mac)).not.toContain(mac.replaceAll(':', ''));
});

test('what a sensor hashed is the hash already', () => {
  const mac = 'a8:76:50:e9:28:20';
  const hash = hashMac('one store')(mac);
  expect(hashMac('one store')(`hashed:fixed:${hash}`)).toBe(hash);
});
