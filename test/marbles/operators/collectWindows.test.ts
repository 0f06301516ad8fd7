import fc from 'fast-check';
import { concatMap, pipe } from 'rxjs';
import type { WindowPolicy } from '../../../src/model/policies.ts';
import type { Reading } from '../../../src/model/reading.ts';
import type { RssiVector } from '../../../src/model/rssiVector.ts';
import type { Env, Operator } from '../../../src/model/shapes.ts';
import { windowStart } from '../../../src/model/time.ts';
import { collect, collectWindows } from '../../../src/operators/collectWindows.ts';
import { flushEvery } from '../../../src/operators/flushEvery.ts';
import { arrivals, emittedBy, marbles, type Timed } from '../../support/marbles.ts';
import { OTHER_PHONE, PHONE, reading, vector } from '../../support/readings.ts';

const policy = { spanMs: 5_000, graceMs: 1_000 };

/** The vectors of all flushes, on the pipeline's clock. */
const windows = (of: WindowPolicy, env: Pick<Env, 'scheduler'>): Operator<Reading, RssiVector> =>
  pipe(
    flushEvery(of.spanMs, env),
    collectWindows(of),
    concatMap(({ vectors }) => vectors),
  );

describe('collectWindows', () => {
  it(
    'emits nothing for an empty source',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold<Reading>('|');
      const subs = '                (^!)';
      const expected = '            |';

      expectObservable(source.pipe(windows(policy, env))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'emits one reading as one vector, at the first tick after the window and its grace',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('1s a', { a: reading(1) });
      const unsub = '      ^ 30s !';
      const expected = '   10s x';
      const values = { x: vector(1, { window_start: 0 }) };

      expectObservable(source.pipe(windows(policy, env)), unsub).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'emits nothing on idle ticks',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold<Reading>('-');
      const unsub = '               ^ 2m !';
      const expected = '            -';

      expectObservable(source.pipe(windows(policy, env)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'closes a window at a tick that falls exactly on its end and grace',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('1s a', { a: reading(1) });
      const unsub = '      ^ 30s !';
      const noGrace = '    5s x';
      const fullGrace = '  10s x';
      const longer = '     15s x';
      const values = { x: vector(1) };
      const withGrace = (graceMs: number) => source.pipe(windows({ spanMs: 5_000, graceMs }, env));

      expectObservable(withGrace(0), unsub).toBe(noGrace, values);
      expectObservable(withGrace(5_000), unsub).toBe(fullGrace, values);
      expectObservable(withGrace(5_001), unsub).toBe(longer, values);
    }),
  );

  it(
    'carries a window that is still open at a tick, so that it never comes in two halves',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('3s a 2499ms b', {
        a: reading(3, { rssi: -60 }),
        b: reading(4.9, { rssi: -70 }), // half a second under way: behind the tick at 5 s
      });
      const unsub = '      ^ 30s !';
      const expected = '   10s x';
      const values = { x: vector(4.9, { vector: { pi1: -65 }, counts: { pi1: 2 } }) };

      expectObservable(source.pipe(windows(policy, env)), unsub).toBe(expected, values);
    }),
  );

  it(
    'emits the closed window and carries the open one where a tick finds both',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('4s a 3999ms b 1999ms c', {
        a: reading(4),
        b: reading(8),
        c: reading(9.99),
      });
      const unsub = '      ^ 40s !';
      const expected = '   10s x 4999ms y';
      const values = { x: vector(4), y: vector(9.99, { counts: { pi1: 2 } }) };

      expectObservable(source.pipe(windows(policy, env)), unsub).toBe(expected, values);
    }),
  );

  it(
    'puts a reading on the boundary into the later window',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('6s (ab)', { a: reading(4.999), b: reading(5) });
      const unsub = '      ^ 40s !';
      const expected = '   10s x 4999ms y';
      const values = {
        x: vector(4.999, { window_start: 0 }),
        y: vector(5, { window_start: 5 }),
      };

      expectObservable(source.pipe(windows(policy, env)), unsub).toBe(expected, values);
    }),
  );

  it(
    'gives stragglers a line of their own at the next tick',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('1s a 9999ms (bc)', {
        a: reading(1),
        b: reading(2, { rssi: -80 }),
        c: reading(3, { rssi: -90 }),
      });
      const unsub = '      ^ 60s !';
      const expected = '   10s x 4999ms y';
      const values = {
        x: vector(1),
        y: vector(3, { vector: { pi1: -85 }, counts: { pi1: 2 } }),
      };

      expectObservable(source.pipe(windows(policy, env)), unsub).toBe(expected, values);
    }),
  );

  it(
    'splits a backlog of minutes that arrives at once into its windows, in order',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('301s (dbac)', {
        a: reading(11),
        b: reading(61),
        c: reading(12),
        d: reading(239),
      });
      const unsub = '      ^ 400s !';
      const expected = '   305s (xyz)';
      const values = {
        x: vector(12, { window_start: 10, counts: { pi1: 2 } }),
        y: vector(61, { window_start: 60 }),
        z: vector(239, { window_start: 235 }),
      };

      expectObservable(source.pipe(windows(policy, env)), unsub).toBe(expected, values);
    }),
  );

  it(
    'keeps phones apart and emits them in order within a window',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('1s (bab)', {
        a: reading(1, { phone_id: PHONE }),
        b: reading(1, { phone_id: OTHER_PHONE }),
      });
      const unsub = '      ^ 30s !';
      const expected = '   10s (xy)';
      const values = {
        x: vector(1, { phone_id: PHONE }),
        y: vector(1, { phone_id: OTHER_PHONE, counts: { pi1: 2 } }),
      };

      expectObservable(source.pipe(windows(policy, env)), unsub).toBe(expected, values);
    }),
  );

  it(
    'emits everything open on completion, what is carried and what is buffered',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('6s a 3999ms b 999ms c|', {
        a: reading(6),
        b: reading(9.9),
        c: reading(10.5),
      });
      const subs = '       ^ 5999ms - 3999ms - 999ms -!';
      const expected = '   11001ms (xy|)';
      const values = {
        x: vector(9.9, { window_start: 5, counts: { pi1: 2 } }),
        y: vector(10.5, { window_start: 10 }),
      };

      expectObservable(source.pipe(windows(policy, env))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'passes an error at once and emits nothing more',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('1s a 6s #', { a: reading(1) });
      const subs = '       ^ 1s 6s !';
      const expected = '   - 1s 6s #';

      expectObservable(source.pipe(windows(policy, env))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'releases the source on an early unsubscription',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('1s a', { a: reading(1) });
      const unsub = '      ^ 7s !';
      const expected = '   -';

      expectObservable(source.pipe(windows(policy, env)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'starts anew for each subscriber',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('1s a|', { a: reading(1) });
      const expected = '   1001ms (x|)';
      const windows$ = source.pipe(windows(policy, env));

      expectObservable(windows$).toBe(expected, { x: vector(1) });
      expectObservable(windows$).toBe(expected, { x: vector(1) });
    }),
  );
});

