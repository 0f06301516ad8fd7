import { EMPTY, filter, ignoreElements, NEVER, of, tap, throwError } from 'rxjs';
import type { Journal } from '../../../src/model/journal.ts';
import type { DeliveryError } from '../../../src/model/outcome.ts';
import { type Report, uploaded } from '../../../src/model/report.ts';
import type { Deliver } from '../../../src/model/shapes.ts';
import type { ShopEvent } from '../../../src/model/shopEvent.ts';
import type { UploadItem } from '../../../src/model/upload.ts';
import { type UploadStage, uploads } from '../../../src/streams/uploads.ts';
import { emittedBy, marbles } from '../../support/marbles.ts';
import { assignment, PHONE } from '../../support/readings.ts';
import {
  dwell,
  ingested,
  memoryJournal,
  stageOf,
  upload,
  uploadPolicy,
  uuid,
} from '../../support/uploads.ts';

const policy = uploadPolicy({
  batch: { maxItems: 2, maxWaitMs: 30_000 },
  retry: { maxRetries: 0, initialDelayMs: 500, maxDelayMs: 10_000 },
});
const refused: DeliveryError = { _tag: 'Permanent', reason: 'HTTP 400', status: 400 };
const events: Record<string, ShopEvent> = {
  a: { _tag: 'Assignment', value: assignment(1) },
  d: { _tag: 'Dwell', value: dwell(1, 5) },
  t: {
    _tag: 'Transition',
    value: { phone_id: PHONE, from_zone_id: null, to_zone_id: 1, ts: 1 },
  },
  v: {
    _tag: 'Visit',
    value: { phone_id: PHONE, enter_ts: 1, exit_ts: 1, duration_seconds: 0, zones_visited: [1] },
  },
};
const noFile: Deliver<ReadonlyArray<string>> = () => NEVER;

const isUploaded = ({ _tag }: Report): boolean => _tag === 'Uploaded';

