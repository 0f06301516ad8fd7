import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { isHeard, isStatus } from '../../../src/model/heard.ts';
import type { Message } from '../../../src/model/message.ts';
import { Reading } from '../../../src/model/reading.ts';
import { chooseFormats, FORMAT_NAMES } from '../../../src/sources/formats/choose.ts';

const { decode } = chooseFormats(
  FORMAT_NAMES.map((name) => ({ name })),
  ['neuralsense/rssi/+'],
);

/** Topics of each format, with levels that nobody expects. */
const level = fc.oneof(
  fc.constantFrom('till', 'a87650e92820', 'status', 'BTtoMQTT', 'LWT', 'devices', 'rooms', ''),
  fc.string({ maxLength: 12 }),
);
const topic = fc
  .tuple(
    fc.constantFrom(
      'neuralsense/rssi',
      'neuralsense/sensors',
      'espresense/devices',
      'espresense/rooms',
      'home/till',
      'home/till/BTtoMQTT',
      'room-assistant/entity/till/bluetooth-low-energy-presence-sensor',
      'monitor/till',
    ),
    fc.array(level, { minLength: 1, maxLength: 3 }),
  )
  .map(([start, rest]) => [start, ...rest].join('/'));

/** Payloads of the right shape with anything inside. */
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(-61, '-61', 0, 100, -127, '2026-03-03T10:59:50', 'a8:76:50:e9:28:20', 1.7e12),
);
const dbm = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(-61, '-70.5') }, anything);
const address = fc.oneof({ weight: 3, arbitrary: fc.constant('a8:76:50:e9:28:20') }, anything);
const shaped = fc.record(
  {
    id: address,
    mac: anything,
    sensor_id: anything,
    phone_id: address,
    rssi: dbm,
    ts: anything,
    unixtime: anything,
    UTCtime: anything,
    timestamp: anything,
    status: anything,
    state: fc.constantFrom('online', 'offline', 'else'),
    hasAuthority: fc.boolean(),
    entity: fc.record({
      measuredValues: fc.oneof(anything, fc.dictionary(fc.string(), fc.record({ rssi: dbm }))),
      distances: fc.oneof(
        anything,
        fc.dictionary(fc.string(), fc.record({ lastUpdatedAt: anything })),
      ),
    }),
  },
  { requiredKeys: [] },
);
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .oneof({ weight: 4, arbitrary: shaped }, fc.jsonValue())
    .map((value) => new TextEncoder().encode(JSON.stringify(value))),
);
const message: fc.Arbitrary<Message> = fc.record({
  topic,
  payload,
  receivedAt: fc.constant(1_772_535_600),
  isRetained: fc.boolean(),
  isBacklog: fc.boolean(),
});

test('any message on any topic gives readings, statuses or reasons, and never throws', () => {
  let readings = 0;
  fc.assert(
    fc.property(message, (one) => {
      for (const result of decode(one)) {
        if (E.isLeft(result)) {
          expect(result.left.reasons.length).toBeGreaterThan(0);
          expect(result.left.payload.length).toBeLessThanOrEqual(2_000);
        } else if (isStatus(result.right)) {
          expect(typeof result.right.isAlive).toBe('boolean');
        } else if (isHeard(result.right)) {
          expect(Reading.is(result.right.reading)).toBe(true);
          readings += 1;
        }
      }
    }),
    { numRuns: 6_000 },
  );
  // The property says little where nothing gets through.
  expect(readings).toBeGreaterThan(10);
});

test('what nests too deeply is refused', () => {
  const deep = `{"id":${'['.repeat(50_000)}${']'.repeat(50_000)},"rssi":-61}`;
  const results = decode({
    topic: 'home/till/BTtoMQTT/x',
    payload: new TextEncoder().encode(deep),
    receivedAt: 1_772_535_600,
  });
  expect(results.map(E.isLeft)).toEqual([true]);
});
