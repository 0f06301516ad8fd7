import fc from 'fast-check';
import { either as E } from 'fp-ts';
import { from, map, toArray } from 'rxjs';
import type { Heard, Signal } from '../../../src/model/heard.ts';
import type { ClockPolicy } from '../../../src/model/policies.ts';
import type { Reading } from '../../../src/model/reading.ts';
import { type Rejected, rejected } from '../../../src/model/rejected.ts';
import type { PipelineEvent } from '../../../src/model/shapes.ts';
import { alignClocks } from '../../../src/operators/alignClocks.ts';
import { marbles } from '../../support/marbles.ts';
import { heard, reading } from '../../support/readings.ts';

type Incoming = E.Either<Rejected, Signal>;

const policy: ClockPolicy = { isCorrecting: true, maxSkewMs: 600_000 };
const kept: ClockPolicy = { ...policy, isCorrecting: false };
const window = { spanMs: 5_000, graceMs: 1_000 };

/** Heard at `at` with a clock that says `ts`. */
const said = (ts: number, at: number, changes: Partial<Heard> = {}): Incoming =>
  E.right(heard(reading(ts), { receivedAt: at, ...changes }));
const aligned = (ts: number, sensor_ts: number, at: number, changes: Partial<Heard> = {}) =>
  E.right(heard(reading(ts, { sensor_ts }), { receivedAt: at, ...changes }));
const CLOCK = { kind: 'clock', subject: 'pi1' } as const;
const refused = (one: Incoming, reason: string): Incoming =>
  E.chain((of: Signal): Incoming => {
    const { acknowledge: _, ...rest } = of as Heard;
    return E.left(rejected(rest, [reason], JSON.stringify(rest.reading), CLOCK));
  })(one);

/** What comes of `incoming`, and what was logged. */
const run = (
  incoming: ReadonlyArray<Incoming>,
  inherited?: ReadonlyMap<string, number>,
): { readonly readings: ReadonlyArray<Reading>; readonly logged: ReadonlyArray<PipelineEvent> } => {
  const logged: PipelineEvent[] = [];
  let readings: ReadonlyArray<Reading> = [];
  const log = (event: PipelineEvent) => logged.push(event);
  from(incoming)
    .pipe(
      alignClocks(policy, window, { log }, inherited),
      map((one) => (E.isRight(one) && 'reading' in one.right ? [one.right.reading] : [])),
      toArray(),
    )
    .subscribe((all) => {
      readings = all.flat();
    });
  return { readings, logged };
};

const live = (from: number, seconds: number, behind: number): ReadonlyArray<Incoming> =>
  Array.from({ length: Math.round(seconds / 0.2) }, (_, n) =>
    said(Math.round((from + n * 0.2 - behind) * 1000) / 1000, from + n * 0.2 + 0.01),
  );

