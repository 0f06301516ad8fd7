import { seededRandom } from '../../../src/embedded/shop/random.ts';
import { mean, median, sd } from './simulated.ts';

const draws = <A>(count: number, draw: () => A) => Array.from({ length: count }, draw);

describe('seededRandom', () => {
  it('draws what PractRand’s sfc32 draws for seed 1', () => {
    // Worked by hand-written 32-bit integer arithmetic in another language, 12 rounds discarded.
    const random = seededRandom(1);
    expect(draws(3, () => random.uniform() * 2 ** 32)).toEqual([
      2012149540, 1872316204, 1707632675,
    ]);
  });

  it('repeats itself for a seed, and not for another', () => {
    const of = (seed: number) => draws(20, seededRandom(seed).uniform);
    expect(of(7)).toEqual(of(7));
    expect(of(7)).not.toEqual(of(8));
    expect(of(7)).not.toEqual(of(7 + 2 ** 32));
  });

  it('forks into a stream that leaves the parent alone', () => {
    const [used, unused] = [seededRandom(3), seededRandom(3)];
    const fork = used.fork();
    unused.fork();
    draws(10, fork.uniform);
    expect(draws(5, used.uniform)).toEqual(draws(5, unused.uniform));
  });

  it('has the moments it is asked for', () => {
    const random = seededRandom(42);
    const normal = draws(20_000, () => random.normal(-60, 5));
    expect(mean(normal)).toBeCloseTo(-60, 0);
    expect(sd(normal)).toBeGreaterThan(4.85);
    expect(sd(normal)).toBeLessThan(5.15);
    expect(Math.abs(mean(draws(20_000, () => random.exponential(30))) - 30)).toBeLessThan(1);
    const dwells = draws(20_000, () => random.logNormal(30, 0.7));
    expect(Math.abs(median(dwells) - 30)).toBeLessThan(1);
    expect(Math.abs(sd(dwells.map(Math.log)) - 0.7)).toBeLessThan(0.02);
    expect(Math.abs(mean(draws(20_000, () => Number(random.chance(0.3)))) - 0.3)).toBeLessThan(
      0.02,
    );
  });

  it('reaches both ends of a range of whole numbers, and every item', () => {
    const random = seededRandom(5);
    expect(new Set(draws(200, () => random.integer(2, 4)))).toEqual(new Set([2, 3, 4]));
    expect(new Set(draws(200, () => random.pick(['a', 'b'])))).toEqual(new Set(['a', 'b']));
    expect(draws(200, () => random.between(1, 2)).every((x) => x >= 1 && x < 2)).toBe(true);
  });
});
