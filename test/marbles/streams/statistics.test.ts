import { map, timer } from 'rxjs';
import { rejected } from '../../../src/model/rejected.ts';
import { dropped, journalled, placed, type Report, uploaded } from '../../../src/model/report.ts';
import { type Statistics, statistics } from '../../../src/streams/statistics.ts';
import { arrivals, emittedBy, marbles } from '../../support/marbles.ts';
import { assignment, OTHER_PHONE, reading } from '../../support/readings.ts';
import { dwell, ingested, upload } from '../../support/uploads.ts';

const nothing: Statistics = {
  readingsPerSecond: 0,
  readings: 0,
  rejected: 0,
  recent: { readings: 0, causes: [] },
  repeated: 0,
  dropped: 0,
  nonPhones: 0,
  thinned: 0,
  phones: 0,
  zones: 0,
  assignments: 0,
  infrastructure: 0,
  uploaded: 0,
  failed: 0,
  retried: 0,
  caughtUp: 0,
  behind: 0,
  path: 'Closed',
  pathReason: '',
  latencyMs: 0,
};
const batch = upload(1, [assignment(1), assignment(2)], [dwell(1, 2)]);
const reports: Record<string, Report> = {
  a: journalled([{ _tag: 'Reading', value: reading(1) }]),
  r: journalled([
    { _tag: 'Rejected', value: rejected({ topic: 't', receivedAt: 1 }, ['not JSON'], '{') },
    { _tag: 'Repeated' },
    { _tag: 'Repeated' },
    ...Array.from({ length: 4 }, () => ({ _tag: 'Thinned' }) as const),
    { _tag: 'NonPhone' },
    { _tag: 'NonPhone' },
    { _tag: 'NonPhone' },
  ]),
  l: dropped(),
  p: placed([assignment(1, 7)]),
  q: placed([assignment(1, 7, { phone_id: OTHER_PHONE })]),
  f: { _tag: 'Saving', problem: 'ENOSPC' },
  h: { _tag: 'Saving' },
  d: uploaded({
    _tag: 'Delivered',
    sink: 'upload',
    item: batch,
    receipt: ingested(batch, [{ list: 'readings', index: 0, code: 'future_timestamp' }]),
    attempts: 2,
    latencyMs: 300,
  }),
  e: uploaded({
    _tag: 'Delivered',
    sink: 'upload',
    item: batch,
    receipt: ingested(batch),
    attempts: 1,
    latencyMs: 100,
  }),
  x: uploaded({
    _tag: 'DeadLetter',
    sink: 'upload',
    item: batch,
    attempts: 4,
    error: { _tag: 'Transient', reason: 'HTTP 503' },
    firstAttemptAt: 0,
    failedAt: 1,
  }),
};

describe('statistics', () => {
  it(
    'tells once of an empty source, on its completion',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold<Report>('|');
      const expected = '           (n|)';

      expectObservable(source.pipe(statistics(10_000, env))).toBe(expected, { n: nothing });
    }),
  );

  it(
    'counts from the start; rates and latency are the last interval’s',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('aaalrpq', reports);
      const unsub = '      ^ 20001ms !';
      const expected = '   10s x 9999ms y';
      const x = {
        ...nothing,
        readingsPerSecond: 0.3,
        readings: 3,
        rejected: 1,
        recent: {
          readings: 3,
          causes: [{ cause: { kind: 'malformed', subject: 'payload' }, count: 1 }],
        },
        heardAtMs: 10_000,
        repeated: 2,
        dropped: 1,
        nonPhones: 3,
        thinned: 4,
        phones: 2,
        zones: 1,
        assignments: 2,
      };
      const values = { x, y: { ...x, readingsPerSecond: 0, recent: nothing.recent } };

      expectObservable(source.pipe(statistics(10_000, env)), unsub).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'knows the last ten seconds, whatever the interval, and when anything was last heard',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('a 6s r', reports);
      const unsub = '      ^ 20001ms !';
      const expected = '   5s a 4999ms b 4999ms c 4999ms d';
      const causes = [{ cause: { kind: 'malformed', subject: 'payload' }, count: 1 } as const];
      const heard = (readings: number, some: typeof causes, heardAtMs: number) => ({
        recent: { readings, causes: some },
        heardAtMs,
      });
      const recent$ = source.pipe(
        statistics(5_000, env),
        map(({ recent, heardAtMs }) => ({ recent, heardAtMs })),
      );

      expectObservable(recent$, unsub).toBe(expected, {
        a: heard(1, [], 5_000),
        b: heard(1, causes, 10_000),
        c: heard(0, causes, 10_000),
        d: heard(0, [], 10_000),
      });
    }),
  );

  it(
    'counts rows that the database has, rows that are dead letters, and retries',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('dex|', reports);
      const expected = '   ---(x|)';
      const values = { x: { ...nothing, uploaded: 5, failed: 3, retried: 2, latencyMs: 200 } };

      expectObservable(source.pipe(statistics(10_000, env))).toBe(expected, values);
    }),
  );

  it(
    'forgets a phone a minute after it was placed',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('p', reports);
      const unsub = '      ^ 100s !';
      const expected = '   30s x 29999ms x 29999ms y';
      const y = { ...nothing, assignments: 1 };
      const values = { x: { ...y, phones: 1, zones: 1 }, y };

      expectObservable(source.pipe(statistics(30_000, env)), unsub).toBe(expected, values);
    }),
  );

  it(
    'says why nothing can be saved, for as long as that is so',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('-f 15s h', reports);
      const unsub = '      ^ 20001ms !';
      const expected = '   10s x 9999ms y';

      expectObservable(source.pipe(statistics(10_000, env)), unsub).toBe(expected, {
        x: { ...nothing, notSaving: 'ENOSPC' },
        y: nothing,
      });
    }),
  );

  it(
    'passes an error',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('a-#', reports);
      const expected = '   --#';

      expectObservable(source.pipe(statistics(10_000, env))).toBe(expected);
    }),
  );
});

it('keeps nothing that lies ahead of a clock that was set back', () => {
  let aheadMs = 32 * 86_400_000;
  const said = emittedBy(({ scheduler }) => {
    const clock = {
      now: () => scheduler.now() + aheadMs,
      schedule: scheduler.schedule.bind(scheduler),
    };
    const one = (at: number) => ({ at, value: placed([assignment(1)]) });
    timer(1_500, scheduler).subscribe(() => {
      aheadMs = 0;
    });
    return arrivals([one(500), { at: 80_000, value: dropped() }], { scheduler }).pipe(
      statistics(1_000, { scheduler: clock }),
    );
  });
  expect(said.slice(0, 3).map(({ value: { phones } }) => phones)).toEqual([1, 0, 0]);
});
