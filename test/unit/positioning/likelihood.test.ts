import fc from 'fast-check';
import type { Evidence } from '../../../src/positioning/classifier.ts';
import type { Located } from '../../../src/positioning/deviceOffset.ts';
import { likelihoodOf, roomFor } from '../../../src/positioning/likelihood.ts';
import type { RadioMap } from '../../../src/positioning/radioMap.ts';

const NOISE = { floorDb: 3, readingDb: 4, deviceOffsetDb: 6, alikeShare: 0, temperature: 1 };

/** A map by sensor: the mean level in each cell, and one variance for all. */
const mapOf = (means: Readonly<Record<string, ReadonlyArray<number>>>, variance = 2): RadioMap => ({
  ...NOISE,
  levels: new Map(
    Object.entries(means).map(([id, mean]) => [
      id,
      { mean: Float32Array.from(mean), variance: new Float32Array(mean.length).fill(variance) },
    ]),
  ),
});
const evidence = (change: Partial<Evidence>): Evidence => ({
  vector: {},
  counts: {},
  silent: [],
  window_start: 0,
  ts: 0,
  ...change,
});
const everywhere = (cells: number, change: Partial<Located> = {}): Located => ({
  mass: new Float64Array(cells).fill(1),
  offset: new Float64Array(cells),
  otherShare: new Float64Array(cells),
  ...change,
});
const variances = (count: number, own = 2) =>
  NOISE.floorDb ** 2 + NOISE.readingDb ** 2 / count + own;
const close = (found: Float64Array, wanted: ReadonlyArray<number>) =>
  wanted.forEach((value, cell) => {
    expect(found[cell]).toBeCloseTo(value, 4);
  });

describe('what sensors heard', () => {
  const level = fc.integer({ min: -95, max: -30 });
  const sensor = fc.record({
    dbm: level,
    count: fc.integer({ min: 1, max: 19 }),
    mean: fc.tuple(level, level, level),
  });

  it('is summed up by cell as it is defined, however many sensors there are', () => {
    fc.assert(
      fc.property(fc.array(sensor, { minLength: 1, maxLength: 9 }), (sensors) => {
        const named = sensors.map((each, at) => ({ id: `pi${at}`, ...each }));
        const map = mapOf(Object.fromEntries(named.map(({ id, mean }) => [id, mean])));
        const { sums } = likelihoodOf(
          map,
          roomFor(3),
          evidence({
            vector: Object.fromEntries(named.map(({ id, dbm }) => [id, dbm])),
            counts: Object.fromEntries(named.map(({ id, count }) => [id, count])),
          }),
        );
        const sum = (of: (residual: number, variance: number) => number) =>
          [0, 1, 2].map((cell) =>
            named.reduce(
              (all, { dbm, count, mean }) => all + of(dbm - (mean[cell] ?? 0), variances(count)),
              0,
            ),
          );
        const relative = (found: Float64Array, wanted: ReadonlyArray<number>) =>
          wanted.forEach((value, cell) => {
            expect(Math.abs((found[cell] ?? 0) - value)).toBeLessThan(1e-5 * (1 + Math.abs(value)));
          });
        relative(
          sums.squares,
          sum((r, s) => r ** 2 / s),
        );
        relative(
          sums.residuals,
          sum((r, s) => r / s),
        );
        relative(
          sums.weights,
          sum((_, s) => 1 / s),
        );
        relative(
          sums.logs,
          sum((_, s) => Math.log(1 / s)),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('leaves nothing in the room of the phone before', () => {
    const map = mapOf({ a: [-60], b: [-70] });
    const room = roomFor(1);
    likelihoodOf(map, room, evidence({ vector: { a: -50, b: -50 } }));
    const { sums } = likelihoodOf(map, room, evidence({ vector: { a: -61 } }));
    close(sums.squares, [1 / variances(1)]);
    close(sums.weights, [1 / variances(1)]);
  });

  it('tells nothing more from twenty readings on, and no less than one reading does', () => {
    const map = mapOf({ a: [-60] });
    const weight = (count?: number) =>
      likelihoodOf(
        map,
        roomFor(1),
        evidence({ vector: { a: -61 }, ...(count !== undefined && { counts: { a: count } }) }),
      ).sums.weights[0];
    expect(weight(20)).toBeCloseTo(1 / variances(20), 6);
    expect(weight(500)).toBe(weight(20));
    expect(weight(19)).toBeLessThan(weight(20) ?? 0);
    expect([weight(0), weight(0.4), weight(undefined)]).toEqual(Array(3).fill(weight(1)));
  });

  it('is nothing where the map knows none of the sensors', () => {
    const { sums, addSilence } = likelihoodOf(
      mapOf({ a: [-60, -70] }),
      roomFor(2),
      evidence({ vector: { stranger: -50 }, silent: ['a'] }),
    );
    expect([...sums.weights]).toEqual([0, 0]);
    // Who was heard by nobody is not known to be there at all.
    const located = everywhere(2);
    addSilence(located, 1);
    expect([...located.mass]).toEqual([1, 1]);
  });
});

describe('silence', () => {
  /** P(not heard | level): half of what is not missed anyway at −92 dBm, by a logistic of 5 dB. */
  const missed = (level: number, readings: number, sensors: number): number => {
    const chance = Math.max(0.1, Math.exp(-readings / sensors));
    return chance + (1 - chance) / (1 + Math.exp((1.702 * (level + 92)) / 5));
  };
  const silence = (
    level: number,
    {
      count = 5,
      power = 1,
      ...located
    }: Partial<Located> & { count?: number; power?: number } = {},
  ): number => {
    const map = mapOf({ heard: [-60], silent: [level] });
    const { addSilence } = likelihoodOf(
      map,
      roomFor(1),
      evidence({
        vector: { heard: -60 },
        counts: { heard: count },
        silent: ['silent', 'stranger'],
      }),
    );
    const at = everywhere(1, located);
    addSilence(at, power);
    return at.mass[0] ?? Number.NaN;
  };

  it.each([-40, -80, -92, -100, -140])('of a sensor that would hear %d dBm', (level) => {
    expect(silence(level)).toBeCloseTo(missed(level, 5, 2), 9);
  });

  it('is chance where a phone sends little: readings are shared by those that heard and those that did not', () => {
    expect(silence(-50, { count: 1 })).toBeCloseTo(Math.exp(-1 / 2), 4);
    expect(silence(-50, { count: 2 })).toBeCloseTo(Math.exp(-2 / 2), 4);
    // But no sensor is so sure to hear: bodies, collisions.
    expect(silence(-50, { count: 60 })).toBeCloseTo(0.1, 3);
  });

  it('is of the level that a phone of the other kind has, by its share', () => {
    const [offset, otherShare] = [[-20], [0.5]].map((each) => Float64Array.from(each));
    expect(silence(-82, { ...(offset && otherShare && { offset, otherShare }) })).toBeCloseTo(
      missed(-92, 5, 2),
      9,
    );
  });

  it('counts as much as the window’s evidence does', () => {
    expect(silence(-92, { power: 0.5 })).toBeCloseTo(missed(-92, 5, 2) ** 0.5, 9);
  });

  it('is known at levels that no radio has: certain below, by chance above', () => {
    expect(silence(-500)).toBeCloseTo(1, 9);
    expect(silence(90)).toBeCloseTo(0.1, 3);
  });

  it('leaves a phone out of where it cannot be', () => {
    expect(silence(-92, { mass: new Float64Array(1) })).toBe(0);
  });
});
