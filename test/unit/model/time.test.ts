import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { UnixSeconds, windowStart } from '../../../src/model/time.ts';

describe('UnixSeconds', () => {
  it('leaves seconds as they are', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e11, minExcluded: true, maxExcluded: true, noNaN: true }),
        (seconds) => {
          expect(UnixSeconds.decode(seconds)).toEqual(E.right(seconds));
        },
      ),
    );
  });

  it('reads milliseconds of any year since 1973 as seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1e11, max: 1e14 - 1 }), (ms) => {
        expect(UnixSeconds.decode(ms)).toEqual(E.right(ms / 1000));
      }),
    );
  });

  it('reads what it wrote as itself', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e14, maxExcluded: true, noNaN: true }), (input) => {
        const once = UnixSeconds.decode(input);
        expect(E.chain(UnixSeconds.decode)(E.Functor.map(once, UnixSeconds.encode))).toEqual(once);
      }),
    );
  });

  it.each([0, -1, 1e14, Number.NaN, Number.POSITIVE_INFINITY, '1740000000', null, undefined, {}])(
    'refuses %p',
    (input) => {
      expect(E.isLeft(UnixSeconds.decode(input))).toBe(true);
    },
  );
});

describe('windowStart', () => {
  it.each([
    { ts: 1_740_000_000, start: 1_740_000_000 },
    { ts: 1_740_000_004.999, start: 1_740_000_000 },
    { ts: 1_740_000_005, start: 1_740_000_005 },
    { ts: 0.001, start: 0 },
  ])('of $ts is $start', ({ ts, start }) => {
    expect(windowStart(ts, 5_000)).toBe(start);
  });

  it('is aligned, not after its reading, and less than a span before it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000_000_000_000 }),
        fc.constantFrom(1_000, 5_000, 30_000),
        (ms, spanMs) => {
          const startMs = windowStart(ms / 1000, spanMs) * 1000;
          expect(startMs % spanMs).toBe(0);
          expect(startMs).toBeLessThanOrEqual(ms);
          expect(ms - startMs).toBeLessThan(spanMs);
        },
      ),
    );
  });
});
