import { placedSensors } from '../../../src/model/layout.ts';
import { gridOf } from '../../../src/positioning/grid.ts';
import { pathLossMap } from '../../../src/positioning/pathLoss.ts';
import { reachOf, sensorsPerZone } from '../../../src/positioning/reach.ts';
import { SHOP } from '../../support/shop.ts';

const grid = gridOf(SHOP);
const map = pathLossMap(SHOP)(grid);
const [sensor = { sensor_id: '', x: 0, y: 0, z: 0 }] = placedSensors(SHOP);

it('is as far as the formula says: −80 dBm at 8.2 m, a little more with a fifth that is not', () => {
  const reach = reachOf(grid, map, sensor);
  expect(reach).toBeGreaterThan(8);
  expect(reach).toBeLessThan(10);
});

it('is nothing for a sensor that the map does not know', () => {
  expect(reachOf(grid, map, { ...sensor, sensor_id: 'pi99' })).toBe(0);
});

it('counts the sensors that hear a zone well: fewer in the middle of the shop', () => {
  const wells = sensorsPerZone(SHOP, grid, map);
  expect(wells).toHaveLength(19);
  expect(wells[0] ?? 0).toBeGreaterThan(wells[12] ?? 0);
  expect(Math.max(...wells)).toBeLessThanOrEqual(8);
});
