import fc from 'fast-check';
import { recentReadings } from '../../../src/operators/recentReadings.ts';

const identity = fc.record({
  sensor_id: fc.constantFrom('pi1', 'pi2', 'pi11', ''),
  phone_id: fc.constantFrom('a8:76:50:e9:28:20', 'a8:76:50:e9:28:21', '1', ''),
  ts: fc.oneof(
    fc.constantFrom(0, 1, 1_740_000_000, 1_740_000_000.25, 1_740_000_000.5),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
  ),
});

it('knows a reading again among the last so many, as a set of their names would', () => {
  fc.assert(
    fc.property(fc.array(identity, { maxLength: 60 }), (readings) => {
      const isNew = recentReadings(100);
      const seen = new Set<string>();
      for (const one of readings) {
        const key = JSON.stringify([one.sensor_id, one.phone_id, one.ts]);
        expect(isNew(one)).toBe(!seen.has(key));
        seen.add(key);
      }
    }),
  );
});

it('takes no reading of a busy day for another one', () => {
  const isNew = recentReadings(350_000);
  const hex = (n: number) => n.toString(16).padStart(4, '0');
  let taken = 0;
  for (let n = 0; n < 600_000; n += 1)
    taken += Number(
      isNew({
        sensor_id: `pi${1 + (n % 8)}`,
        phone_id: `da:00:00:00:${hex((n >> 3) % 3_000)}`,
        ts: 1_740_000_000 + Math.floor(n / 24_000) / 100,
      }),
    );
  expect(taken).toBe(600_000);
});

it('remembers at least the last so many, and at most twice as many', () => {
  const isNew = recentReadings(10);
  const at = (ts: number) => isNew({ sensor_id: 'pi1', phone_id: 'id:1', ts });
  for (let ts = 0; ts < 100; ts += 1) at(ts);
  expect(Array.from({ length: 10 }, (_, n) => at(90 + n))).toEqual(Array(10).fill(false));
  expect(at(79)).toBe(true);
});

it('remembers a reading from when it was last seen, not from when it was first', () => {
  const isNew = recentReadings(10);
  const at = (ts: number) => isNew({ sensor_id: 'pi1', phone_id: 'id:1', ts });
  for (let ts = 0; ts < 15; ts += 1) at(ts);
  expect(at(0)).toBe(false);
  for (let ts = 15; ts < 20; ts += 1) at(ts);
  // Five readings ago, though nineteen others came since the first time.
  expect(at(0)).toBe(false);
});
