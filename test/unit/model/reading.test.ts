import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { Reading } from '../../../src/model/reading.ts';
import { rejected } from '../../../src/model/rejected.ts';
import { explain } from '../../../supabase/functions/_shared/codec.ts';
import { reading } from '../../support/readings.ts';

const anyReading = fc.record({
  sensor_id: fc.stringMatching(/^[a-z\d_.:-]{1,64}$/),
  phone_id: fc
    .array(fc.stringMatching(/^[0-9a-f]{2}$/), { minLength: 6, maxLength: 6 })
    .map((pairs) => pairs.join(':')),
  rssi: fc.double({ min: -120, max: -0.001, noNaN: true }).map((dbm) => dbm + 0),
  ts: fc.double({ min: 1, max: 1e11, maxExcluded: true, noNaN: true }),
});
const reasons = (input: unknown): ReadonlyArray<string> =>
  E.match(explain, () => [] as ReadonlyArray<string>)(Reading.decode(input));

describe('Reading', () => {
  it('comes back from a line of JSON as it was', () => {
    fc.assert(
      fc.property(anyReading, (one) => {
        expect(Reading.decode(JSON.parse(JSON.stringify(Reading.encode(one))))).toEqual(
          E.right(one),
        );
      }),
    );
  });

  it('drops what it does not know', () => {
    expect(Reading.decode({ ...reading(1), firmware: '2.1' })).toEqual(E.right(reading(1)));
  });

  it.each([
    { wrong: { rssi: -120.1 }, says: /^rssi: must be dBm from −120 to below 0/ },
    { wrong: { rssi: 0.1 }, says: /^rssi: must be dBm from −120 to below 0/ },
    { wrong: { rssi: Number.NaN }, says: /^rssi: must be dBm from −120 to below 0/ },
    { wrong: { rssi: '-60' }, says: /^rssi: / },
    { wrong: { phone_id: 'me' }, says: /^phone_id: must be a MAC address/ },
    { wrong: { sensor_id: '' }, says: /^sensor_id: must be 1…64/ },
    { wrong: { sensor_id: 'x'.repeat(65) }, says: /^sensor_id: must be 1…64/ },
    { wrong: { ts: 0 }, says: /^ts: must be Unix seconds/ },
  ])('refuses $wrong with its reason', ({ wrong, says }) => {
    expect(reasons({ ...reading(1), ...wrong })).toEqual([expect.stringMatching(says)]);
  });

  it('tells every reason at once', () => {
    expect(reasons({}).map((why) => why.split(':')[0])).toEqual([
      'sensor_id',
      'phone_id',
      'rssi',
      'ts',
    ]);
  });

  it('refuses anything else without a crash', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        expect(E.isLeft(Reading.decode(input))).toBe(true);
      }),
    );
  });
});

describe('rejected', () => {
  it('keeps the beginning of a long payload', () => {
    const { payload, received_at } = rejected(
      { topic: 't', receivedAt: 3 },
      ['x'],
      'a'.repeat(9e3),
    );

    expect(payload).toBe('a'.repeat(2_000));
    expect(received_at).toBe(3);
  });
});
