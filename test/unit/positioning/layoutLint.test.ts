import { gridOf } from '../../../src/positioning/grid.ts';
import { expectedConfusion, lintLayout } from '../../../src/positioning/layoutLint.ts';
import { pathLossMap } from '../../../src/positioning/pathLoss.ts';
import { SHOP } from '../../support/shop.ts';

const lint = (layout: typeof SHOP) => lintLayout(layout, pathLossMap(layout));

it('expects every phone somewhere', () => {
  const grid = gridOf(SHOP);
  for (const row of expectedConfusion(SHOP, pathLossMap(SHOP)(grid), grid))
    expect(row.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
});

it('has nothing to object to the shop that ships', () => {
  expect(lint(SHOP)).toEqual([]);
});

it('names zones that the sensors can hardly tell apart: a checkout hides behind its queue', () => {
  const nearer = SHOP.zones.map((zone) => (zone.zone_id === 16 ? { ...zone, y: 14.8 } : zone));
  expect(lint({ ...SHOP, zones: nearer })).toEqual([
    'the sensors can hardly tell apart: zone 16 (Queue) from zone 18 (Checkout)',
  ]);
});

it('names what is twice at one place', () => {
  const [first] = SHOP.sensors;
  const zones = SHOP.zones.map((zone) => (zone.zone_id === 2 ? { ...zone, x: 10, y: 1.4 } : zone));
  const sensors = [...SHOP.sensors, { sensor_id: 'pi9', x: first?.x ?? 0, y: first?.y ?? 0, z: 2 }];
  expect(lint({ zones, sensors })).toEqual(
    expect.arrayContaining([
      'zones at the same place: zone 1 (Entrance), zone 2 (Window West)',
      'sensors at the same place: pi1, pi9',
    ]),
  );
});

it('knows sensors in one line, whatever its direction, and too few of them', () => {
  const line = SHOP.sensors.map((sensor, index) => ({ ...sensor, x: 2 * index, y: 2 * index }));
  expect(lint({ ...SHOP, sensors: line })).toContainEqual(expect.stringContaining('in one line'));
  expect(lint({ ...SHOP, sensors: SHOP.sensors.slice(0, 2) })).toContainEqual(
    expect.stringContaining('2 sensors cannot place a phone'),
  );
});

it('tells of many by one line a kind', () => {
  const nowhere = SHOP.sensors.map(({ sensor_id }) => ({ sensor_id, x: 0, y: 0, z: 2 }));
  const found = lint({ ...SHOP, sensors: nowhere });
  expect(found).toEqual([
    'sensors at the same place: pi1, pi2, pi3, pi4, pi5, pi6, pi7, pi8',
    expect.stringContaining('in one line'),
    expect.stringMatching(/^the sensors can hardly tell apart: zone 1 .*; and \d+ more$/),
  ]);
});

it('says nothing of sensors of which nobody knows where they hang, nor of what they tell apart', () => {
  const ids = SHOP.sensors.map(({ sensor_id }) => ({ sensor_id }));
  expect(lint({ ...SHOP, sensors: ids })).toEqual([]);
});
