import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { judgeReceipt, judgeRefusal, retryAfterMs } from '../../../src/sinks/judge.ts';
import { ingested, uuid } from '../../support/uploads.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const envelope = (retryable: boolean): string =>
  JSON.stringify({
    error: { code: 'ingest_failed', message: 'no space', retryable, request_id: 'r' },
  });
const refusal = (status: number, body = '', retryAfter: string | null = null) =>
  judgeRefusal({ status, body, retryAfter }, NOW_MS);

describe('judgeRefusal', () => {
  it.each([408, 425, 429, 500, 501, 502, 503, 504, 520, 546])(
    'takes a bare %d for a passing fault',
    (status) => {
      expect(refusal(status)).toEqual({
        _tag: 'Transient',
        reason: `HTTP ${status}`,
        status,
        answer: '',
      });
    },
  );

  it.each([400, 409, 413, 422])('takes a bare %d for the batch’s own fault', (status) => {
    expect(refusal(status)._tag).toBe('Permanent');
  });

  it.each([304, 401, 402, 403, 404, 405, 407, 410, 415, 431, 451])(
    'takes a bare %d for a mistake of configuration',
    (status) => {
      expect(refusal(status)).toMatchObject({
        _tag: 'Misconfigured',
        advice: expect.stringMatching(/SUPABASE_URL|INGEST_TOKEN|Supabase dashboard/),
      });
    },
  );

  it('says what to do about a refused token', () => {
    expect(refusal(401).advice).toContain('npm run token');
  });

  it.each([
    [400, 'rows'],
    [409, 'rows'],
    [413, 'size'],
    [422, 'rows'],
  ])('knows whether parts of a batch may pass where it gets a %d', (status, blames) => {
    expect(refusal(status).blames).toBe(blames);
    expect(refusal(status, envelope(true)).blames).toBeUndefined();
  });

  it('believes the function’s own word before the status', () => {
    expect(refusal(400, envelope(true))).toMatchObject({
      _tag: 'Transient',
      reason: 'ingest_failed: no space',
    });
  });

  it('looks for the row to blame where the function says that time does not help', () => {
    expect(refusal(500, envelope(false))).toMatchObject({ _tag: 'Permanent', blames: 'rows' });
    expect(refusal(401, envelope(false))).toMatchObject({ _tag: 'Misconfigured' });
  });

  it('keeps the beginning of the answer, and what it was asked to wait', () => {
    const judged = refusal(429, 'x'.repeat(1_000), '7');

    expect(judged.answer).toHaveLength(300);
    expect(judged.retryAfterMs).toBe(7_000);
  });
});

describe('retryAfterMs', () => {
  it.each([
    { header: null, ms: undefined },
    { header: ' ', ms: undefined },
    { header: 'soon', ms: undefined },
    { header: '0', ms: 0 },
    { header: '-5', ms: 0 },
    { header: '120', ms: 120_000 },
    { header: 'Thu, 01 Jan 2026 00:00:30 GMT', ms: 30_000 },
    { header: 'Wed, 31 Dec 2025 23:59:59 GMT', ms: 0 },
  ])('of $header is $ms', ({ header, ms }) => {
    expect(retryAfterMs(header, NOW_MS)).toBe(ms);
  });
});

describe('judgeReceipt', () => {
  it('reads the function’s answer', () => {
    const answer = ingested({ batch_id: uuid(1) });

    expect(judgeReceipt(answer)).toEqual(E.right(answer));
  });

  it('takes anything else for a passing fault', () => {
    fc.assert(
      fc.property(fc.anything(), (answer) => {
        expect(judgeReceipt(answer)).toMatchObject({ left: { _tag: 'Transient' } });
      }),
    );
  });
});
