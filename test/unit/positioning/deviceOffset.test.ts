import {
  type DeviceOffset,
  driftOffset,
  integrateOffset,
  learnOffset,
} from '../../../src/positioning/deviceOffset.ts';
import type { Sums } from '../../../src/positioning/likelihood.ts';

/** Two sensors in four cells: how far what they heard is from what was expected there, and 1/s². */
const RESIDUALS = [
  [1, -2],
  [6, 5],
  [-3, 4],
  [8, 9],
];
const WEIGHTS = [0.04, 0.05];
const sums = (): Sums => {
  const by = (of: (residual: number, weight: number) => number) =>
    Float64Array.from(RESIDUALS, (cell) =>
      cell.reduce((sum, residual, sensor) => sum + of(residual, WEIGHTS[sensor] ?? 0), 0),
    );
  return {
    squares: by((r, w) => w * r * r),
    residuals: by((r, w) => w * r),
    weights: by((_, w) => w),
    logs: by((_, w) => Math.log(w)),
  };
};
const PRIOR = {
  log: Float64Array.from([Math.log(0.7), Math.log(0.3)]),
  block: Int32Array.from([0, 0, 1, 1]),
};
const kind: DeviceOffset = { alike: 0.4, mean: 2, variance: 30 };

const normal = (x: number, mean: number, variance: number): number =>
  Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
/** ∫ of(b) · N(b; mean, variance) · likelihood(b)^power db in a cell, by small steps. */
const integral = (
  cell: number,
  power: number,
  { mean, variance }: Pick<DeviceOffset, 'mean' | 'variance'>,
  of: (b: number) => number = () => 1,
): number => {
  const step = 0.1;
  let sum = 0;
  for (let b = -60; b <= 60; b += step) {
    const likelihood = (RESIDUALS[cell] ?? []).reduce(
      (product, residual, sensor) =>
        product * normal(residual, b, 1 / (WEIGHTS[sensor] ?? 1)) * Math.sqrt(2 * Math.PI),
      1,
    );
    sum += of(b) * normal(b, mean, variance) * likelihood ** power * step;
  }
  return sum;
};
const ALIKE = { mean: 0, variance: 1 };
const CELLS = [0, 1, 2, 3];

describe.each([
  ['a whole window', 1, undefined],
  ['a window that says little that is new', 0.3, undefined],
  ['a place that was known before', 1, PRIOR],
])('the offset in %s', (_what, power, prior) => {
  const parts = (cell: number) => {
    const before = prior ? Math.exp(prior.log[prior.block[cell] ?? 0] ?? 0) : 1;
    return {
      other: before * (1 - kind.alike) * integral(cell, power, kind),
      same: before * kind.alike * integral(cell, power, ALIKE),
    };
  };

  it('is integrated out: the mass is as by small steps, up to a factor', () => {
    const { mass, otherShare } = integrateOffset(sums(), kind, power, prior);
    const whole = CELLS.map((cell) => parts(cell).other + parts(cell).same);
    for (const cell of CELLS) {
      expect((mass[cell] ?? 0) / (mass[0] ?? 0)).toBeCloseTo(
        (whole[cell] ?? 0) / (whole[0] ?? 0),
        5,
      );
      expect(otherShare[cell]).toBeCloseTo(parts(cell).other / (whole[cell] ?? 0), 5);
    }
  });

  it('is on average, of a phone of the other kind, what small steps say', () => {
    const { offset } = integrateOffset(sums(), kind, power, prior);
    for (const cell of CELLS)
      expect(offset[cell]).toBeCloseTo(
        integral(cell, power, kind, (b) => b) / integral(cell, power, kind),
        4,
      );
  });

  it('is learnt with its variance, over all cells', () => {
    const before = sums();
    const located = integrateOffset(before, kind, power, prior);
    const all = located.mass.reduce((sum, value) => sum + value, 0);
    const cells = located.mass.map((value) => value / all);
    const learnt = learnOffset(kind, located, before, cells, power);

    const total = CELLS.reduce((sum, cell) => sum + parts(cell).other + parts(cell).same, 0);
    const moment = (of: (b: number) => number) =>
      CELLS.reduce((sum, cell) => {
        const place = parts(cell).other / integral(cell, power, kind);
        return sum + place * integral(cell, power, kind, of);
      }, 0);
    const [share, first, second] = [moment(() => 1), moment((b) => b), moment((b) => b * b)];
    expect(learnt.alike).toBeCloseTo(1 - share / total, 5);
    expect(learnt.mean).toBeCloseTo(first / share, 4);
    expect(learnt.variance).toBeCloseTo(second / share - (first / share) ** 2, 3);
  });
});