describe('collect', () => {
  const atTheEnd = { nowMs: Number.POSITIVE_INFINITY };
  const of = (...readings: ReadonlyArray<Reading>): RssiVector => {
    const [only, ...others] = collect(policy, new Map(), { readings, ...atTheEnd }).vectors;
    expect(others).toEqual([]);
    return only ?? vector(0);
  };

  it('tells up to when all windows are closed', () => {
    const until = (nowMs: number) =>
      collect(policy, new Map(), { readings: [], nowMs }).closedUntilMs;

    expect([5_999, 6_000, 10_999, Number.POSITIVE_INFINITY].map(until)).toEqual([
      0,
      5_000,
      5_000,
      Number.POSITIVE_INFINITY,
    ]);
  });

  it('takes up windows that were open before, and leaves what was handed out as it was', () => {
    const first = collect(policy, new Map(), { readings: [reading(3)], nowMs: 5_000 });
    const before = JSON.stringify([...first.windows]);
    const second = collect(policy, first.windows, { readings: [reading(4)], ...atTheEnd });

    expect(first.vectors).toEqual([]);
    expect(second.vectors).toEqual([vector(4, { counts: { pi1: 2 } })]);
    expect(second.windows.size).toBe(0);
    expect(JSON.stringify([...first.windows])).toBe(before);
  });

  it.each([
    { heard: [-60], median: -60 },
    { heard: [-60, -71], median: -65.5 },
    { heard: [-90, -60, -61], median: -61 },
    { heard: [-9, -80, -100, -60], median: -70 },
  ])('has the median $median of $heard', ({ heard, median }) => {
    const { vector, counts } = of(...heard.map((rssi) => reading(1, { rssi })));

    expect(vector).toEqual({ pi1: median });
    expect(counts).toEqual({ pi1: heard.length });
  });

  it('keeps sensors apart, in alphabetical order, and the time of the last reading', () => {
    const { vector, counts, ts } = of(
      reading(3, { sensor_id: 'pi7', rssi: -70 }),
      reading(4.5, { sensor_id: 'pi1', rssi: -50 }),
      reading(2, { sensor_id: 'pi7', rssi: -72 }),
    );

    expect(Object.entries(vector)).toEqual([
      ['pi1', -50],
      ['pi7', -71],
    ]);
    expect(Object.entries(counts)).toEqual([
      ['pi1', 1],
      ['pi7', 2],
    ]);
    expect(ts).toBe(4.5);
  });
});

