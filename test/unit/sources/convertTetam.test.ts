import { readFileSync } from 'node:fs';
import { either as E } from 'fp-ts';
import { convert, nearestZone, readRows } from '../../../scripts/convert-tetam.ts';
import { readSensors, readZones } from '../../../src/model/layout.ts';
import { decodeNative } from '../../../src/sources/formats/native.ts';

const TRACK = `ts,sensor_id,rssi,x,y,z
1000.5,near,-60,1,1,1.8
1000.4,middle,-70,1,1,1.8
1001.5,near,42,9,9,1.8
`;
const ANCHORS = `sensor_id,mac,x,y,z,role
near,00,0,0,2.3,perimeter
middle,01,5,5,1.2,centre
`;
const ZONES = 'zone_id,x,y\n1,0,0\n2,10,10\n';
const converted = (all: boolean) =>
  convert(readRows(TRACK, ['ts'], 'track'), readRows(ANCHORS, ['role'], 'anchors'), ZONES, all);

test('the perimeter sensors are kept, rows stay in order, impossible strengths stay in', () => {
  expect(converted(false)).toEqual({
    'readings.jsonl':
      '{"sensor_id":"near","phone_id":"e7:8f:13:56:24:ce","rssi":-60,"ts":1000.5}\n' +
      '{"sensor_id":"near","phone_id":"e7:8f:13:56:24:ce","rssi":42,"ts":1001.5}\n',
    'sensors.csv': 'sensor_id,x,y,z\nnear,0,0,2.3\n',
    'zones.csv': ZONES,
    'truth.csv': 'ts,x,y,zone_id\n1000.5,1,1,1\n1001.5,9,9,2\n',
  });
});

test('--all keeps every sensor, and a row that came out of order in its place', () => {
  const { 'readings.jsonl': readings = '', 'sensors.csv': sensors = '' } = converted(true);
  expect(readings.match(/"ts":[\d.]+/g)).toEqual(['"ts":1000.5', '"ts":1000.4', '"ts":1001.5']);
  expect(sensors.split('\n')).toHaveLength(4);
});

test('a table without a needed column or rows says so', () => {
  expect(() => readRows(TRACK, ['ts', 'role'], 'track.csv')).toThrow(
    'track.csv: has no column role',
  );
  expect(() => readRows('ts\n', ['ts'], 'track.csv')).toThrow('track.csv: holds no rows');
});

test('the nearest zone is by distance', () => {
  const zones = [
    { zone_id: 1, x: 0, y: 0 },
    { zone_id: 2, x: 10, y: 0 },
  ];
  expect([4.9, 5.1].map((x) => nearestZone(zones, { x, y: 0 }).zone_id)).toEqual([1, 2]);
});

test('the fixture is what the pipeline reads: every line decodes, the layout too', () => {
  const fixture = (name: string) => readFileSync(`test/fixtures/tetam/${name}`, 'utf8');
  const lines = fixture('readings.jsonl').trimEnd().split('\n');
  const results = lines.flatMap((line) =>
    decodeNative({ topic: 't', payload: new TextEncoder().encode(line), receivedAt: 1 }),
  );
  expect(results.filter(E.isRight)).toHaveLength(375);
  expect(readSensors(fixture('sensors.csv'))).toMatchObject({ right: { length: 8 } });
  expect(readZones(fixture('zones.csv'))).toMatchObject({ right: { length: 19 } });
});
