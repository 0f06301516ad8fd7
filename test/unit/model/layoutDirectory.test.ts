import { either as E } from 'fp-ts';
import { readSensors, readZones } from '../../../src/model/layout.ts';
import { layoutOfDirectory } from '../../../src/model/layoutDirectory.ts';
import { sensorsTable, zonesTable } from '../../../src/model/layoutTable.ts';

const store_id = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02';
const zone_id = '6d3aed9e-f6fb-5dcb-8859-dfce59635c54';
const zones = [
  { zone_id, zone_code: '1', zone_name: 'Hats, "and" caps', zone_type: 'display', x: 1, y: 2.5 },
  { zone_id, zone_code: '2', zone_type: 'shop-in-shop', x: 3, y: 4 },
];
const sensors = [
  { sensor_code: 'pi1', x: 0, y: 1, z: 2.5, offset_db: 0 },
  { sensor_code: 'pi2', x: 9, y: 1, offset_db: -3 },
];
const LAYOUT = {
  zones: [
    { zone_id: 1, zone_name: 'Hats, "and" caps', zone_type: 'display', x: 1, y: 2.5 },
    { zone_id: 2, zone_name: 'Zone 2', zone_type: 'display', x: 3, y: 4 },
  ],
  sensors: [
    { sensor_id: 'pi1', x: 0, y: 1, z: 2.5 },
    { sensor_id: 'pi2', x: 9, y: 1, z: 2, offset_db: -3 },
  ],
};

it('reads a store’s layout as the database tells it', () => {
  expect(layoutOfDirectory({ store_id, zones, sensors })).toEqual(E.right(LAYOUT));
});

it('writes it as files that read the same', () => {
  const layout = layoutOfDirectory({ store_id, zones, sensors });
  if (E.isLeft(layout)) throw new Error(layout.left.join('\n'));
  expect(readZones(zonesTable(layout.right.zones))).toEqual(E.right(LAYOUT.zones));
  expect(readSensors(sensorsTable(layout.right.sensors))).toEqual(E.right(LAYOUT.sensors));
});

it('takes sensors of which the database knows no place', () => {
  const layout = layoutOfDirectory({ store_id, zones, sensors: [{ sensor_code: 'pi5', z: 2 }] });
  expect(layout).toEqual(E.right({ zones: LAYOUT.zones, sensors: [{ sensor_id: 'pi5' }] }));
});

it('names every row that cannot be used, and by which table', () => {
  const wrong = {
    store_id,
    zones: [
      { zone_id, zone_code: 'A1', x: 1, y: 1 },
      { zone_id, zone_code: '3', x: 1 },
    ],
    sensors: [{ sensor_code: 'no spaces', x: 0, y: 0, z: 500 }],
  };
  const layout = layoutOfDirectory(wrong);
  expect(E.isLeft(layout) && layout.left).toEqual([
    expect.stringContaining('zones_dim zone_code A1: zone_id: must be a whole number'),
    expect.stringContaining('zones_dim zone_code 3: y: must be a number of metres'),
    expect.stringContaining('sensors sensor_code no spaces: sensor_id'),
    expect.stringContaining('sensors sensor_code no spaces: z'),
  ]);
});

it('says of a store without sensors, and of an older function, what is missing', () => {
  expect(layoutOfDirectory({ store_id, zones, sensors: [] })).toEqual(
    E.left(['sensors: holds no active row of this store']),
  );
  expect(layoutOfDirectory({ store_id, zones })).toMatchObject({
    left: [expect.stringContaining('deploy it anew')],
  });
});
