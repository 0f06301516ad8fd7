import { either as E } from 'fp-ts';
import { of } from 'rxjs';
import { FailedUpload } from '../../../src/model/failedUpload.ts';
import type { DeadLetter } from '../../../src/model/outcome.ts';
import type { Deliver } from '../../../src/model/shapes.ts';
import type { Upload } from '../../../src/model/upload.ts';
import { failedUploadsSink } from '../../../src/sinks/failedUploadsSink.ts';
import { marbles } from '../../support/marbles.ts';
import { assignment } from '../../support/readings.ts';
import { dwell, upload } from '../../support/uploads.ts';

const letter: DeadLetter<Upload> = {
  _tag: 'DeadLetter',
  sink: 'upload',
  item: upload(1, [assignment(1)], [dwell(1, 9)]),
  attempts: 4,
  error: { _tag: 'Transient', reason: 'HTTP 503', status: 503, answer: '<html>' },
  firstAttemptAt: 1_500,
  failedAt: 9_250,
};

describe('failedUploadsSink', () => {
  it(
    'writes nothing for an empty source',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold<DeadLetter<Upload>>('|');
      const expected = '                       |';

      expectObservable(source.pipe(failedUploadsSink(() => of(undefined), env))).toBe(expected);
    }),
  );

  it(
    'writes a dead letter as one line from which the whole upload can be read back',
    marbles(({ cold, env, expectObservable, flush }) => {
      const lines: string[] = [];
      const append: Deliver<ReadonlyArray<string>> = (more) => {
        lines.push(...more);
        return of(undefined);
      };
      const source = cold('-a|', { a: letter });
      const expected = '   -x|';
      const line: FailedUpload = {
        schema_version: 1,
        upload: letter.item,
        attempts: 4,
        first_attempt_at: 1.5,
        failed_at: 9.25,
        retryable: true,
        reason: 'HTTP 503',
        status: 503,
        answer: '<html>',
      };

      expectObservable(source.pipe(failedUploadsSink(append, env))).toBe(expected, {
        x: {
          _tag: 'Delivered',
          sink: 'failed_uploads',
          item: [line],
          receipt: undefined,
          attempts: 1,
          latencyMs: 0,
        },
      });
      flush();
      expect(lines.map((text) => FailedUpload.decode(JSON.parse(text)))).toEqual([E.right(line)]);
    }),
  );

  it(
    'waits for a disk that fails',
    marbles(({ cold, env, expectObservable, flush }) => {
      const tries = ['#', '(w|)'];
      const append: Deliver<ReadonlyArray<string>> = () =>
        cold(tries.shift() ?? '', { w: undefined });
      const source = cold('a|', { a: letter });
      const expected = '   250ms (x|)';

      expectObservable(source.pipe(failedUploadsSink(append, env))).toBe(expected, {
        x: expect.objectContaining({ _tag: 'Delivered', attempts: 2 }),
      });
      flush();
    }),
  );
});
