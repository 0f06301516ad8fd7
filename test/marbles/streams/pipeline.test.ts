import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { map, NEVER, of, throwError, timer } from 'rxjs';
import type { Heard, Signal } from '../../../src/model/heard.ts';
import { type JsonlFile, OUTPUT_FILES } from '../../../src/model/jsonlFile.ts';
import type { Policies } from '../../../src/model/policies.ts';
import { type Rejected, rejected } from '../../../src/model/rejected.ts';
import type { Report } from '../../../src/model/report.ts';
import type { SensorStatus } from '../../../src/model/sensorStatus.ts';
import type { Env } from '../../../src/model/shapes.ts';
import type { Upload } from '../../../src/model/upload.ts';
import type { Classifier } from '../../../src/positioning/classifier.ts';
import { type Ports, pipeline } from '../../../src/streams/pipeline.ts';
import type { UploadStage } from '../../../src/streams/uploads.ts';
import { arrivals, emittedBy, marbles, type Timed } from '../../support/marbles.ts';
import { heard, OTHER_PHONE, PHONE, reading } from '../../support/readings.ts';
import { ingested, stageOf, uploadPolicy } from '../../support/uploads.ts';

const policies: Policies = {
  admission: {
    sensors: new Set(['pi1', 'pi2']),
    storeNames: new Set(['demo']),
  },
  clocks: { isCorrecting: true, maxSkewMs: 600_000 },
  window: { spanMs: 5_000, graceMs: 1_000 },
  movement: { confirmAssignments: 2, dwellGapSeconds: 30, visitGapSeconds: 300, quietMs: 5_000 },
  upload: uploadPolicy({
    batch: { maxItems: 50, maxWaitMs: 30_000 },
    retry: { maxRetries: 3, initialDelayMs: 500, maxDelayMs: 10_000 },
  }),
};

/** Zone 1 where pi1 hears a phone louder than pi2 does, else zone 2. */
const louder: Classifier = {
  locate: ({ vector: { pi1 = -120, pi2 = -120 } }) => ({
    estimate: {
      zone_id: pi1 > pi2 ? 1 : 2,
      runner_up: null,
      confidence: 0.8,
      margin: 0.6,
      x: 1,
      y: 2,
    },
    belief: null,
  }),
  beliefExpiryMs: 0,
};

interface Written {
  readonly file: JsonlFile;
  readonly line: string;
  readonly at: number;
}

/** A disk that takes 3 ms a write and fails where `fails` says so. */
const disk = (env: Env, fails: (file: JsonlFile, write: number) => boolean = () => false) => {
  const written: Written[] = [];
  let writes = 0;
  const write = (file: JsonlFile, lines: ReadonlyArray<string>) => () =>
    written.push(...lines.map((line) => ({ file, line, at: env.scheduler.now() })));
  const append: Ports['append'] = (file) => (lines) => {
    writes += 1;
    if (fails(file, writes)) return throwError(() => new Error('ENOSPC'));
    return timer(3, env.scheduler).pipe(map(() => void write(file, lines)()));
  };
  const commit: Ports['commit'] = ({ lines }) => {
    writes += 1;
    if (fails('rssi_vectors', writes)) return throwError(() => new Error('ENOSPC'));
    return timer(3, env.scheduler).pipe(
      map(() => {
        for (const file of OUTPUT_FILES) write(file, lines[file] ?? [])();
      }),
    );
  };
  return { ports: { append, commit }, written };
};

type Incoming = E.Either<Rejected, Heard>;

const everySecond: ReadonlyArray<Timed<Incoming>> = Array.from({ length: 60 }, (_, second) => ({
  at: second * 1000 + 100,
  value: E.right(
    heard(
      reading(second + 0.1, {
        sensor_id: second % 2 === 0 ? 'pi1' : 'pi2',
        rssi: second < 30 === (second % 2 === 0) ? -50 : -70,
      }),
    ),
  ),
}));