describe('alignClocks', () => {
  it(
    'emits nothing for an empty source',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold<Incoming>('|');
      const subs = '                 (^!)';
      const expected = '             |';

      expectObservable(source.pipe(alignClocks(policy, window, env))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'passes readings of a clock that is kept as they are, and none of its own time',
    marbles(({ cold, env, expectObservable }) => {
      const a = said(100, 100.2);
      const b = said(101.4, 101);
      const c = said(102, 103.4);
      const d = said(50, 50, { isUntimed: true });
      const source = cold('abcd|', { a, b, c, d });
      const expected = '   abcd|';

      expectObservable(source.pipe(alignClocks(policy, window, env))).toBe(expected, {
        a,
        b,
        c,
        d,
      });
    }),
  );

  it(
    'takes the time of receipt of the first reading, and then the least delay',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('abc|', {
        a: said(100, 108.8),
        b: said(101, 109.75),
        c: said(102, 110.9),
      });
      const expected = '   xyz|';
      const values = {
        x: aligned(108.8, 100, 108.8),
        y: aligned(109.75, 101, 109.75),
        z: aligned(110.75, 102, 110.9),
      };

      expectObservable(source.pipe(alignClocks(policy, window, env))).toBe(expected, values);
    }),
  );

  it(
    'corrects a backlog as what was live before it: its order and its distances stay',
    marbles(({ cold, env, expectObservable }) => {
      const isBacklog = true;
      const source = cold('abc|', {
        a: said(100, 91.3),
        b: said(40, 92, { isBacklog }),
        c: said(70.5, 92, { isBacklog }),
      });
      const expected = '   xyz|';
      const values = {
        x: aligned(91.3, 100, 91.3),
        y: aligned(31.3, 40, 92, { isBacklog }),
        z: aligned(61.8, 70.5, 92, { isBacklog }),
      };

      expectObservable(source.pipe(alignClocks(policy, window, env))).toBe(expected, values);
    }),
  );

  it(
    'learns nothing from what waited or was handed on, and leaves it before anything is live',
    marbles(({ cold, env, expectObservable }) => {
      const a = said(100, 190, { isBacklog: true });
      const b = said(100, 190, { isRelayed: true });
      const c = said(190.5, 190.6);
      const source = cold('abc|', { a, b, c });
      const expected = '   abc|';

      expectObservable(source.pipe(alignClocks(policy, window, env))).toBe(expected, { a, b, c });
    }),
  );

  it(
    'knows from before what a backlog is to be corrected by',
    marbles(({ cold, env, expectObservable }) => {
      const isBacklog = true;
      const source = cold('a|', { a: said(100, 190, { isBacklog }) });
      const expected = '   x|';
      const offsets = new Map([['pi1', -8.7]]);

      expectObservable(source.pipe(alignClocks(policy, window, env, offsets))).toBe(expected, {
        x: aligned(91.3, 100, 190, { isBacklog }),
      });
    }),
  );

  it(
    'takes the time of receipt where the window of a late live reading is closed',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('abc|', {
        a: said(100, 203),
        b: said(101, 205.9),
        c: said(101.5, 206.01),
      });
      const expected = '   xyz|';
      const values = {
        x: aligned(203, 100, 203),
        y: aligned(204, 101, 205.9),
        z: aligned(206.01, 101.5, 206.01),
      };

      expectObservable(source.pipe(alignClocks(policy, window, env))).toBe(expected, values);
    }),
  );

  it(
    'leaves what is late by a whole window where it was made: it has waited and does not say so',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('ab|', { a: said(100, 203), b: said(101, 209.1) });
      const expected = '   xy|';
      const values = { x: aligned(203, 100, 203), y: aligned(204, 101, 209.1) };

      expectObservable(source.pipe(alignClocks(policy, window, env))).toBe(expected, values);
    }),
  );

  it(
    'keeps the clocks of sensors apart, and of stores none at all: statuses and rejects pass',
    marbles(({ cold, env, expectObservable }) => {
      const other = E.right(heard(reading(100, { sensor_id: 'pi2' }), { receivedAt: 100.1 }));
      const status = E.right({
        _tag: 'SensorStatus',
        sensor_id: 'pi1',
        isAlive: true,
        ts: 1,
      } as const);
      const reject = E.left(rejected(heard(reading(1)), ['not JSON'], '{'));
      const source = cold<Incoming>('aosr#', { a: said(100, 108), o: other, s: status, r: reject });
      const expected = '             xosr#';

      expectObservable(source.pipe(alignClocks(policy, window, env))).toBe(expected, {
        x: aligned(108, 100, 108),
        o: other,
        s: status,
        r: reject,
      });
    }),
  );

  it(
    'takes any clock of a live sensor: of the wrong day, of 1970, of the next century',
    marbles(({ cold, env, expectObservable }) => {
      const now = 1_740_000_000;
      const of = (sensor_id: string, ts: number) =>
        E.right(heard(reading(ts, { sensor_id }), { receivedAt: now }));
      const at = (sensor_id: string, sensor_ts: number) =>
        E.right(heard(reading(now, { sensor_id, sensor_ts }), { receivedAt: now }));
      const source = cold('abc|', {
        a: of('pi1', now - 86_400),
        b: of('pi2', 12.5),
        c: of('pi3', now + 4e9),
      });
      const expected = '   xyz|';

      expectObservable(source.pipe(alignClocks(policy, window, env))).toBe(expected, {
        x: at('pi1', now - 86_400),
        y: at('pi2', 12.5),
        z: at('pi3', now + 4e9),
      });
    }),
  );

  it(
    'refuses a backlog from the future and a relayed reading far from now; old backlogs it takes',
    marbles(({ cold, env, expectObservable }) => {
      const old = said(1, 90_000, { isBacklog: true });
      const early = said(90_601, 90_000, { isBacklog: true });
      const relayed = said(89_000, 90_000, { isRelayed: true });
      const source = cold('abc|', { a: old, b: early, c: relayed });
      const expected = '   ayz|';

      expectObservable(source.pipe(alignClocks(policy, window, env))).toBe(expected, {
        a: old,
        y: refused(early, "ts: 601 s off this machine's clock"),
        z: refused(relayed, "ts: 1000 s off this machine's clock"),
      });
    }),
  );

  it(
    'corrects nothing where clocks are kept by decree: ten minutes off is taken, and none beyond',
    marbles(({ cold, env, expectObservable }) => {
      const late = said(400, 1_000);
      const tooLate = said(399.999, 1_000);
      const early = said(1_600, 1_000);
      const tooEarly = said(1_600.001, 1_000);
      const source = cold('(abcd|)', { a: late, b: tooLate, c: early, d: tooEarly });
      const expected = '   (axcz|)';
      const values = {
        a: late,
        x: refused(tooLate, "ts: 600 s off this machine's clock"),
        c: early,
        z: refused(tooEarly, "ts: 600 s off this machine's clock"),
      };

      expectObservable(source.pipe(alignClocks(kept, window, env))).toBe(expected, values);
    }),
  );

  it(
    'takes any time where it is the recording’s own',
    marbles(({ cold, env, expectObservable }) => {
      const recorded = { isCorrecting: false, maxSkewMs: Number.POSITIVE_INFINITY };
      const a = said(1_740_000_000, 1);
      const source = cold('a|', { a });
      const expected = '   a|';

      expectObservable(source.pipe(alignClocks(recorded, window, env))).toBe(expected, { a });
    }),
  );

  it(
    'hands on what acknowledges a message, with a reading and with a refusal',
    marbles(({ cold, env, expectObservable }) => {
      const acknowledge = () => {};
      const early = said(90_601, 90_000, { isBacklog: true, acknowledge });
      const source = cold('ab|', { a: said(100, 108, { acknowledge }), b: early });
      const expected = '   xy|';
      const refusal = refused(early, "ts: 90601 s off this machine's clock");

      expectObservable(
        source.pipe(
          alignClocks(policy, window, env),
          map(E.mapLeft((left) => ({ has: left.acknowledge === acknowledge }))),
        ),
      ).toBe(expected, { x: aligned(108, 100, 108, { acknowledge }), y: E.left({ has: true }) });
      expect(E.isLeft(refusal)).toBe(true);
    }),
  );

  it(
    'starts anew for each subscriber, and releases a source that never ends',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('a-', { a: said(100, 108) });
      const unsub = '      ^ 1m !';
      const expected = '   x-';
      const out$ = source.pipe(alignClocks(policy, window, env));

      expectObservable(out$, unsub).toBe(expected, { x: aligned(108, 100, 108) });
      expectObservable(out$, unsub).toBe(expected, { x: aligned(108, 100, 108) });
      expectSubscriptions(source.subscriptions).toBe([unsub, unsub]);
    }),
  );

  it('tells an offset once, again when it changes by more than a second, and when it is right', () => {
    const now = 1_740_000_000;
    const { logged } = run([
      ...live(now, 60, 8.7),
      ...live(now + 60, 60, 9.5),
      ...live(now + 120, 60, 12),
      ...live(now + 180, 60, 0),
    ]);
    expect(logged.map(({ event, clock }) => [event, clock])).toEqual([
      ['sensor clock off', '8.7 s behind'],
      ['sensor clock off', '12.0 s behind'],
      ['sensor clock right', undefined],
    ]);
  });

  it('says nothing of one wild time, nor of a clock that is kept', () => {
    const now = 1_740_000_000;
    const wild = said(now + 86_400, now + 10);
    expect(run([...live(now, 10, 0), wild, ...live(now + 10.2, 10, 0)]).logged).toEqual([]);
  });

  it('keeps the order and the distances of any backlog, whatever the offset', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e8, max: 1e8 }),
        fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 2, maxLength: 50 }),
        (offsetMs, pauses) => {
          let ms = 1_740_000_000_000;
          const times = pauses.map((pause) => {
            ms += pause;
            return ms / 1000;
          });
          const backlog = times.map((ts) => said(ts, 1_800_000_000, { isBacklog: true }));
          const { readings } = run(backlog, new Map([['pi1', offsetMs / 1000]]));
          const distances = (of: ReadonlyArray<number>) =>
            of.slice(1).map((ts, n) => Math.round((ts - (of[n] ?? 0)) * 1000));
          expect(distances(readings.map(({ ts }) => ts))).toEqual(distances(times));
        },
      ),
    );
  });

  it('remembers no more sensors than a bound, so that invented ones cost nothing', () => {
    const now = 1_740_000_000;
    const of = (sensor_id: string, ts: number, at: number) =>
      E.right(heard(reading(ts, { sensor_id }), { receivedAt: at }));
    const invented = Array.from({ length: 5_000 }, (_, n) => of(`s${n}`, now, now));
    const isBacklog = true;
    const { readings } = run([
      of('pi1', now - 9, now),
      ...invented,
      E.right(heard(reading(now - 60), { receivedAt: now, isBacklog })),
    ]);
    // pi1 was forgotten, so what waited is left as it is.
    expect(readings.at(-1)).toEqual(reading(now - 60));
  });

  it('tells no offset of a second, and none of more before it has held for a while', () => {
    const every = (behind: number, seconds: number) =>
      Array.from({ length: seconds * 4 + 1 }, (_, n) => said(100 + n / 4 - behind, 100 + n / 4));

    expect(run(every(-1, 5)).logged).toEqual([]);
    expect(run(every(-1.25, 1)).logged).toEqual([]);
    expect(run(every(-1.25, 5)).logged).toEqual([
      expect.objectContaining({ event: 'sensor clock off', clock: '1.3 s ahead' }),
    ]);
  });

  it('counts a live reading at its receipt where it is late by a whole window, and not by more', () => {
    const late = (seconds: number) =>
      run([said(110, 100), said(1_031 - seconds, 1_021)]).readings.at(-1)?.ts;

    expect(late(5)).toBe(1_021);
    expect(late(5.001)).toBe(1_015.999);
  });
});
