import { distance, floorOf, nearest } from '../../../src/embedded/shop/floor.ts';
import { seededRandom } from '../../../src/embedded/shop/random.ts';
import type { Zone } from '../../../src/model/layout.ts';
import { shopLayout } from './shopLayout.ts';

const floor = floorOf(shopLayout);
const zone = (zone_id: number, x: number, y: number): Zone => ({
  zone_id,
  x,
  y,
  zone_name: '',
  zone_type: 'display',
});

describe('floorOf', () => {
  it('puts the door into the wall at the entrance', () => {
    expect(floor.entrance.zone_type).toBe('entrance');
    expect(floor.door).toEqual({ x: 10, y: 0.2 });
    expect(floor.zoneAt(floor.door)).toBe(floor.entrance);
  });

  it('puts the street on the other side of the door’s wall', () => {
    expect(floor.onStreet(0, 2)).toEqual({ x: 10, y: -1.8 });
    expect(floor.onStreet(-5, 3).y).toBeCloseTo(-2.8);
    expect(Math.abs(floor.onStreet(-5, 3).x - 10)).toBeCloseTo(5);
  });

  it('finds spots that lie in their zone and differ', () => {
    const random = seededRandom(1);
    for (const each of floor.zones) {
      const spots = Array.from({ length: 50 }, () => floor.spotIn(each, random));
      for (const spot of spots) expect(floor.zoneAt(spot)).toBe(each);
      expect(Math.max(...spots.map((spot) => distance(spot, each)))).toBeGreaterThan(0.5);
      expect(Math.max(...spots.map((spot) => distance(spot, each)))).toBeLessThanOrEqual(1.2);
    }
  });

  it('without an entrance takes the zone nearest to a wall', () => {
    const [middle, side] = [zone(1, 5, 5), zone(2, 9, 5)];
    const square = floorOf({
      zones: [middle, side],
      sensors: [
        { sensor_id: 'a', x: 0, y: 0, z: 2 },
        { sensor_id: 'b', x: 10, y: 10, z: 2 },
      ],
    });
    expect(square.entrance).toBe(side);
    expect(square.door).toEqual({ x: 10, y: 5 });
    expect(square.onStreet(0, 2)).toEqual({ x: 12, y: 5 });
    expect(square.lengthM).toBe(10);
  });

  it('moves the door inwards where the wall belongs to another zone', () => {
    const entrance: Zone = { ...zone(1, 5, 3), zone_type: 'entrance' };
    const { door } = floorOf({
      zones: [entrance, zone(2, 5, 0), zone(3, 0, 9), zone(4, 10, 9)],
      sensors: [],
    });
    expect(door).toEqual({ x: 5, y: 3 });
  });
});

describe('nearest', () => {
  it('gives the first of equals', () => {
    expect(nearest(['bb', 'a', 'c'], (text) => text.length)).toBe('a');
  });
});