describe('a place', () => {
  const far = (db: number): Sums => ({
    squares: Float64Array.from([0, db]),
    residuals: new Float64Array(2),
    weights: new Float64Array(2),
    logs: new Float64Array(2),
  });

  it('that is less probable than the best by more than exp(−12) is none', () => {
    const massAt = (nats: number) => integrateOffset(far(2 * nats), kind, 1).mass[1];
    expect(massAt(12)).toBeCloseTo(Math.exp(-12), 9);
    expect(massAt(12)).toBeGreaterThan(0);
    expect(massAt(12.01)).toBe(0);
  });
});

describe('what is learnt', () => {
  const located = (otherShare: number, offsets: ReadonlyArray<number>) => ({
    mass: new Float64Array(2),
    offset: Float64Array.from(offsets),
    otherShare: new Float64Array(2).fill(otherShare),
  });
  const cells = Float64Array.from([0.5, 0.5]);
  const heard = (weight: number) => ({ weights: new Float64Array(2).fill(weight) });

  it('is never surer than a tenth of a dB', () => {
    expect(learnOffset(kind, located(1, [4, 4]), heard(1e6), cells, 1)).toEqual({
      alike: 0,
      mean: 4,
      variance: 0.01,
    });
  });

  it('leaves an offset as it was where the phone is surely alike, and room for doubt', () => {
    const learnt = learnOffset(kind, located(1e-12, [4, 4]), heard(1), cells, 1);
    expect(learnt).toEqual({ ...kind, alike: 1 - 1e-9 });
    const never = { ...kind, alike: 0 };
    expect(learnOffset(never, located(1e-12, [4, 4]), heard(1), cells, 1)).toEqual(never);
  });

  it('goes by the places where the phone may be', () => {
    const one = Float64Array.from([0, 1]);
    expect(learnOffset(kind, located(1, [Number.NaN, 4]), heard(1), one, 1).mean).toBe(4);
  });
});

describe('with time', () => {
  const usual: DeviceOffset = { alike: 0.85, mean: 0, variance: 64 };

  it('an offset becomes as unsure as it was at first, and no more', () => {
    expect(driftOffset(usual, { alike: 0.5, mean: 7, variance: 1 }, 10, 1)).toMatchObject({
      mean: 7,
      variance: 1.2,
    });
    expect(driftOffset(usual, { alike: 0.5, mean: 7, variance: 63.99 }, 10, 1).variance).toBe(64);
  });

  it('the kind of a phone is doubted again by what is not kept', () => {
    const alike = (before: number, kept: number, at = usual) =>
      driftOffset(at, { alike: before, mean: 0, variance: 1 }, 1, kept).alike;
    expect(alike(0.5, 1)).toBeCloseTo(0.5, 9);
    expect(alike(0.5, 0)).toBeCloseTo(0.85, 9);
    // Half way in log odds.
    expect(alike(0.5, 0.5)).toBeCloseTo(1 / (1 + Math.sqrt(0.15 / 0.85)), 9);
    // No certainty lasts for ever, neither way.
    expect(alike(1, 1)).toBeCloseTo(0.9999, 9);
    expect(alike(0, 1)).toBeCloseTo(0.0001, 9);
    expect(alike(0.5, 1, { ...usual, alike: 0 })).toBe(0);
  });
});
