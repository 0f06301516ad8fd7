import type { DeliveryError } from '../../../src/model/outcome.ts';
import type { Deliver } from '../../../src/model/shapes.ts';
import type { Upload, UploadItem } from '../../../src/model/upload.ts';
import { uploadSink } from '../../../src/sinks/uploadSink.ts';
import type { IngestResult } from '../../../supabase/functions/_shared/contract.ts';
import { marbles } from '../../support/marbles.ts';
import { assignment } from '../../support/readings.ts';
import { countingIds, dwell, ingested, upload, uuid } from '../../support/uploads.ts';

const policy = {
  batch: { maxItems: 3, maxWaitMs: 30_000 },
  retry: { maxRetries: 3, initialDelayMs: 500, maxDelayMs: 10_000 },
};
const failed: DeliveryError = { _tag: 'Transient', reason: 'HTTP 503', status: 503 };
const refused: DeliveryError = { _tag: 'Permanent', reason: 'HTTP 400', status: 400 };

const placed = (ts: number): UploadItem => ({ _tag: 'Assignment', value: assignment(ts) });
const stayed = (enter: number, exit: number): UploadItem => ({
  _tag: 'Dwell',
  value: dwell(enter, exit),
});
const items = { a: placed(1), b: placed(2), c: placed(3), d: stayed(1, 9) };

const delivered = (
  item: Upload,
  attempts: number,
  latencyMs: number,
  receipt: IngestResult = ingested(item),
) => ({ _tag: 'Delivered', sink: 'upload', item, receipt, attempts, latencyMs });

describe('uploadSink', () => {
  it(
    'uploads nothing for an empty source, and makes no id',
    marbles(({ cold, env, expectObservable, flush }) => {
      const newBatchId = countingIds();
      const source = cold<UploadItem>('|');
      const expected = '               |';
      const port: Deliver<Upload, IngestResult> = () => cold('#');

      expectObservable(source.pipe(uploadSink(port, newBatchId, policy, env))).toBe(expected);
      flush();
      expect(newBatchId()).toBe(uuid(1));
    }),
  );

  it(
    'batches by size and by time, assignments and dwells apart, one id a batch',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const port: Deliver<Upload, IngestResult> = (item) => cold('--(r|)', { r: ingested(item) });
      const source = cold('adbc', items);
      const unsub = '      ^ 2m !';
      const expected = '   --- -x 29999ms y';
      const values = {
        x: delivered(upload(1, [assignment(1), assignment(2)], [dwell(1, 9)]), 1, 2),
        y: delivered(upload(2, [assignment(3)]), 1, 2),
      };

      expectObservable(source.pipe(uploadSink(port, countingIds(), policy, env)), unsub).toBe(
        expected,
        values,
      );
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'keeps one id over all retries of a batch, and flushes on completion',
    marbles(({ cold, env, expectObservable, flush }) => {
      const sent: string[] = [];
      const port: Deliver<Upload, IngestResult> = (item) => {
        sent.push(item.batch_id);
        return sent.length < 3 ? cold('#', undefined, failed) : cold('(r|)', { r: ingested(item) });
      };
      const source = cold('a|', items);
      const expected = '   - 750ms (x|)';
      const values = { x: delivered(upload(1, [assignment(1)]), 3, 750) };

      expectObservable(source.pipe(uploadSink(port, countingIds(), policy, env))).toBe(
        expected,
        values,
      );
      flush();
      expect(sent).toEqual([uuid(1), uuid(1), uuid(1)]);
    }),
  );

  it(
    'makes a dead letter, complete and under its id, of what fails for good; the next goes out',
    marbles(({ cold, env, expectObservable }) => {
      const port: Deliver<Upload, IngestResult> = (item) =>
        item.batch_id === uuid(1)
          ? cold('-#', undefined, refused)
          : cold('-(r|)', { r: ingested(item) });
      const source = cold('(abcd|)', items);
      const expected = '   -x(y|)';
      const values = {
        x: {
          _tag: 'DeadLetter',
          sink: 'upload',
          item: upload(1, [assignment(1), assignment(2), assignment(3)]),
          attempts: 1,
          error: refused,
          firstAttemptAt: 0,
          failedAt: 1,
        },
        y: delivered(upload(2, [], [dwell(1, 9)]), 1, 1),
      };

      expectObservable(source.pipe(uploadSink(port, countingIds(), policy, env))).toBe(
        expected,
        values,
      );
    }),
  );

  it(
    'makes a dead letter of its own, under another id, of the rows that were refused, first',
    marbles(({ cold, env, expectObservable }) => {
      const rejections = [
        { list: 'readings', index: 1, code: 'future_timestamp' },
        { list: 'dwells', index: 0, code: 'unknown_zone' },
        { list: 'dwells', index: 0, code: 'future_timestamp' },
      ] as const;
      const port: Deliver<Upload, IngestResult> = (item) =>
        cold('-----(r|)', { r: ingested(item, rejections) });
      const source = cold('(abd|)', items);
      const expected = '   -----(yx|)';
      const whole = upload(1, [assignment(1), assignment(2)], [dwell(1, 9)]);
      const values = {
        x: delivered(whole, 1, 5, ingested(whole, rejections)),
        y: {
          _tag: 'DeadLetter',
          sink: 'upload',
          item: upload(2, [assignment(2)], [dwell(1, 9)]),
          attempts: 1,
          error: {
            _tag: 'Permanent',
            reason: 'refused by the database: future_timestamp, unknown_zone',
          },
          firstAttemptAt: 0,
          failedAt: 5,
        },
      };

      expectObservable(source.pipe(uploadSink(port, countingIds(), policy, env))).toBe(
        expected,
        values,
      );
    }),
  );

  it(
    'passes an error of the source',
    marbles(({ cold, env, expectObservable }) => {
      const port: Deliver<Upload, IngestResult> = () => cold('#');
      const source = cold('a-#', items);
      const expected = '   --#';

      expectObservable(source.pipe(uploadSink(port, countingIds(), policy, env))).toBe(expected);
    }),
  );
});