interface Run {
  readonly written: ReadonlyArray<Written>;
  readonly reports: ReadonlyArray<Timed<Report>>;
}

/** The whole pipe over `incoming`, in virtual time. */
const run = (
  incoming: ReadonlyArray<Timed<E.Either<Rejected, Signal>>>,
  deliver?: UploadStage['deliver'],
  fails?: Parameters<typeof disk>[1],
  stopAtMs = Number.POSITIVE_INFINITY,
  onClock: (now: () => number) => void = () => {},
): Run => {
  let written: ReadonlyArray<Written> = [];
  const reports: Timed<Report>[] = [];
  emittedBy((env) => {
    onClock(() => env.scheduler.now());
    const { ports: files, written: lines } = disk(env, fails);
    written = lines;
    const ports: Ports = deliver === undefined ? files : { ...files, upload: stageOf(deliver) };
    const reports$ = arrivals(incoming, env).pipe(pipeline(louder, policies, ports, env));
    const subscription = reports$.subscribe((value) =>
      reports.push({ at: env.scheduler.now(), value }),
    );
    if (Number.isFinite(stopAtMs))
      timer(stopAtMs, env.scheduler).subscribe(() => subscription.unsubscribe());
    return NEVER;
  });
  return { written, reports };
};

const linesOf = ({ written }: Run, file: JsonlFile): ReadonlyArray<Record<string, unknown>> =>
  written.filter((one) => one.file === file).map(({ line }) => JSON.parse(line));

/** Every file's lines, without their times. */
const filesOf = ({ written }: Run): Record<string, string> => {
  const files: Record<string, string> = {};
  for (const { file, line } of written) files[file] = `${files[file] ?? ''}${line}`;
  return files;
};

const tagsOf = ({ reports }: Run, tag: Report['_tag']): number =>
  reports.filter(({ value }) => value._tag === tag).length;

/** What went through the journal. */
const journalled = ({ reports }: Run) => {
  const sum = { readings: 0, rejected: 0, repeated: 0, nonPhones: 0, thinned: 0 };
  for (const { value } of reports)
    if (value._tag === 'Journalled') {
      sum.readings += value.readings;
      sum.rejected += value.rejected;
      sum.repeated += value.repeated;
      sum.nonPhones += value.nonPhones;
      sum.thinned += value.thinned;
    }
  return sum;
};

