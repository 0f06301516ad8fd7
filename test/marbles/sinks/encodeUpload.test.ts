import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { type Encoding, encodeUpload, UNKNOWN_ZONE } from '../../../src/sinks/encodeUpload.ts';
import { UploadBatch } from '../../../supabase/functions/_shared/contract.ts';
import { assignment, OTHER_PHONE, PHONE } from '../../support/readings.ts';
import { dwell, upload, uuid } from '../../support/uploads.ts';

const digits: Record<string, string> = { [PHONE]: 'a'.repeat(64), [OTHER_PHONE]: 'b'.repeat(64) };
const encoding: Encoding = {
  storeId: uuid(50),
  orgId: uuid(51),
  zones: new Map([
    [1, uuid(101)],
    [7, uuid(107)],
  ]),
  hashMac: (mac) => digits[mac] ?? 'c'.repeat(64),
};

describe('encodeUpload', () => {
  it('writes an upload in the words of the contract', () => {
    const encoded = encodeUpload(
      upload(1, [assignment(1_740_000_000.5, 7)], [dwell(1_740_000_000, 1_740_000_030.25)]),
      encoding,
    );

    expect(encoded).toEqual({
      schema_version: 1,
      batch_id: uuid(1),
      store_id: uuid(50),
      org_id: uuid(51),
      readings: [
        {
          timestamp: '2025-02-19T21:20:00.500Z',
          hashed_mac: 'a'.repeat(64),
          zone_id: uuid(107),
          rssi_readings: { pi1: -60 },
          estimated_position: { x: 1, y: 2, confidence: 0.85 },
        },
      ],
      dwells: [
        {
          hashed_mac: 'a'.repeat(64),
          zone_id: uuid(101),
          enter_timestamp: '2025-02-19T21:20:00.000Z',
          exit_timestamp: '2025-02-19T21:20:30.250Z',
          dwell_seconds: 30.25,
        },
      ],
    });
  });

  it('leaves the confidence out where nobody knows one', () => {
    const { confidence: _unknown, ...sighting } = assignment(1, 7);
    const encoded = encodeUpload(upload(1, [sighting]), encoding);

    expect(encoded.readings[0]?.estimated_position).toStrictEqual({ x: 1, y: 2 });
    expect(E.isRight(UploadBatch.decode(encoded))).toBe(true);
  });

  it('says what kind of device was heard, where that is known', () => {
    const known = upload(1, [assignment(1, 7, { device_class: 'randomised_burst' })]);
    const encoded = encodeUpload(known, encoding);

    expect(encoded.readings[0]?.device_class).toBe('randomised_burst');
    expect(E.isRight(UploadBatch.decode(encoded))).toBe(true);
  });

  it.each([
    { what: 'an assignment', of: upload(1, [assignment(1), assignment(1, 9)]), list: 'readings' },
    {
      what: 'a dwell',
      of: upload(1, [], [dwell(1, 2), dwell(1, 2, { zone_id: 9 })]),
      list: 'dwells',
    },
  ] as const)('marks $what in a zone without a uuid, and keeps its place', ({ of, list }) => {
    const zones = encodeUpload(of, encoding)[list].map(({ zone_id }) => zone_id);

    expect(zones).toEqual([uuid(101), UNKNOWN_ZONE]);
  });

  it('sends what the contract accepts, and no MAC address', () => {
    const ts = fc.double({ min: 1, max: 4_000_000_000, noNaN: true });
    const anyAssignment = fc
      .record({
        ts,
        zone: fc.constantFrom(1, 7),
        phone_id: fc.constantFrom(PHONE, OTHER_PHONE),
        confidence: fc.double({ min: 0, max: 1, noNaN: true }),
        vector: fc.dictionary(
          fc.stringMatching(/^[a-z0-9_.:-]{1,64}$/),
          fc.double({ min: -120, max: -0.001, noNaN: true }),
          { minKeys: 1, maxKeys: 64 },
        ),
      })
      .map(({ ts, zone, ...changes }) => assignment(ts, zone, changes));
    const anyDwell = fc
      .tuple(ts, fc.double({ min: 0, max: 86_400, noNaN: true }))
      .map(([enter, seconds]) => dwell(enter, enter + seconds));

    fc.assert(
      fc.property(
        fc.array(anyAssignment, { minLength: 1, maxLength: 20 }),
        fc.array(anyDwell, { maxLength: 20 }),
        (assignments, dwells) => {
          const encoded = encodeUpload(upload(1, assignments, dwells), encoding);

          const sent: unknown = JSON.parse(JSON.stringify(encoded));
          expect(UploadBatch.decode(sent)).toEqual(E.right(sent));
          expect(JSON.stringify(sent)).not.toContain(PHONE);
          expect(JSON.stringify(sent)).not.toContain(OTHER_PHONE);
        },
      ),
    );
  });
});