describe('uploads', () => {
  it(
    'uploads nothing where there are no assignments and dwells',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('tvt|', events);
      const expected = '   ---|';

      expectObservable(
        source.pipe(
          uploads(
            stageOf(() => NEVER),
            noFile,
            policy,
            env,
          ),
        ),
      ).toBe(expected);
    }),
  );

  it(
    'goes on where the last process ended: what was not settled is sent first, dwells too',
    marbles(({ cold, env, expectObservable, flush }) => {
      const deliver: UploadStage['deliver'] = (item) => cold('-(r|)', { r: ingested(item) });
      const files = memoryJournal(
        ...[0.1, 0.2, 0.3].map((ts): UploadItem => ({ _tag: 'Assignment', value: assignment(ts) })),
        { _tag: 'Dwell', value: dwell(0.1, 0.3) },
      );
      const source = cold('---a|', events);
      const told = (...of: Parameters<typeof upload>) => {
        const item = upload(...of);
        return uploaded({
          _tag: 'Delivered',
          sink: 'upload',
          item,
          receipt: ingested(item),
          attempts: 1,
          latencyMs: 1,
        });
      };
      const stage = stageOf(deliver, { journal: files.open() });

      expectObservable(source.pipe(uploads(stage, noFile, policy, env), filter(isUploaded))).toBe(
        '-xy--(z|)',
        {
          x: told(1, [assignment(0.1), assignment(0.2)]),
          y: told(2, [assignment(0.3)], [dwell(0.1, 0.3)]),
          z: told(3, [assignment(1)]),
        },
      );
      flush();
      expect(files.open().behind).toBe(0);
    }),
  );

  it('takes any number of unsettled assignments', () => {
    const files = memoryJournal(
      ...Array.from(
        { length: 50_000 },
        (_, ts): UploadItem => ({ _tag: 'Assignment', value: assignment(ts) }),
      ),
    );
    let rows = 0;
    const deliver: UploadStage['deliver'] = (item) => {
      rows += item.assignments.length;
      return of(ingested(item));
    };
    emittedBy((env) =>
      EMPTY.pipe(uploads(stageOf(deliver, { journal: files.open() }), noFile, policy, env)),
    );
    expect(rows).toBe(50_000);
    expect(files.open().behind).toBe(0);
  });

  it(
    'moves the cursor only behind a dead letter that is saved',
    marbles(({ cold, env, expectObservable, flush }) => {
      const happened: string[] = [];
      const appendFailed: Deliver<ReadonlyArray<string>> = () =>
        cold<void>('5s (r|)').pipe(tap(() => happened.push('dead letter saved')));
      const files = memoryJournal();
      const journal: Journal = {
        ...files.open(),
        settle: () => {
          happened.push('cursor saved');
          return of(undefined);
        },
      };
      files.save({ _tag: 'Assignment', value: assignment(1) });
      const stage = stageOf(() => throwError(() => refused), { journal });
      const source = cold('(a|)', events);

      expectObservable(
        source.pipe(uploads(stage, appendFailed, policy, env), ignoreElements()),
      ).toBe('5s |');
      flush();
      expect(happened).toEqual(['dead letter saved', 'cursor saved']);
    }),
  );

  it(
    'gives the last uploads a minute when the source ends, and leaves the rest to the cursor',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('(aaa|)', events);
      const expected = '   1m |';

      expectObservable(
        source.pipe(
          uploads(
            stageOf(() => NEVER),
            noFile,
            policy,
            env,
          ),
        ),
      ).toBe(expected);
    }),
  );

  it(
    'keeps a cursor behind what is settled, delivered or not',
    marbles(({ cold, env, expectObservable, flush }) => {
      const files = memoryJournal();
      const journal = files.open();
      const items = [1, 2, 3].map(
        (ts): UploadItem => ({ _tag: 'Assignment', value: assignment(ts) }),
      );
      const stay: UploadItem = { _tag: 'Dwell', value: dwell(1, 5) };
      for (const item of [...items, stay]) files.save(item);
      const receipt = { r: ingested(upload(1, [])) };
      const answers = ['-(r|)', '-#'];
      const deliver: UploadStage['deliver'] = () => cold(answers.shift() ?? '', receipt, refused);
      const happened = Object.fromEntries([...items, stay].map((item, n) => ['abcd'[n], item]));
      const source = cold<ShopEvent>('(abcd|)', happened);

      expectObservable(
        source.pipe(
          uploads(stageOf(deliver, { journal }), () => of(undefined), policy, env),
          ignoreElements(),
        ),
      ).toBe('--|');
      flush();
      expect(
        files.moves.map(({ assignments, dwells }) => [assignments.offset, dwells.offset]),
      ).toEqual([
        [2, 0],
        [3, 1],
      ]);
    }),
  );

  it(
    'uploads assignments and dwells in batches and tells of each',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const deliver: UploadStage['deliver'] = (item) => cold('-(r|)', { r: ingested(item) });
      const source = cold('atvda', events);
      const unsub = '      ^ 1m !';
      const expected = '   ----x 29999ms y'; // the second waits 30 s from 3 ms on
      const outcome = (item: ReturnType<typeof upload>) =>
        uploaded({
          _tag: 'Delivered',
          sink: 'upload',
          item,
          receipt: ingested(item),
          attempts: 1,
          latencyMs: 1,
        });
      const values = {
        x: outcome(upload(1, [assignment(1)], [dwell(1, 5)])),
        y: outcome(upload(2, [assignment(1)])),
      };

      expectObservable(source.pipe(uploads(stageOf(deliver), noFile, policy, env)), unsub).toBe(
        expected,
        values,
      );
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'writes what fails for good to the dead letters, tells of both, and goes on',
    marbles(({ cold, env, expectObservable, flush }) => {
      const file: string[] = [];
      const append: Deliver<ReadonlyArray<string>> = (lines) => {
        file.push(...lines);
        return of(undefined);
      };
      const deliver: UploadStage['deliver'] = (item) =>
        item.batch_id === uuid(1)
          ? cold('-#', undefined, refused)
          : cold('-(r|)', { r: ingested(item) });
      const source = cold('(adt)---a|', events);
      const expected = '   -(xy)-----(z|)';
      const told = (_tag: 'Uploaded' | 'Saved', outcome: object) =>
        expect.objectContaining({ _tag, outcome: expect.objectContaining(outcome) });

      expectObservable(source.pipe(uploads(stageOf(deliver), append, policy, env))).toBe(expected, {
        x: told('Uploaded', { _tag: 'DeadLetter', error: refused }),
        y: told('Saved', { _tag: 'Delivered', sink: 'failed_uploads' }),
        z: told('Uploaded', { _tag: 'Delivered', item: upload(2, [assignment(1)]) }),
      });
      flush();
      expect(file.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({
          upload: upload(1, [assignment(1)], [dwell(1, 5)]),
          retryable: false,
        }),
      ]);
    }),
  );

  it(
    'passes an error of the source',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('a-#', events);
      const expected = '   --#';

      expectObservable(
        source.pipe(
          uploads(
            stageOf(() => NEVER),
            noFile,
            policy,
            env,
          ),
        ),
      ).toBe(expected);
    }),
  );
});