describe('collectWindows, whatever arrives when', () => {
  const tickAfter = (ms: number): number => Math.ceil(ms / policy.spanMs) * policy.spanMs;

  /** Never on a tick, so that what a tick sees is beyond doubt. */
  const arrivalMs = fc
    .integer({ min: 1, max: 120_000 })
    .map((ms) => ms + (ms % 5_000 === 0 ? 1 : 0));
  const arriving = fc.record({
    at: arrivalMs,
    value: fc.record({
      sensor_id: fc.constantFrom('pi1', 'pi2', 'pi3'),
      phone_id: fc.constantFrom(PHONE, OTHER_PHONE),
      rssi: fc.integer({ min: -1200, max: -1 }).map((tenths) => tenths / 10),
      ts: fc.integer({ min: 1, max: 130_000 }).map((ms) => ms / 1000),
    }),
  });
  const windowsOf = (timed: ReadonlyArray<Timed<Reading>>): ReadonlyArray<Timed<RssiVector>> =>
    emittedBy((env) => arrivals(timed, env).pipe(windows(policy, env)));
  const total = (counts: RssiVector['counts']): number =>
    Object.values(counts).reduce((sum, count) => sum + count, 0);

  /** When a reading's line is due: the tick that sees it closed, or the end of the stream. */
  const dueAt = ({ at, value }: Timed<Reading>, endMs: number): number =>
    Math.min(
      endMs,
      Math.max(
        tickAfter(at),
        tickAfter(windowStart(value.ts, policy.spanMs) * 1000 + policy.spanMs + policy.graceMs),
      ),
    );

  it('counts every reading in exactly one vector: that of its phone, its window and its tick', () => {
    fc.assert(
      fc.property(fc.array(arriving, { maxLength: 60 }), (timed) => {
        const endMs = Math.max(0, ...timed.map(({ at }) => at));
        const keys = timed.map(
          (one) =>
            `${dueAt(one, endMs)} ${windowStart(one.value.ts, policy.spanMs)} ${one.value.phone_id}`,
        );
        const due = new Map<string, number>();
        for (const key of keys) due.set(key, (due.get(key) ?? 0) + 1);

        const emitted = windowsOf(timed).map(({ at, value }): [string, number] => [
          `${at} ${value.window_start} ${value.phone_id}`,
          total(value.counts),
        ]);

        expect(emitted).toHaveLength(due.size);
        expect(new Map(emitted)).toEqual(due);
      }),
      { numRuns: 200 },
    );
  });

  it('emits by window and phone at each tick, with only medians that were between the extremes', () => {
    fc.assert(
      fc.property(fc.array(arriving, { maxLength: 60 }), (timed) => {
        const emitted = windowsOf(timed);
        const ranks = emitted.map(
          ({ at, value }) =>
            `${String(at).padStart(9, '0')} ${String(value.window_start).padStart(9, '0')} ${value.phone_id}`,
        );
        expect(ranks).toEqual([...ranks].sort());
        for (const { value } of emitted)
          for (const [sensor, dbm] of Object.entries(value.vector)) {
            const all = timed
              .filter(
                ({ value: one }) => one.sensor_id === sensor && one.phone_id === value.phone_id,
              )
              .filter(({ value: one }) => windowStart(one.ts, 5_000) === value.window_start)
              .map(({ value: one }) => one.rssi);
            expect(dbm).toBeGreaterThanOrEqual(Math.min(...all));
            expect(dbm).toBeLessThanOrEqual(Math.max(...all));
          }
      }),
    );
  });
});
