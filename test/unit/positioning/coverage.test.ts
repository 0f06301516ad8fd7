import { coverageOf } from '../../../src/positioning/coverage.ts';
import { SHOP } from '../../support/shop.ts';

it('counts windows, places and sensors where the nearest zone is', () => {
  const coverage = coverageOf(SHOP, [
    { x: 10, y: 1, windows: 12, levels: { pi1: -60, pi2: -62 } },
    { x: 10.5, y: 1.5, windows: 3, levels: { pi1: -58 } },
    { x: 2, y: 5, windows: 6, levels: { pi8: -50 } },
  ]);
  const known = coverage.filter(({ windows }) => windows > 0);
  expect(known.map(({ zone, windows, places }) => [zone.zone_id, windows, places])).toEqual([
    [1, 15, 2],
    [6, 6, 1],
  ]);
  expect([...(known[0]?.heard ?? [])]).toEqual([
    ['pi1', -58],
    ['pi2', -62],
  ]);
  expect(coverage).toHaveLength(19);
});
