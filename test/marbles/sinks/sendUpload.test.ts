import type { DeliveryError } from '../../../src/model/outcome.ts';
import type { Deliver } from '../../../src/model/shapes.ts';
import { halvesOf, partId, sizeOf, type Upload } from '../../../src/model/upload.ts';
import { sendUpload } from '../../../src/sinks/sendUpload.ts';
import type { IngestResult } from '../../../supabase/functions/_shared/contract.ts';
import { marbles } from '../../support/marbles.ts';
import { assignment } from '../../support/readings.ts';
import { dwell, ingested, upload, uuid } from '../../support/uploads.ts';

const retry = { maxRetries: 3, initialDelayMs: 500, maxDelayMs: 10_000 };
const failed: DeliveryError = { _tag: 'Transient', reason: 'HTTP 503', status: 503 };
const gone: DeliveryError = { _tag: 'Permanent', reason: 'HTTP 410', status: 410 };
const poison: DeliveryError = {
  _tag: 'Permanent',
  reason: 'validation_failed: the batch is malformed',
  status: 422,
  answer: '{"error":…}',
  blames: 'rows',
};
const tooLarge: DeliveryError = {
  _tag: 'Permanent',
  reason: 'HTTP 413',
  status: 413,
  blames: 'size',
};

const delivered = (
  item: Upload,
  attempts: number,
  latencyMs: number,
  receipt: IngestResult = ingested(item),
) => ({ _tag: 'Delivered', sink: 'upload', item, receipt, attempts, latencyMs });
const dead = (item: Upload, error: DeliveryError, at: number) => ({
  _tag: 'DeadLetter',
  sink: 'upload',
  item,
  attempts: 1,
  error,
  firstAttemptAt: at,
  failedAt: at + 1,
});

