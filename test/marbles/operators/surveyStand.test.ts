import { filter, map, type SchedulerLike } from 'rxjs';
import type { Reading } from '../../../src/model/reading.ts';
import { type StandReport, surveyStand } from '../../../src/operators/surveyStand.ts';
import { arrivals, emittedBy, marbles } from '../../support/marbles.ts';

const POLICY = { windows: 2, spanMs: 5_000, graceMs: 2_000, everyMs: 1_000 };

const heard = (sensor_id: string, rssi: number, ts: number): Reading => ({
  sensor_id,
  phone_id: 'a8:76:50:e9:28:20',
  rssi,
  ts,
});

const windowsOf = (said: StandReport) => (said._tag === 'Window' ? [said.window] : []);

describe('surveyStand', () => {
  it('makes a window of each 5 s, with mean and count by sensor, readings by their own time', () => {
    const emitted = emittedBy((env) =>
      arrivals(
        [
          { at: 1_000, value: heard('pi1', -60, 0.9) },
          { at: 1_100, value: heard('pi1', -63, 1) },
          { at: 2_000, value: heard('pi2', -70, 1.9) },
          // Late, and still of the first window.
          { at: 6_500, value: heard('pi2', -72, 4.9) },
          { at: 6_600, value: heard('pi1', -50, 5.1) },
          // Heard before anybody stood there, and after.
          { at: 6_700, value: heard('pi3', -40, -1) },
          { at: 11_000, value: heard('pi3', -40, 10.2) },
          { at: 20_000, value: heard('pi3', -40, 20) },
        ],
        env,
      ).pipe(surveyStand(POLICY, env)),
    );
    const windows = emitted.flatMap(({ at, value }) =>
      windowsOf(value).map((window) => ({ at, window })),
    );
    expect(windows).toEqual([
      {
        at: 7_000,
        window: { t0: 0, levels: { pi1: { dbm: -61.5, count: 2 }, pi2: { dbm: -71, count: 2 } } },
      },
      { at: 12_000, window: { t0: 5, levels: { pi1: { dbm: -50, count: 1 } } } },
    ]);
    expect(emitted.at(-1)).toEqual({
      at: 12_000,
      value: {
        _tag: 'Standing',
        leftMs: 0,
        windows: 2,
        heard: { pi1: { dbm: (-60 - 63 - 50) / 3, count: 3 }, pi2: { dbm: -71, count: 2 } },
      },
    });
  });

  it('tells every second how much is left, and makes no window of silence', () => {
    const emitted = emittedBy((env) =>
      arrivals<Reading>([{ at: 60_000, value: heard('pi1', -60, 60) }], env).pipe(
        surveyStand(POLICY, env),
      ),
    );
    expect(emitted.map(({ at }) => at)).toEqual(Array.from({ length: 13 }, (_, s) => s * 1_000));
    expect(emitted.flatMap(({ value }) => windowsOf(value))).toEqual([]);
    expect(emitted[3]?.value).toMatchObject({ leftMs: 7_000, windows: 0, heard: {} });
  });

  it(
    'keeps what was over when the source completes, and no half of a window',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('a 5999ms b 999ms |', {
        a: heard('pi1', -60, 0),
        b: heard('pi1', -60, 6),
      });
      const kept = source.pipe(
        surveyStand({ ...POLICY, windows: 3, everyMs: 60_000 }, env),
        map(({ _tag }) => _tag),
      );
      expectObservable(kept).toBe('s 6999ms (ws|)', { s: 'Standing', w: 'Window' });
    }),
  );

  it(
    'passes an error, and releases the source when it has enough',
    marbles(({ cold, hot, env, expectObservable, expectSubscriptions }) => {
      const tags = map(({ _tag }: StandReport) => _tag);
      expectObservable(cold<Reading>('#').pipe(surveyStand(POLICY, env), tags)).toBe('(s#)', {
        s: 'Standing',
      });
      const endless = hot<Reading>('-');
      const stand = surveyStand({ ...POLICY, windows: 1, everyMs: 7_000 }, env);
      expectObservable(endless.pipe(stand, tags)).toBe('s 6999ms (s|)', { s: 'Standing' });
      expectSubscriptions(endless.subscriptions).toBe('^ 6999ms !');
    }),
  );

  it(
    'makes no more windows than were asked for, however late it looks',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('(ab) 10s c', {
        a: heard('pi1', -60, 0),
        b: heard('pi1', -60, 5),
        c: heard('pi1', -60, 10.001),
      });
      const told = source.pipe(
        surveyStand({ ...POLICY, everyMs: 20_000 }, env),
        map((said) => windowsOf(said).map(({ t0 }) => t0)),
      );
      expectObservable(told).toBe('s 19999ms (vws|)', { s: [], v: [0], w: [5] });
    }),
  );

  it(
    'makes no window twice where the clock is set back',
    marbles(({ cold, env, expectObservable }) => {
      const clock = env.scheduler;
      // Six seconds back, at eight.
      const now = () => (clock.now() < 8_000 ? clock.now() : clock.now() - 6_000);
      const setBack: SchedulerLike = {
        now,
        schedule: (...work: Parameters<SchedulerLike['schedule']>) => clock.schedule(...work),
      };
      const source = cold('a', { a: heard('pi1', -60, 0) });
      const windows = source.pipe(
        surveyStand(POLICY, { scheduler: setBack }),
        map((said) => windowsOf(said).map(({ t0 }) => t0)),
        filter((found) => found.length > 0),
      );
      expectObservable(windows, '^ 17s !').toBe('7s w', { w: [0] });
    }),
  );
});