describe('pipeline', () => {
  it(
    'completes with an empty source and touches no file',
    marbles(({ cold, env, expectObservable, expectSubscriptions, flush }) => {
      const { ports, written } = disk(env);
      const source = cold<Incoming>('|');
      const subs = '                 (^!)';
      const expected = '             |';

      expectObservable(source.pipe(pipeline(louder, policies, ports, env))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
      flush();
      expect(written).toEqual([]);
    }),
  );

  it(
    'passes an error of the source, and releases it on an unsubscription',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const { ports } = disk(env);
      const failing = cold<Incoming>('-- #');
      const failed = '               -- #';
      const endless = cold<Incoming>('-');
      const unsub = '                 ^ 1m !';

      expectObservable(failing.pipe(pipeline(louder, policies, ports, env))).toBe(failed);
      expectObservable(endless.pipe(pipeline(louder, policies, ports, env)), unsub).toBe('-');
      expectSubscriptions(endless.subscriptions).toBe(unsub);
    }),
  );

  it('writes what it heard to every file that it belongs in, and uploads it', () => {
    const uploads: Upload[] = [];
    const deliver: UploadStage['deliver'] = (item) => {
      uploads.push(item);
      return of(ingested(item));
    };
    const heardAt = (ts: number) => ({ at: ts * 1000 + 500, value: E.right(heard(reading(ts))) });
    const one = run([heardAt(1), heardAt(16)], deliver);
    const placed = (ts: number, device_class: string) => ({
      zone_id: 1,
      phone_id: PHONE,
      ts,
      confidence: 0.8,
      margin: 0.6,
      sources: ['pi1'],
      vector: { pi1: -60 },
      x: 1,
      y: 2,
      runner_up: null,
      device_class,
    });
    const both = [placed(1, 'fixed_burst'), placed(16, 'fixed_visitor')];
    const stay = { phone_id: PHONE, zone_id: 1, enter_ts: 1, exit_ts: 16, dwell_seconds: 15 };

    expect(Object.keys(filesOf(one)).sort()).toEqual([
      'dwells',
      'rssi_readings',
      'rssi_vectors',
      'visits',
      'zone_assignments',
      'zone_transitions',
    ]);
    expect(linesOf(one, 'rssi_readings')).toEqual([reading(1), reading(16)]);
    expect(linesOf(one, 'rssi_vectors')).toEqual([
      { phone_id: PHONE, window_start: 0, ts: 1, vector: { pi1: -60 }, counts: { pi1: 1 } },
      { phone_id: PHONE, window_start: 15, ts: 16, vector: { pi1: -60 }, counts: { pi1: 1 } },
    ]);
    expect(linesOf(one, 'zone_assignments')).toEqual(both);
    expect(linesOf(one, 'zone_transitions')).toEqual([
      { phone_id: PHONE, from_zone_id: null, to_zone_id: 1, ts: 1 },
    ]);
    expect(linesOf(one, 'dwells')).toEqual([stay]);
    expect(linesOf(one, 'visits')).toEqual([
      { phone_id: PHONE, enter_ts: 1, exit_ts: 16, duration_seconds: 15, zones_visited: [1] },
    ]);
    expect(uploads.map(({ assignments, dwells }) => ({ assignments, dwells }))).toEqual([
      { assignments: both, dwells: [stay] },
    ]);
    expect(journalled(one)).toEqual({
      readings: 2,
      rejected: 0,
      repeated: 0,
      nonPhones: 0,
      thinned: 0,
    });
    expect(tagsOf(one, 'Uploaded')).toBe(1);
  });

  it('tells of no stay and no visit of a burst, however many windows it falls into', () => {
    const burst = [3, 4.9, 5.1, 8].map((ts) => ({ at: 9_000, value: E.right(heard(reading(ts))) }));
    const files = run(burst);

    expect(linesOf(files, 'zone_assignments').map(({ device_class }) => device_class)).toEqual([
      'fixed_burst',
      'fixed_burst',
    ]);
    expect([linesOf(files, 'dwells'), linesOf(files, 'visits')]).toEqual([[], []]);
  });

  it('takes the word of its sensors, writes it nowhere, and acknowledges it', () => {
    const acknowledged: string[] = [];
    const says = (sensor_id: string): E.Either<never, SensorStatus> =>
      E.right({
        _tag: 'SensorStatus',
        sensor_id,
        isAlive: true,
        ts: 1,
        acknowledge: () => acknowledged.push(sensor_id),
      });
    const files = run([
      { at: 1_000, value: says('pi2') },
      { at: 1_100, value: says('a sensor of the neighbours') },
      { at: 1_500, value: E.right(heard(reading(1))) },
    ]);

    expect(acknowledged).toEqual(['pi2', 'a sensor of the neighbours']);
    expect(journalled(files)).toEqual({
      readings: 1,
      rejected: 0,
      repeated: 0,
      nonPhones: 0,
      thinned: 0,
    });
    expect(Object.keys(filesOf(files))).not.toContain('rejected_messages');
  });

  it('follows a phone from zone to zone', () => {
    const files = run(everySecond);

    expect(linesOf(files, 'rssi_readings')).toHaveLength(60);
    expect(linesOf(files, 'zone_assignments').map(({ zone_id }) => zone_id)).toEqual([
      ...Array.from({ length: 6 }, () => 1),
      ...Array.from({ length: 6 }, () => 2),
    ]);
    expect(linesOf(files, 'zone_transitions').map(({ to_zone_id }) => to_zone_id)).toEqual([1, 2]);
    expect(linesOf(files, 'visits')).toHaveLength(1);
  });

  it('writes rejects of the source and of admission with their reasons, and goes on', () => {
    const files = run([
      { at: 100, value: E.left(rejected({ topic: 't', receivedAt: 0.1 }, ['not JSON'], '{')) },
      { at: 200, value: E.right(heard(reading(0.2, { sensor_id: 'pi9' }))) },
      { at: 300, value: E.right(heard(reading(0.3))) },
    ]);

    expect(linesOf(files, 'rejected_messages').map(({ reasons }) => reasons)).toEqual([
      ['not JSON'],
      ['sensor_id: pi9 is not in the sensors file'],
    ]);
    expect(linesOf(files, 'rssi_readings')).toEqual([reading(0.3)]);
    expect(journalled(files)).toEqual({
      readings: 1,
      rejected: 2,
      repeated: 0,
      nonPhones: 0,
      thinned: 0,
    });
  });

  it('writes the same files with the upload and without it, byte for byte and at the same time', () => {
    const without = run(everySecond);
    const withUpload = run(everySecond, (item) => of(ingested(item)));

    expect(tagsOf(withUpload, 'Uploaded')).toBeGreaterThan(0);
    expect(filesOf(withUpload)).toEqual(filesOf(without));
    expect(withUpload.written).toEqual(without.written);
  });

  it('is never delayed by an upload that hangs for ever', () => {
    const without = run(everySecond);
    const hanging = run(everySecond, () => NEVER, undefined, 600_000);

    expect(hanging.written).toEqual(without.written);
  });

  it('keeps every batch that fails for good as a dead letter, beside files that stay the same', () => {
    const without = run(everySecond);
    const failing = run(everySecond, () => throwError(() => new Error('HTTP 500')));
    const { failed_uploads = '', ...others } = filesOf(failing);
    const letters = linesOf(failing, 'failed_uploads').map(({ upload }) => upload as Upload);

    expect(failed_uploads).not.toBe('');
    expect(others).toEqual(filesOf(without));
    expect(letters.flatMap(({ assignments }) => assignments)).toEqual(
      linesOf(failing, 'zone_assignments'),
    );
    expect(letters.flatMap(({ dwells }) => dwells)).toEqual(linesOf(failing, 'dwells'));
  });

  it('tries a failing disk again until it heals: nothing lost, nothing doubled, the order kept', () => {
    const healthy = run(everySecond);
    const oneInThree = run(everySecond, undefined, (_, write) => write % 3 !== 0);
    const oneFile = run(
      everySecond,
      undefined,
      (file, write) => file === 'rssi_readings' && write < 40,
    );

    expect(filesOf(oneInThree)).toEqual(filesOf(healthy));
    expect(filesOf(oneFile)).toEqual(filesOf(healthy));
  });

  it('acknowledges a message when its last part is written, and those of before it', () => {
    const acknowledged: Timed<string>[] = [];
    const run1 = emittedBy((env) => {
      const { ports } = disk(env, (_, write) => write <= 2);
      const parts: ReadonlyArray<Timed<Incoming>> = [
        { at: 100, value: E.right(heard(reading(0.1))) },
        { at: 100, value: E.right(heard(reading(0.2), { acknowledge: acknowledge('a') })) },
        { at: 150, value: E.right(heard(reading(0.2), { acknowledge: acknowledge('again') })) },
        {
          at: 200,
          value: E.left({
            ...rejected({ topic: 't', receivedAt: 0.1 }, ['not JSON'], '{'),
            acknowledge: acknowledge('b'),
          }),
        },
      ];
      function acknowledge(value: string) {
        return () => acknowledged.push({ at: env.scheduler.now(), value });
      }
      return arrivals(parts, env).pipe(pipeline(louder, policies, ports, env));
    });

    // Tried at 100 ms and, by half of the back-off's bound, 250 and 500 ms later.
    expect(acknowledged.map(({ value }) => value)).toEqual(['a', 'again', 'b']);
    expect(acknowledged[0]?.at).toBeGreaterThan(800);
    expect(run1.length).toBeGreaterThan(0);
  });

  it('goes on uploading while nothing can be saved, and saves all of it when the disk heals', () => {
    const uploads: Timed<Upload>[] = [];
    let now = () => 0;
    const healsAtMs = 45_000;
    const healthy = run(everySecond);
    const failing = run(
      everySecond,
      (item) => {
        uploads.push({ at: now(), value: item });
        return of(ingested(item));
      },
      () => now() < healsAtMs,
      undefined,
      (clock) => {
        now = clock;
      },
    );

    expect(uploads[0]?.at).toBeLessThan(healsAtMs);
    expect(uploads.flatMap(({ value }) => value.assignments)).toEqual(
      linesOf(failing, 'zone_assignments'),
    );
    expect(filesOf(failing)).toEqual(filesOf(healthy));
    const saving = failing.reports.filter(({ value }) => value._tag === 'Saving');
    expect(saving.map(({ value }) => value)).toEqual([
      { _tag: 'Saving', problem: 'ENOSPC' },
      { _tag: 'Saving' },
    ]);
  });

  it('drains every window, file and batch before it completes', () => {
    const uploads: Upload[] = [];
    const slow: UploadStage['deliver'] = (item) =>
      timer(10_000).pipe(
        map(() => {
          uploads.push(item);
          return ingested(item);
        }),
      );
    const files = run(everySecond, slow);
    const total = linesOf(files, 'rssi_vectors').reduce(
      (sum, { counts }) =>
        sum + Object.values(counts as Record<string, number>).reduce((a, b) => a + b, 0),
      0,
    );

    expect(total).toBe(60);
    expect(uploads.flatMap(({ assignments }) => assignments)).toEqual(
      linesOf(files, 'zone_assignments'),
    );
    expect(uploads.flatMap(({ dwells }) => dwells)).toEqual(linesOf(files, 'dwells'));
  });

  it('accounts for everything that arrives, whatever it is and whenever the disk fails', () => {
    const incoming = fc.record({
      at: fc.integer({ min: 1, max: 90_000 }),
      value: fc
        .record({
          ts: fc.integer({ min: 1, max: 95_000 }).map((ms) => ms / 1000),
          sensor_id: fc.constantFrom('pi1', 'pi2', 'pi9'),
          phone_id: fc.constantFrom(PHONE, OTHER_PHONE),
          rssi: fc.integer({ min: -120, max: -1 }),
        })
        .map((one): Incoming => E.right(heard(one))),
    });
    fc.assert(
      fc.property(
        fc.array(incoming, { maxLength: 40 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 60 })),
        (timed, failingWrites) => {
          const uploads: Upload[] = [];
          const files = run(
            timed,
            (item) => {
              uploads.push(item);
              return of(ingested(item));
            },
            (_, write) => failingWrites.includes(write),
          );
          const known = timed.filter(
            ({ value }) => E.isRight(value) && value.right.reading.sensor_id !== 'pi9',
          );
          const different = new Set(
            known.map(({ value }) => {
              if (E.isLeft(value)) return '';
              const { sensor_id, phone_id, ts } = value.right.reading;
              return `${sensor_id} ${phone_id} ${ts}`;
            }),
          ).size;
          const counted = linesOf(files, 'rssi_vectors')
            .flatMap(({ counts }) => Object.values(counts as Record<string, number>))
            .reduce((a, b) => a + b, 0);

          expect(linesOf(files, 'rssi_readings')).toHaveLength(different);
          expect(journalled(files).repeated).toBe(known.length - different);
          expect(linesOf(files, 'rejected_messages')).toHaveLength(timed.length - known.length);
          expect(counted).toBe(different);
          expect(linesOf(files, 'zone_assignments')).toHaveLength(
            linesOf(files, 'rssi_vectors').length,
          );
          expect(uploads.flatMap(({ assignments }) => assignments)).toEqual(
            linesOf(files, 'zone_assignments'),
          );
        },
      ),
    );
  });
});
