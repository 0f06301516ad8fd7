import fc from 'fast-check';
import { DEMO_ORG_ID, DEMO_STORE_ID } from '../../src/embedded/database/demoStore.ts';
import { DeviceClass, type UploadBatch } from '../../supabase/functions/_shared/contract.ts';
import { ZONE } from './batches.ts';

const hashedMac = fc.string({
  unit: fc.constantFrom(...'0123456789abcdef'),
  minLength: 64,
  maxLength: 64,
});
const zoneId = fc.constantFrom<string>(...Object.values(ZONE));
const instant = fc
  .integer({ min: Date.parse('2020-01-01'), max: Date.parse('2026-01-01') })
  .map((ms) => new Date(ms).toISOString());
const metres = fc.double({ min: -100, max: 100, noNaN: true });

const deviceClass = fc.constantFrom<DeviceClass>(
  ...(Object.keys(DeviceClass.keys) as DeviceClass[]),
);

const bareReading = fc.record({
  timestamp: instant,
  hashed_mac: hashedMac,
  zone_id: zoneId,
  rssi_readings: fc.dictionary(
    fc.stringMatching(/^[A-Za-z0-9.:_-]{1,12}$/).filter((id) => id !== '__proto__'),
    fc.double({ min: -120, max: -0.001, noNaN: true }),
    { minKeys: 1, maxKeys: 8, noNullPrototype: true },
  ),
  estimated_position: fc.record(
    { x: metres, y: metres, confidence: fc.double({ min: 0, max: 1, noNaN: true }) },
    { requiredKeys: ['x', 'y'] },
  ),
});

const reading = fc.oneof(
  bareReading,
  fc.tuple(bareReading, deviceClass).map(([bare, device_class]) => ({ ...bare, device_class })),
);

const dwell = fc
  .record({
    hashed_mac: hashedMac,
    zone_id: zoneId,
    enter: fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2026-01-01') }),
    seconds: fc.nat(7200),
  })
  .map(({ enter, seconds, ...who }) => ({
    ...who,
    enter_timestamp: new Date(enter).toISOString(),
    exit_timestamp: new Date(enter + seconds * 1000).toISOString(),
    dwell_seconds: seconds,
  }));

/** Any batch of the demo store that the contract allows. */
export const validBatch: fc.Arbitrary<UploadBatch> = fc
  .record({
    schema_version: fc.constant(1 as const),
    batch_id: fc.uuid(),
    store_id: fc.constant(DEMO_STORE_ID),
    org_id: fc.constant(DEMO_ORG_ID),
    readings: fc.array(reading, { maxLength: 12 }),
    dwells: fc.array(dwell, { maxLength: 6 }),
  })
  .filter(({ readings, dwells }) => readings.length + dwells.length > 0);

const junk = fc.constantFrom<unknown>(null, '', 'x', -1, 1e300, {}, [], [{}], true);

/** A valid batch in which one field, at any depth, holds what does not belong there. */
export const spoiledBatch: fc.Arbitrary<unknown> = fc
  .tuple(validBatch, fc.nat(), fc.nat(), junk)
  .map(([batch, where, depth, value]) => {
    const copy: unknown = JSON.parse(JSON.stringify(batch));
    let at: unknown = copy;
    for (let level = 0; typeof at === 'object' && at !== null; level += 1) {
      const keys = Object.keys(at);
      const key = keys[(where + level) % keys.length] ?? '';
      const inner: unknown = Reflect.get(at, key);
      if (level >= depth % 4 || typeof inner !== 'object') {
        Reflect.set(at, key, value);
        break;
      }
      at = inner;
    }
    return copy;
  });