describe('sendUpload', () => {
  it(
    'keeps one id over all retries',
    marbles(({ cold, env, expectObservable, flush }) => {
      const sent: string[] = [];
      const port: Deliver<Upload, IngestResult> = (item) => {
        sent.push(item.batch_id);
        return sent.length < 3 ? cold('#', undefined, failed) : cold('(r|)', { r: ingested(item) });
      };
      const one = upload(1, [assignment(1)]);

      expectObservable(sendUpload(port, retry, env)(one)).toBe('750ms (x|)', {
        x: delivered(one, 3, 750),
      });
      flush();
      expect(sent).toEqual([uuid(1), uuid(1), uuid(1)]);
    }),
  );

  it(
    'never ends what never ends, and releases it',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const endless = cold<IngestResult>('-');
      const unsub = '^ 1m !';

      expectObservable(
        sendUpload(() => endless, retry, env)(upload(1, [assignment(1)])),
        unsub,
      ).toBe('-');
      expectSubscriptions(endless.subscriptions).toBe(unsub);
    }),
  );

  it(
    'makes one dead letter, complete and under its id, of what no part of would pass',
    marbles(({ cold, env, expectObservable }) => {
      const port: Deliver<Upload, IngestResult> = () => cold('-#', undefined, gone);
      const two = upload(1, [assignment(1), assignment(2)]);

      expectObservable(sendUpload(port, retry, env)(two)).toBe('-(x|)', { x: dead(two, gone, 0) });
    }),
  );

  it(
    'separates a poisonous row: the others arrive, it becomes a dead letter with the reason',
    marbles(({ cold, env, expectObservable }) => {
      const port: Deliver<Upload, IngestResult> = (item) =>
        item.dwells.length > 0
          ? cold('-#', undefined, poison)
          : cold('-(r|)', { r: ingested(item) });
      const whole = upload(1, [assignment(1), assignment(2), assignment(3)], [dwell(1, 9)]);
      const [first, second] = halvesOf(whole);
      const [third, bad] = second ? halvesOf(second) : [];
      if (!first || !third || !bad) throw new Error('not divided');
      const expected = '--a-b(c|)';

      expectObservable(sendUpload(port, retry, env)(whole)).toBe(expected, {
        a: delivered(first, 1, 1),
        b: delivered(third, 1, 1),
        c: dead(bad, poison, 4),
      });
      expect([first, third, bad].map(sizeOf)).toEqual([2, 1, 1]);
      expect(bad).toEqual({ ...bad, assignments: [], dwells: [dwell(1, 9)] });
    }),
  );

  it(
    'divides what is too large until it fits, however often',
    marbles(({ cold, env, expectObservable, flush }) => {
      const arrived: Upload[] = [];
      const port: Deliver<Upload, IngestResult> = (item) => {
        if (sizeOf(item) > 2) return cold('#', undefined, tooLarge);
        arrived.push(item);
        return cold('(r|)', { r: ingested(item) });
      };
      const rows = Array.from({ length: 500 }, (_, ts) => assignment(ts));

      expectObservable(sendUpload(port, retry, env)(upload(1, rows))).toBe(
        `(${'.'.repeat(256)}|)`,
        { '.': expect.objectContaining({ _tag: 'Delivered' }) },
      );
      flush();
      expect(arrived.flatMap(({ assignments }) => assignments)).toEqual(rows);
      expect(new Set(arrived.map(({ batch_id }) => batch_id)).size).toBe(256);
    }),
  );

  it(
    'does not divide for ever what is refused in every part',
    marbles(({ cold, env, expectObservable, flush }) => {
      let attempts = 0;
      let rows = 0;
      const port: Deliver<Upload, IngestResult> = () => {
        attempts += 1;
        return cold('#', undefined, poison);
      };
      const all = Array.from({ length: 500 }, (_, ts) => assignment(ts));
      sendUpload(
        port,
        retry,
        env,
      )(upload(1, all)).subscribe(({ item }) => {
        rows += sizeOf(item);
      });
      expectObservable(cold('|')).toBe('|');
      flush();
      expect(attempts).toBeLessThanOrEqual(65);
      expect(rows).toBe(500);
    }),
  );

  it(
    'makes dead letters, under ids of their own, of the rows that were refused, each with its reason, first',
    marbles(({ cold, env, expectObservable }) => {
      const rejections = [
        { list: 'readings', index: 1, code: 'unknown_zone' },
        { list: 'readings', index: 2, code: 'invalid_row', reason: 'ts: is no time' },
        { list: 'dwells', index: 0, code: 'unknown_zone' },
        { list: 'dwells', index: 1, code: 'unknown_zone' },
        { list: 'dwells', index: 1, code: 'future_timestamp' },
        { list: 'dwells', index: 7, code: 'of no row' },
      ] as const;
      const port: Deliver<Upload, IngestResult> = (item) =>
        cold('-----(r|)', { r: ingested(item, rejections) });
      const whole = upload(
        1,
        [assignment(1), assignment(2), assignment(3)],
        [dwell(1, 9), dwell(1, 99)],
      );
      const letter = (
        reason: string,
        rows: Pick<Upload, 'assignments' | 'dwells'>,
        said: Pick<DeliveryError, 'answer'> = {},
      ) => ({
        _tag: 'DeadLetter',
        sink: 'upload',
        item: { batch_id: partId(uuid(1), `refused: ${reason}`), ...rows },
        attempts: 1,
        error: { _tag: 'Permanent', reason: `refused by the database: ${reason}`, ...said },
        firstAttemptAt: 0,
        failedAt: 5,
      });
      const expected = '-----(zibx|)';
      const values = {
        z: letter('unknown_zone', { assignments: [assignment(2)], dwells: [dwell(1, 9)] }),
        i: letter(
          'invalid_row',
          { assignments: [assignment(3)], dwells: [] },
          { answer: 'ts: is no time' },
        ),
        b: letter('future_timestamp, unknown_zone', { assignments: [], dwells: [dwell(1, 99)] }),
        x: delivered(whole, 1, 5, ingested(whole, rejections)),
      };

      expectObservable(sendUpload(port, retry, env)(whole)).toBe(expected, values);
    }),
  );
});
