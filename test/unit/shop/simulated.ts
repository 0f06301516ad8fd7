import { STEP_S } from '../../../src/embedded/shop/settings.ts';
import { type ShopOptions, type ShopStep, simulateShop } from '../../../src/embedded/shop/shop.ts';
import type { Truth } from '../../../src/embedded/shop/truth.ts';
import type { Reading } from '../../../src/model/reading.ts';
import { shopLayout } from './shopLayout.ts';

export const START_TS = 1_740_000_000;

export interface Recording {
  readonly steps: ReadonlyArray<ShopStep>;
  readonly readings: ReadonlyArray<Reading>;
  readonly truth: ReadonlyArray<Truth>;
}

/** The first `seconds` of the shop that ships with the project. */
export const simulated = (
  seconds: number,
  options: Partial<ShopOptions> & { seed: number },
): Recording => {
  const shop = simulateShop({ layout: shopLayout, startTs: START_TS, ...options });
  const steps = Array.from({ length: seconds / STEP_S }, () => shop.next().value);
  return {
    steps,
    readings: steps.flatMap(({ readings }) => readings),
    truth: steps.flatMap(({ truth }) => truth),
  };
};

export const groupBy = <A, K>(items: ReadonlyArray<A>, key: (item: A) => K): Map<K, A[]> => {
  const groups = new Map<K, A[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
};

export const mean = (values: ReadonlyArray<number>): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const sd = (values: ReadonlyArray<number>): number =>
  Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));

export const median = (values: ReadonlyArray<number>): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
