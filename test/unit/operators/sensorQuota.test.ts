import { sensorQuota } from '../../../src/operators/sensorQuota.ts';
import { heapInUse } from '../../support/hostile.ts';
import { reading } from '../../support/readings.ts';

test('counts anew in each window and for each sensor', () => {
  const takes = sensorQuota({ spanMs: 5_000, readings: 3 });
  const flood = Array.from({ length: 10 }, () => takes(reading(7)));
  expect(flood.filter(Boolean)).toHaveLength(3);
  expect(takes(reading(10))).toBe(true);
  expect(takes(reading(7, { sensor_id: 'pi2' }))).toBe(true);
  expect(takes(reading(9.999))).toBe(false);
});

test('a sensor with a wild clock costs no more memory than others', () => {
  const takes = sensorQuota({ spanMs: 5_000, readings: 3 });
  const before = heapInUse();
  for (let window = 0; window < 300_000; window += 1) takes(reading(window * 5));
  expect(heapInUse() - before).toBeLessThan(8 * 1024 * 1024);
  expect(takes(reading(0))).toBe(true);
});
