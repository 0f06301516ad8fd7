import fc from 'fast-check';
import type { Grid } from '../../../src/positioning/grid.ts';
import {
  predict,
  remember,
  roomToSpread,
  stillness,
  weightsOf,
} from '../../../src/positioning/motion.ts';

const normal = (x: number, variance: number): number =>
  Math.exp(-(x ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
/** Of a level whose two windows had so many readings, dB². */
const noise = (before: number, now: number): number => 0.5 + 9 / before + 9 / now;

describe('stillness', () => {
  const pair = fc.record({
    before: fc.integer({ min: -90, max: -40 }),
    now: fc.integer({ min: -90, max: -40 }),
    counts: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
  });

  it('is the share of noise in what could have changed the levels: noise alone, or a walk', () => {
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 3 }), (pairs) => {
        const window = (of: 'before' | 'now', which: 0 | 1) => ({
          vector: Object.fromEntries(pairs.map((one, at) => [`pi${at}`, one[of]])),
          counts: Object.fromEntries(pairs.map(({ counts }, at) => [`pi${at}`, counts[which]])),
        });
        const odds = pairs.reduce((product, { before, now, counts: [a, b] }) => {
          const variance = noise(a, b);
          return (product * normal(now - before, variance)) / normal(now - before, variance + 16);
        }, 1);
        expect(stillness(window('before', 0), window('now', 1))).toBeCloseTo(odds / (1 + odds), 9);
      }),
    );
  });

  it('goes by the sensors that heard both windows, and is none without any', () => {
    const once = (vector: Readonly<Record<string, number>>) => ({ vector, counts: {} });
    const common = stillness(once({ a: -60 }), once({ a: -61 }));
    expect(stillness(once({ a: -60, b: -40 }), once({ a: -61, c: -90 }))).toBe(common);
    expect(stillness(once({ b: -60 }), once({ a: -60 }))).toBe(0);
  });
});

describe('what is remembered of levels', () => {
  const heard = (dbm: number, count: number) => ({ vector: { a: dbm }, counts: { a: count } });

  it('is their mean, by readings, as far as the phone stood still', () => {
    expect(remember(heard(-60, 3), heard(-70, 1), 1)).toEqual(heard(-62.5, 4));
    expect(remember(heard(-60, 2), heard(-70, 1), 0.5)).toEqual(heard(-65, 2));
    expect(remember(heard(-60, 9), heard(-70, 2), 0)).toEqual(heard(-70, 2));
    expect(remember(undefined, heard(-70, 2), 1)).toEqual(heard(-70, 2));
  });

  it('stands for sixty readings at most, so that it fades', () => {
    expect(remember(heard(-60, 59), heard(-60, 1), 1).counts).toEqual({ a: 60 });
    expect(remember(heard(-60, 60), heard(-60, 5), 1).counts).toEqual({ a: 60 });
    // All that was heard counts for the mean all the same.
    expect(remember(heard(-60, 60), heard(-70, 20), 1).vector).toEqual({ a: -62.5 });
  });

  it('is of the sensors that hear the phone now', () => {
    const now = { vector: { b: -50 }, counts: {} };
    expect(remember(heard(-60, 3), now, 1)).toEqual({ vector: { b: -50 }, counts: { b: 1 } });
  });
});

describe('weights', () => {
  it.each([
    ['a phone that walks, a window later', 0, 5, { prior: 0.75, offset: 1, evidence: 1 }],
    ['a phone that walks, two later', 0, 10, { prior: 0.75 ** 2, offset: 1, evidence: 1 }],
    ['one that stands, a window later', 1, 5, { prior: 0.97, offset: 0.97, evidence: 0.03 }],
    [
      'one that stands, two later',
      1,
      10,
      { prior: 0.97 ** 2, offset: 0.97 ** 2, evidence: 0.0591 },
    ],
    ['one that may do either', 0.5, 5, { prior: 0.86, offset: 0.985, evidence: 0.515 }],
  ])('of %s', (_what, still, elapsed, wanted) => {
    const { prior, offset, evidence } = weightsOf(still, elapsed);
    expect(prior).toBeCloseTo(wanted.prior, 9);
    expect(offset).toBeCloseTo(wanted.offset, 9);
    expect(evidence).toBeCloseTo(wanted.evidence, 9);
  });
});

describe('where a phone may be after a while', () => {
  const SIDE = 61;
  /** A floor so large that its walls are far away. */
  const hall = { blockColumns: SIDE, blockRows: SIDE, blockM: 1 } as Grid;
  const middle = (SIDE * SIDE - 1) / 2;
  const from = (block: number, blocks = SIDE * SIDE): Float64Array => {
    const all = new Float64Array(blocks);
    all[block] = 1;
    return all;
  };
  /** Copied: the answer lies in a room that the next one may take. */
  const spread = (still: number, elapsed: number) =>
    Float64Array.from(predict(hall, from(middle), still, elapsed));
  /** Probability that it is anywhere, s after it was seen. */
  const reset = (elapsed: number) => 1 - 0.99 ** (elapsed / 5);
  /** The variance along one axis of what is not reset, m². */
  const varianceOf = (blocks: Float64Array, elapsed: number): number => {
    const anywhere = reset(elapsed) / blocks.length;
    return blocks.reduce((sum, value, block) => {
      const metres = (block % SIDE) - (SIDE - 1) / 2;
      return sum + ((value - anywhere) / (1 - reset(elapsed))) * metres ** 2;
    }, 0);
  };

  it('spreads by three metres a window where it walks, the variance growing with time', () => {
    // Cut at three standard deviations, which takes 2.7 % of the variance.
    for (const elapsed of [5, 10, 20])
      expect(varianceOf(spread(0, elapsed), elapsed) / (9 * (elapsed / 5))).toBeCloseTo(0.97, 1);
  });

  it('spreads by half a metre where it stands', () => {
    expect(varianceOf(spread(1, 20), 20)).toBeCloseTo(1, 1);
  });

  it('is a mixture of both where it may do either', () => {
    const [walks, stands, either] = [0, 1, 0.6].map((still) => spread(still, 5));
    for (const block of [middle, middle + 1, middle + 5, middle + 3 * SIDE])
      expect(either?.[block]).toBeCloseTo(
        0.4 * (walks?.[block] ?? 0) + 0.6 * (stands?.[block] ?? 0),
        12,
      );
  });

  it('may be anywhere with a probability that grows with time', () => {
    for (const elapsed of [5, 60])
      expect(spread(1, elapsed)[0]).toBeCloseTo(reset(elapsed) / SIDE ** 2, 12);
  });

  it.each([
    ['in a corner', 0],
    ['at a wall', 3],
    ['in a narrow shop', 5],
  ])('keeps to the floor %s, losing nothing', (_what, block) => {
    const shop = { blockColumns: 7, blockRows: 3, blockM: 1.6 } as Grid;
    for (const [still, elapsed] of [
      [0, 60],
      [0.5, 5],
      [1, 0],
    ] as const) {
      const predicted = predict(shop, from(block, 21), still, elapsed);
      expect(predicted.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
    }
  });

  it('is the same in a room that another phone was in', () => {
    const room = roomToSpread(SIDE * SIDE);
    predict(hall, from(0), 0.2, 60, room);
    expect(predict(hall, from(middle), 0.2, 5, room)).toEqual(spread(0.2, 5));
  });
});
