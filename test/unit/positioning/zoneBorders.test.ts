import { nearestZone } from '../../../src/positioning/grid.ts';
import { boundsOf, type Point, zoneBorders } from '../../../src/positioning/zoneBorders.ts';
import { SHOP } from '../../support/shop.ts';

/** By the shoelace formula. */
const areaOf = (polygon: ReadonlyArray<Point>): number =>
  polygon.reduce((sum, { x, y }, index) => {
    const next = polygon[(index + 1) % polygon.length] ?? { x, y };
    return sum + (x * next.y - next.x * y) / 2;
  }, 0);

const bounds = boundsOf(SHOP);
const borders = zoneBorders(SHOP, bounds);

it('covers the floor, each place once', () => {
  const floor = (bounds.right - bounds.left) * (bounds.top - bounds.bottom);
  expect(borders.reduce((sum, polygon) => sum + areaOf(polygon), 0)).toBeCloseTo(floor, 6);
});

it('gives each zone the places that are nearest to its centre', () => {
  borders.forEach((polygon, zone) => {
    const { x: ownX, y: ownY } = SHOP.zones[zone] ?? { x: 0, y: 0 };
    for (const { x, y } of polygon) {
      // A little inside each corner.
      const [inX, inY] = [x + (ownX - x) * 0.001, y + (ownY - y) * 0.001];
      expect(nearestZone(SHOP.zones, inX, inY)).toBe(zone);
    }
  });
});
