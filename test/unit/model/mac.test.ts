import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { Mac } from '../../../src/model/mac.ts';

const octets = fc.array(fc.stringMatching(/^[0-9a-f]{2}$/), { minLength: 6, maxLength: 6 });
const groupsOf = (length: number, text: string): ReadonlyArray<string> =>
  text.match(new RegExp(`.{${length}}`, 'g')) ?? [];
const writings: ReadonlyArray<(pairs: ReadonlyArray<string>) => string> = [
  (pairs) => pairs.join(':'),
  (pairs) => pairs.join('-'),
  (pairs) => groupsOf(4, pairs.join('')).join('.'),
  (pairs) => pairs.join(''),
];

describe('Mac', () => {
  it('reads any usual writing, in any case, as one form, and that form as itself', () => {
    fc.assert(
      fc.property(octets, fc.constantFrom(...writings), fc.boolean(), (pairs, write, upper) => {
        const written = upper ? write(pairs).toUpperCase() : write(pairs);
        const decoded = Mac.decode(written);

        expect(decoded).toEqual(E.right(pairs.join(':')));
        expect(E.chain(Mac.decode)(E.Functor.map(decoded, Mac.encode))).toEqual(decoded);
        expect(Mac.is(pairs.join(':'))).toBe(true);
      }),
    );
  });

  it.each([
    '',
    'a8:76:50:e9:28',
    'a8:76:50:e9:28:20:01',
    'a8:76:50:e9:28:2g',
    'a8:76-50:e9-28:20',
    'a876.50e928.20',
    ' a8:76:50:e9:28:20',
    'a8:76:50:e9:28:20\n',
    42,
    null,
    undefined,
    ['a8:76:50:e9:28:20'],
  ])('refuses %j', (input) => {
    expect(E.isLeft(Mac.decode(input))).toBe(true);
  });

  it('refuses anything else without a crash', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        fc.pre(typeof input !== 'string');
        expect(E.isLeft(Mac.decode(input))).toBe(true);
      }),
    );
  });
});
