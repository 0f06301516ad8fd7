import fc from 'fast-check';
import { type Layout, placedSensors } from '../../../src/model/layout.ts';
import { gridOf } from '../../../src/positioning/grid.ts';
import { SHOP } from '../../support/shop.ts';

const metres = fc.integer({ min: -100, max: 100 }).map((decimetres) => decimetres / 10);
const place = fc.record({ x: metres, y: metres });
const layouts: fc.Arbitrary<Layout> = fc.record({
  zones: fc.array(place, { minLength: 1, maxLength: 8 }).map((places) =>
    places.map((at, index) => ({
      ...at,
      zone_id: index + 1,
      zone_name: '',
      zone_type: 'display' as const,
    })),
  ),
  sensors: fc
    .array(place, { maxLength: 4 })
    .map((places) => places.map((at, index) => ({ ...at, sensor_id: `pi${index}`, z: 2 })))
    .map((sensors) => [...sensors, { sensor_id: 'nobody knows where' }]),
});
const cellsOf = (layout: Layout, cellM: number) => {
  const { x, y, zone } = gridOf(layout, cellM);
  return Array.from(x, (cellX, cell) => ({
    x: cellX,
    y: y[cell] ?? Number.NaN,
    zone: zone[cell] ?? -1,
  }));
};

describe('gridOf', () => {
  it('gives every cell to the zone whose centre is nearest', () => {
    fc.assert(
      fc.property(layouts, fc.constantFrom(0.5, 1, 2), (layout, cellM) => {
        const away = (cell: { x: number; y: number }) => (to: { x: number; y: number }) =>
          Math.hypot(to.x - cell.x, to.y - cell.y);
        const misplaced = cellsOf(layout, cellM).filter((cell) => {
          const own = layout.zones[cell.zone];
          const nearest = Math.min(...layout.zones.map(away(cell)));
          return own === undefined || away(cell)(own) > nearest + 1e-9;
        });
        expect(misplaced).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('covers every zone and sensor with a metre to spare, in cells no farther apart than asked', () => {
    fc.assert(
      fc.property(layouts, fc.constantFrom(0.5, 1, 2), (layout, cellM) => {
        const cells = cellsOf(layout, cellM);
        const places = [...layout.zones, ...placedSensors(layout)];
        const corners = places.flatMap(({ x, y }) => [
          { x: x - 1, y: y - 1 },
          { x: x + 1, y: y + 1 },
        ]);
        for (const corner of corners)
          expect(
            cells.some(
              ({ x, y }) =>
                Math.abs(x - corner.x) <= cellM / 2 + 1e-9 &&
                Math.abs(y - corner.y) <= cellM / 2 + 1e-9,
            ),
          ).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('leaves no zone of the shop without a cell, however coarse the cells', () => {
    expect(new Set(gridOf(SHOP, 10).zone).size).toBe(19);
  });
});
