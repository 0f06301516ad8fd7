import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { isHeard, NON_PHONE } from '../../../src/model/heard.ts';
import type { Message } from '../../../src/model/message.ts';
import { isNonPhone } from '../../../src/model/phoneId.ts';
import { Reading } from '../../../src/model/reading.ts';
import { decodeNative } from '../../../src/sources/formats/native.ts';
import { usualReading } from '../../../src/sources/formats/usualReading.ts';

const message = (payload: Uint8Array): Message => ({
  topic: 'neuralsense/rssi/downtown',
  payload,
  receivedAt: 1_740_000_100,
});
const bytes = (text: string) => new TextEncoder().encode(text);

const hexByte = fc.integer({ min: 0, max: 255 }).map((n) => n.toString(16).padStart(2, '0'));
/** An even first octet, and not the first one of all: addresses that a phone may have. */
const unicastByte = fc
  .integer({ min: 1, max: 127 })
  .map((n) => (2 * n).toString(16).padStart(2, '0'));
const reading = fc.record({
  sensor_id: fc.stringMatching(/^[a-z\d_.:-]{1,64}$/),
  phone_id: fc
    .tuple(unicastByte, fc.array(hexByte, { minLength: 5, maxLength: 5 }))
    .map(([first, rest]) => [first, ...rest].join(':')),
  rssi: fc.double({ min: -120, max: -1e-9, noNaN: true }),
  ts: fc.double({ min: 1, max: 9e10, noNaN: true }),
});
const payload = fc.array(reading, { minLength: 1, maxLength: 8 });

/** A result is whole when it is a valid reading or says why it is none. */
const expectWhole = (results: ReturnType<typeof decodeNative>) => {
  expect(results.length).toBeGreaterThan(0);
  for (const result of results) {
    if (E.isRight(result))
      expect(!isHeard(result.right) || Reading.is(result.right.reading)).toBe(true);
    else {
      expect(result.left.reasons.length).toBeGreaterThan(0);
      expect(result.left.reasons.every((reason) => reason.length > 0)).toBe(true);
      expect(result.left.payload.length).toBeLessThanOrEqual(2_000);
    }
  }
};

test('any bytes give readings or reasons', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (garbage) => {
      expectWhole(decodeNative(message(garbage)));
    }),
    { numRuns: 2_000 },
  );
});

test('any JSON gives one result per element', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const results = decodeNative(message(bytes(JSON.stringify(value))));
      expectWhole(results);
      expect(results).toHaveLength(Array.isArray(value) ? Math.max(1, value.length) : 1);
    }),
    { numRuns: 2_000 },
  );
});

test('what is valid comes out as it went in', () => {
  fc.assert(
    fc.property(payload, (readings) => {
      const results = decodeNative(message(bytes(JSON.stringify(readings))));
      expect(results.map((r) => (E.isRight(r) ? Object(r.right).reading : r.left))).toEqual(
        readings,
      );
    }),
  );
});

test('an address that no phone has is no reading, whatever else stands there', () => {
  const nonPhone = fc
    .tuple(fc.oneof(fc.constant('00'), fc.constantFrom('01', '33', 'ff', '0b')), hexByte)
    .map(([first, last]) => `${first}:80:c2:00:00:${last}`);
  fc.assert(
    fc.property(fc.tuple(reading, nonPhone), ([one, phone_id]) => {
      expect(isNonPhone(phone_id)).toBe(true);
      expect(decodeNative(message(bytes(JSON.stringify({ ...one, phone_id }))))).toEqual([
        E.right(NON_PHONE),
      ]);
    }),
  );
});

test('a spoilt field rejects its own element only, by path', () => {
  const spoilt = fc.record({
    readings: payload,
    at: fc.nat(),
    field: fc.constantFrom('sensor_id', 'phone_id', 'rssi', 'ts'),
    value: fc.constantFrom(null, true, 'x y', 1e300, -1e300, [], {}, ''),
  });
  fc.assert(
    fc.property(spoilt, ({ readings, at, field, value }) => {
      const index = at % readings.length;
      const sent = readings.map((r, i) => (i === index ? { ...r, [field]: value } : r));
      const results = decodeNative(message(bytes(JSON.stringify(sent))));
      expect(results.map(E.isRight)).toEqual(readings.map((_, i) => i !== index));
      const result = results[index];
      const reasons = result !== undefined && E.isLeft(result) ? result.left.reasons : [];
      expect(reasons).toEqual([expect.stringMatching(`^\\[${index}\\]\\.${field}: `)]);
    }),
    { numRuns: 500 },
  );
});

test('valid bytes with one byte changed never throw', () => {
  const mutated = fc.record({
    readings: payload,
    at: fc.nat(),
    byte: fc.integer({ min: 0, max: 255 }),
  });
  fc.assert(
    fc.property(mutated, ({ readings, at, byte }) => {
      const sent = bytes(JSON.stringify(readings));
      sent[at % sent.length] = byte;
      expectWhole(decodeNative(message(sent)));
    }),
    { numRuns: 2_000 },
  );
});

/** What is usual, and near it: one field of another kind, in another form or spelling, or missing. */
const nearlyUsual = fc
  .tuple(
    reading,
    fc.constantFrom('sensor_id', 'rpi_id', 'phone_id', 'mac', 'rssi', 'ts', 'queued', '__proto__'),
    fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('PI5', 'A8-76-50-E9-28-20', 'a87650e92820', 'a8:76:50:e9:28:20 ', 'id:x', ''),
      fc.constantFrom(0, -0, -120, -121, 1e-9, 1e11, 1_740_000_000_500, 9.9e10, -61),
      fc.constantFrom(undefined, null, true),
    ),
  )
  .map(([usual, key, value]) => {
    const written = JSON.stringify(value) ?? '"gone"';
    return `${JSON.stringify(usual).slice(0, -1)},${JSON.stringify(key)}:${written}}`;
  });

test('what is read without the codec is what the codec makes of it', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        nearlyUsual,
        reading.map((usual) => JSON.stringify(usual)),
      ),
      (text) => {
        const element = JSON.parse(text);
        const usual = usualReading(element);
        if (usual === undefined) return;
        const { sensor_id, rpi_id, phone_id, mac, rssi, ts } = element;
        const fields = { sensor_id: sensor_id ?? rpi_id, phone_id: phone_id ?? mac, rssi, ts };
        expect(E.right(usual)).toEqual(Reading.decode(fields));
      },
    ),
    { numRuns: 5_000 },
  );
});

test('what is usual needs no codec', () => {
  fc.assert(fc.property(reading, (one) => expect(usualReading(one)).toEqual(one)));
});
