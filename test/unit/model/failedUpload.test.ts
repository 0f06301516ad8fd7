import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { FailedUpload, failedUpload } from '../../../src/model/failedUpload.ts';
import {
  type DeadLetter,
  type DeliveryError,
  toDeliveryError,
} from '../../../src/model/outcome.ts';
import type { Upload } from '../../../src/model/upload.ts';
import { assignment } from '../../support/readings.ts';
import { dwell, uuid } from '../../support/uploads.ts';

const ts = fc.integer({ min: 1, max: 2e12 }).map((ms) => ms / 1000);
const error: fc.Arbitrary<DeliveryError> = fc.record(
  {
    _tag: fc.constantFrom('Transient' as const, 'Permanent' as const),
    reason: fc.string({ unit: 'grapheme' }),
    status: fc.integer({ min: 100, max: 599 }),
    answer: fc.string({ unit: 'grapheme' }),
    retryAfterMs: fc.nat(),
  },
  { requiredKeys: ['_tag', 'reason'] },
);
const letter: fc.Arbitrary<DeadLetter<Upload>> = fc.record({
  _tag: fc.constant('DeadLetter' as const),
  sink: fc.constant('upload'),
  item: fc.record({
    batch_id: fc.nat().map(uuid),
    assignments: fc.array(fc.tuple(ts, fc.nat()).map(([at, zone]) => assignment(at, zone))),
    dwells: fc.array(fc.tuple(ts, fc.nat()).map(([at, seconds]) => dwell(at, at + seconds))),
  }),
  attempts: fc.integer({ min: 1, max: 9 }),
  error,
  firstAttemptAt: fc.nat(),
  failedAt: fc.nat(),
});

describe('FailedUpload', () => {
  it('comes back from a line of JSON as it was, with the whole upload', () => {
    fc.assert(
      fc.property(letter, (dead) => {
        const line = failedUpload(dead);
        expect(FailedUpload.decode(JSON.parse(JSON.stringify(line)))).toEqual(E.right(line));
        expect(line.upload).toEqual(dead.item);
      }),
    );
  });

  it('tells whether trying again can help, and times in seconds', () => {
    fc.assert(
      fc.property(letter, (dead) => {
        expect(failedUpload(dead)).toMatchObject({
          retryable: dead.error._tag === 'Transient',
          reason: dead.error.reason,
          first_attempt_at: dead.firstAttemptAt / 1000,
          failed_at: dead.failedAt / 1000,
        });
      }),
    );
  });

  it('refuses a line of another schema, and a torn one', () => {
    const [sample] = fc.sample(letter, 1);
    if (sample === undefined) throw new Error('no sample');
    const line = failedUpload(sample);
    const { upload, ...torn } = line;

    expect(E.isLeft(FailedUpload.decode({ ...line, schema_version: 2 }))).toBe(true);
    expect(E.isLeft(FailedUpload.decode(torn))).toBe(true);
  });
});

describe('toDeliveryError', () => {
  it('keeps a delivery error and explains anything else as a passing fault', () => {
    const refused: DeliveryError = { _tag: 'Permanent', reason: 'HTTP 400' };

    expect(toDeliveryError(refused)).toBe(refused);
    expect(toDeliveryError(new Error('EIO'))).toEqual({ _tag: 'Transient', reason: 'EIO' });
    expect(toDeliveryError('EIO')).toEqual({ _tag: 'Transient', reason: 'EIO' });
    expect(toDeliveryError({ _tag: 'Left', reason: 'x' })._tag).toBe('Transient');
    expect(toDeliveryError({ _tag: 'Permanent' })._tag).toBe('Transient');
    expect(toDeliveryError(null)).toEqual({ _tag: 'Transient', reason: 'null' });
  });
});
