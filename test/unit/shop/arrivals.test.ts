import { opening, poisson } from '../../../src/embedded/shop/arrivals.ts';
import { seededRandom } from '../../../src/embedded/shop/random.ts';
import { mean, sd } from './simulated.ts';

describe('poisson', () => {
  const counts = (perMinute: number) => {
    const arrivals = poisson(0, perMinute, seededRandom(1));
    return Array.from({ length: 3_000 }, (_, minute) => arrivals((minute + 1) * 60));
  };

  it('has the rate it is asked for, and a variance as large as its mean', () => {
    expect(Math.abs(mean(counts(4.5)) - 4.5)).toBeLessThan(0.15);
    expect(Math.abs(sd(counts(4.5)) ** 2 - 4.5)).toBeLessThan(0.4);
  });

  it('brings nobody at a rate of 0', () => expect(Math.max(...counts(0))).toBe(0));
});

describe('opening', () => {
  it('brings everybody once, within the span', () => {
    const arrivals = opening(100, 9, 8, seededRandom(1));
    const counts = Array.from({ length: 20 }, (_, second) => arrivals(100 + second));
    expect(counts.slice(0, 9).reduce((a, b) => a + b)).toBe(9);
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(2);
    expect(counts.slice(9).reduce((a, b) => a + b)).toBe(0);
  });
});
