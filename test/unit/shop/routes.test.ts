import { distance } from '../../../src/embedded/shop/floor.ts';
import { routesThrough } from '../../../src/embedded/shop/routes.ts';
import type { Zone } from '../../../src/model/layout.ts';
import { shopLayout } from './shopLayout.ts';

const named = (name: string): Zone => {
  const zone = shopLayout.zones.find(({ zone_name }) => zone_name === name);
  if (zone === undefined) throw new Error(`no zone ${name}`);
  return zone;
};

describe('routesThrough', () => {
  const route = routesThrough(shopLayout.zones);

  it('walks from zone to neighbouring zone and ends where it should', () => {
    for (const from of shopLayout.zones)
      for (const to of shopLayout.zones.filter((zone) => zone !== from)) {
        const stops = [from, ...route(from, to)];
        expect(stops.at(-1)).toBe(to);
        const strides = stops.slice(1).map((stop, i) => distance(stop, stops[i] ?? stop));
        expect(Math.max(...strides)).toBeLessThan(7);
      }
  });

  it('takes the aisles through the middle of the shop', () => {
    const names = route(named('Entrance'), named('Checkout')).map(({ zone_name }) => zone_name);
    expect(names).toEqual(['Central Aisle', 'Centre Table', 'Queue', 'Checkout']);
  });

  it('needs no way to stay', () => {
    expect(route(named('Shoes'), named('Shoes'))).toEqual([]);
  });
});
