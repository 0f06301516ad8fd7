import fc from 'fast-check';
import { floorBox, type Point, regions } from '../../src/model/floorPlan.ts';
import { extentAt, linesFor, shortened, textWidth } from '../../src/model/zoneLabel.ts';

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);

const areaOf = (polygon: ReadonlyArray<Point>): number =>
  Math.abs(
    polygon.reduce((sum, a, index) => {
      const b = polygon[(index + 1) % polygon.length] ?? a;
      return sum + a.x * b.y - b.x * a.y;
    }, 0) / 2,
  );

const coordinate = fc.integer({ min: 0, max: 200 }).map((tenth) => tenth / 10);
const centres = fc.uniqueArray(fc.record({ x: coordinate, y: coordinate }), {
  minLength: 2,
  maxLength: 20,
  selector: ({ x, y }) => `${x} ${y}`,
});

it('gives every centre the places nearest to it, and leaves none out', () => {
  fc.assert(
    fc.property(centres, (points) => {
      const box = floorBox(points);
      const polygons = regions(points, box);
      const whole = (box.max.x - box.min.x) * (box.max.y - box.min.y);
      const sum = polygons.reduce((total, polygon) => total + areaOf(polygon), 0);
      expect(sum).toBeCloseTo(whole, 6);
      for (const [index, polygon] of polygons.entries())
        for (const corner of polygon) {
          const nearest = Math.min(...points.map((point) => distance(point, corner)));
          expect(distance(points[index] as Point, corner)).toBeCloseTo(nearest, 6);
        }
    }),
  );
});

it('knows how wide a region is at a height', () => {
  const diamond = [
    { x: 0, y: 2 },
    { x: 2, y: 0 },
    { x: 4, y: 2 },
    { x: 2, y: 4 },
  ];
  expect(extentAt(diamond, 2)).toEqual([0, 4]);
  expect(extentAt(diamond, 1)).toEqual([1, 3]);
  expect(extentAt(diamond, 9)).toEqual([0, 0]);
});

it('breaks a name at its spaces, or gives up', () => {
  expect(linesFor('Fitting Rooms West', 200, 12)).toEqual(['Fitting Rooms West']);
  expect(linesFor('Fitting Rooms West', 90, 12)).toEqual(['Fitting', 'Rooms West']);
  expect(linesFor('Womenswear', 40, 12)).toBeUndefined();
  expect(linesFor('피팅룸', 30, 12)).toBeUndefined();
});

it('shortens a name to its room', () => {
  expect(shortened('Shoes', 100, 12)).toBe('Shoes');
  const short = shortened('Fitting Rooms West', 60, 12);
  expect(short).toMatch(/^Fitting…$|^Fitti.*…$/);
  expect(textWidth(short, 12)).toBeLessThanOrEqual(60);
});
