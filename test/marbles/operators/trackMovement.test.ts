import {
  concat,
  concatMap,
  connect,
  endWith,
  filter,
  ignoreElements,
  map,
  merge,
  of,
  repeat,
  takeUntil,
  timer,
} from 'rxjs';
import type { Assignment } from '../../../src/model/assignment.ts';
import type { MovementPolicy } from '../../../src/model/policies.ts';
import type { Env, Operator } from '../../../src/model/shapes.ts';
import { isShopEvent, type Movement } from '../../../src/model/shopEvent.ts';
import { follow, NO_TRACKS, trackMovement } from '../../../src/operators/trackMovement.ts';
import { placedAt } from '../../support/flushes.ts';
import { marbles } from '../../support/marbles.ts';
import { assignment, OTHER_PHONE, PHONE } from '../../support/readings.ts';

const policy = {
  confirmAssignments: 2,
  dwellGapSeconds: 15,
  visitGapSeconds: 60,
  quietMs: 10_000,
};

/** Every assignment a flush of its own, an idle flush every 10 s, and the one at the end of time. */
const movements =
  (rules: MovementPolicy, { scheduler }: Pick<Env, 'scheduler'>): Operator<Assignment, Movement> =>
  (assignments$) =>
    concat(
      assignments$.pipe(
        connect((seen$) =>
          merge(
            seen$.pipe(map((one) => placedAt([one], scheduler.now()))),
            timer(10_000, scheduler).pipe(
              repeat(),
              map(() => placedAt([], scheduler.now())),
              takeUntil(seen$.pipe(ignoreElements(), endWith(true))),
            ),
          ),
        ),
      ),
      of(placedAt([], Number.POSITIVE_INFINITY)),
    ).pipe(
      trackMovement(rules),
      concatMap(({ events }) => events),
      filter(isShopEvent('Transition', 'Dwell', 'Visit')),
    );

const entered = (
  to_zone_id: number,
  ts: number,
  from_zone_id: number | null = null,
  phone_id = PHONE,
): Movement => ({ _tag: 'Transition', value: { phone_id, from_zone_id, to_zone_id, ts } });
const dwelt = (zone_id: number, enter_ts: number, exit_ts: number, phone_id = PHONE): Movement => ({
  _tag: 'Dwell',
  value: { phone_id, zone_id, enter_ts, exit_ts, dwell_seconds: exit_ts - enter_ts },
});
const visited = (
  zones_visited: ReadonlyArray<number>,
  enter_ts: number,
  exit_ts: number,
  phone_id = PHONE,
): Movement => ({
  _tag: 'Visit',
  value: { phone_id, enter_ts, exit_ts, duration_seconds: exit_ts - enter_ts, zones_visited },
});

describe('trackMovement', () => {
  it(
    'emits nothing for an empty source',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold<Assignment>('|');
      const subs = '                   (^!)';
      const expected = '               |';

      expectObservable(source.pipe(movements(policy, env))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'emits nothing while no phone is there',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold<Assignment>('-');
      const unsub = '                  ^ 10m !';
      const expected = '               -';

      expectObservable(source.pipe(movements(policy, env)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'tells where a phone was first seen, and ends stay and visit on completion',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('1s a 4s b 4s |', { a: assignment(1, 7), b: assignment(5, 7) });
      const subs = '       ^ 1s 4s - 4s !';
      const expected = '   1s x 4s - 4s (yz|)';
      const values = { x: entered(7, 1), y: dwelt(7, 1, 5), z: visited([7], 1, 5) };

      expectObservable(source.pipe(movements(policy, env))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'believes a new zone at its second assignment in a row, and dates it from the first',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('abc-d---|', {
        a: assignment(0, 1),
        b: assignment(5, 1),
        c: assignment(10, 2),
        d: assignment(15, 2),
      });
      const expected = '   v---(wx)(yz|)';
      const values = {
        v: entered(1, 0),
        w: dwelt(1, 0, 5),
        x: entered(2, 10, 1),
        y: dwelt(2, 10, 15),
        z: visited([1, 2], 0, 15),
      };

      expectObservable(source.pipe(movements(policy, env))).toBe(expected, values);
    }),
  );

  it(
    'is not moved by a phone that flickers between zones',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('abcdef|', {
        a: assignment(0, 1),
        b: assignment(2, 2),
        c: assignment(4, 1),
        d: assignment(6, 2),
        e: assignment(8, 3),
        f: assignment(10, 2),
      });
      const expected = '   v-----(yz|)';
      const values = { v: entered(1, 0), y: dwelt(1, 0, 4), z: visited([1], 0, 10) };

      expectObservable(source.pipe(movements(policy, env))).toBe(expected, values);
    }),
  );

  it(
    'names each zone of a visit once, in order of first visit',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('a-b---c---|', {
        a: assignment(0, 3),
        b: assignment(4, 1),
        c: assignment(8, 3),
      });
      const expected = '   t-(uv)(wx)(yz|)';
      const values = {
        t: entered(3, 0),
        u: dwelt(3, 0, 0),
        v: entered(1, 4, 3),
        w: dwelt(1, 4, 4),
        x: entered(3, 8, 1),
        y: dwelt(3, 8, 8),
        z: visited([3, 1], 0, 8),
      };
      const atOnce = { ...policy, confirmAssignments: 1 };

      expectObservable(source.pipe(movements(atOnce, env))).toBe(expected, values);
    }),
  );

  it(
    'ends a stay in silence, by the clock, and later the visit, each where it was last heard',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('1s a 3999ms b', { a: assignment(1, 1), b: assignment(5, 1) });
      const unsub = '      ^ 200s !';
      const expected = '   1s x 28999ms y 39999ms z'; // sweeps at 30 s and 70 s: 25 s and 65 s
      const values = { x: entered(1, 1), y: dwelt(1, 1, 5), z: visited([1], 1, 5) };

      expectObservable(source.pipe(movements(policy, env)), unsub).toBe(expected, values);
    }),
  );

  it(
    'holds a stay through a silence of exactly the gap',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('(ab|)', { a: assignment(0, 1), b: assignment(15, 1) });
      const expected = '   (xyz|)';
      const values = { x: entered(1, 0), y: dwelt(1, 0, 15), z: visited([1], 0, 15) };

      expectObservable(source.pipe(movements(policy, env))).toBe(expected, values);
    }),
  );

  it(
    'begins another stay, not another visit, after a gap in the same zone',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('(ab|)', { a: assignment(0, 1), b: assignment(16, 1) });
      const expected = '   (wxyz|)';
      const values = {
        w: entered(1, 0),
        x: dwelt(1, 0, 0),
        y: dwelt(1, 16, 16),
        z: visited([1], 0, 16),
      };

      expectObservable(source.pipe(movements(policy, env))).toBe(expected, values);
    }),
  );

  it(
    'begins another visit when a phone comes back',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('(ab|)', { a: assignment(0, 1), b: assignment(61, 1) });
      const expected = '   (uvwxyz|)';
      const values = {
        u: entered(1, 0),
        v: dwelt(1, 0, 0),
        w: visited([1], 0, 0),
        x: entered(1, 61),
        y: dwelt(1, 61, 61),
        z: visited([1], 61, 61),
      };

      expectObservable(source.pipe(movements(policy, env))).toBe(expected, values);
    }),
  );

  it(
    'ends no visit early while a backlog of an hour ago is worked off',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('3601s a 8s b 8s c 8s d|', {
        a: assignment(10, 1),
        b: assignment(20, 1),
        c: assignment(30, 1),
        d: assignment(40, 1),
      });
      const expected = '   3601s x 8s - 8s - 8s -(yz|)';
      const values = { x: entered(1, 10), y: dwelt(1, 10, 40), z: visited([1], 10, 40) };

      expectObservable(source.pipe(movements(policy, env))).toBe(expected, values);
    }),
  );

  it(
    'ends the visit of a phone that left within the backlog, by the time of those who stayed',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('3601s (ab)', {
        a: assignment(10, 1),
        b: assignment(80, 2, { phone_id: OTHER_PHONE }),
      });
      const unsub = '      ^ 3611s !';
      const expected = '   3601s (wxyz)';
      const values = {
        w: entered(1, 10),
        x: entered(2, 80, null, OTHER_PHONE),
        y: dwelt(1, 10, 10),
        z: visited([1], 10, 10),
      };

      expectObservable(source.pipe(movements(policy, env)), unsub).toBe(expected, values);
    }),
  );

  it(
    'is not hurried by a phone whose clock is ahead',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('9s (ab)', {
        a: assignment(9, 1),
        b: assignment(65, 2, { phone_id: OTHER_PHONE }),
      });
      const unsub = '      ^ 15s !';
      const expected = '   9s (wx)';
      const values = { w: entered(1, 9), x: entered(2, 65, null, OTHER_PHONE) };

      expectObservable(source.pipe(movements(policy, env)), unsub).toBe(expected, values);
    }),
  );

  it(
    'is unmoved by an assignment older than the last',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('(abcd|)', {
        a: assignment(10, 1),
        b: assignment(8, 2),
        c: assignment(9, 2),
        d: assignment(12, 1),
      });
      const expected = '   (xyz|)';
      const values = { x: entered(1, 10), y: dwelt(1, 10, 12), z: visited([1], 10, 12) };

      expectObservable(source.pipe(movements(policy, env))).toBe(expected, values);
    }),
  );

  it(
    'closes all phones on completion, each where it was',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('(ab)-|', {
        a: assignment(1, 1),
        b: assignment(2, 2, { phone_id: OTHER_PHONE }),
      });
      const expected = '   (uv)-(wxyz|)';
      const values = {
        u: entered(1, 1),
        v: entered(2, 2, null, OTHER_PHONE),
        w: dwelt(1, 1, 1),
        x: visited([1], 1, 1),
        y: dwelt(2, 2, 2, OTHER_PHONE),
        z: visited([2], 2, 2, OTHER_PHONE),
      };

      expectObservable(source.pipe(movements(policy, env))).toBe(expected, values);
    }),
  );

  it(
    'passes an error and closes nothing',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('a 3s #', { a: assignment(0, 1) });
      const subs = '       ^ 3s !';
      const expected = '   x 3s #';

      expectObservable(source.pipe(movements(policy, env))).toBe(expected, {
        x: entered(1, 0),
      });
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'stops sweeping when it is unsubscribed early',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('a', { a: assignment(0, 1) });
      const unsub = '      ^ 15s !';
      const expected = '   x';

      expectObservable(source.pipe(movements(policy, env)), unsub).toBe(expected, {
        x: entered(1, 0),
      });
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'knows nothing of another subscriber’s phones',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('a|', { a: assignment(0, 1) });
      const expected = '   x(yz|)';
      const values = { x: entered(1, 0), y: dwelt(1, 0, 0), z: visited([1], 0, 0) };
      const movements$ = source.pipe(movements(policy, env));

      expectObservable(movements$).toBe(expected, values);
      expectObservable(movements$).toBe(expected, values);
    }),
  );
});

describe('follow', () => {
  const first = follow(policy, NO_TRACKS, [assignment(1, 1)], 5_000);

  it('tells each assignment before what it begins or ends, and last what silence has ended', () => {
    const { events } = follow(
      policy,
      first.tracks,
      [assignment(70, 2, { phone_id: OTHER_PHONE }), assignment(71, 3, { phone_id: OTHER_PHONE })],
      75_000,
    );

    expect(events).toEqual([
      { _tag: 'Assignment', value: assignment(70, 2, { phone_id: OTHER_PHONE }) },
      entered(2, 70, null, OTHER_PHONE),
      { _tag: 'Assignment', value: assignment(71, 3, { phone_id: OTHER_PHONE }) },
      dwelt(1, 1, 1),
      visited([1], 1, 1),
    ]);
  });

  it('ends no stay that another process began before a phone, or a long silence, tells the time', () => {
    const restored = { phones: first.tracks.phones, latestTs: 0 };
    const atStart = follow(policy, restored, [], 3_600_000);

    expect(atStart.events).toEqual([]);
    expect(follow(policy, atStart.tracks, [], 3_610_000).events).toEqual([
      dwelt(1, 1, 1),
      visited([1], 1, 1),
    ]);
  });

  it('ends no stay of a phone that may have been heard since, in a window that is still open', () => {
    // Silent for 16 s by the clock, of which only the windows up to 15 s are closed.
    const early = follow(policy, first.tracks, [], 17_000, 15_000);

    expect(early.events).toEqual([]);
    expect(follow(policy, early.tracks, [assignment(15.9, 1)], 22_000, 20_000).events).toEqual([
      { _tag: 'Assignment', value: assignment(15.9, 1) },
    ]);
    expect(follow(policy, early.tracks, [], 22_000, 20_000).events).toEqual([dwelt(1, 1, 1)]);
  });

  it('goes on with a stay that another process began', () => {
    const restored = { phones: first.tracks.phones, latestTs: 0 };
    const { events } = follow(policy, restored, [assignment(12, 1)], Number.POSITIVE_INFINITY);

    expect(events.slice(1)).toEqual([dwelt(1, 1, 12), visited([1], 1, 12)]);
  });

  describe('where the clock of machine and sensors was set back by two hours', () => {
    const before = follow(
      policy,
      NO_TRACKS,
      [assignment(7_201, 1), assignment(7_202, 2, { phone_id: OTHER_PHONE })],
      7_205_000,
    );
    const ended = [
      dwelt(1, 7_201, 7_201),
      visited([1], 7_201, 7_201),
      dwelt(2, 7_202, 7_202, OTHER_PHONE),
      visited([2], 7_202, 7_202, OTHER_PHONE),
    ];

    it('ends the visits of all where they were last heard, and begins anew with who is heard', () => {
      const { tracks, events } = follow(policy, before.tracks, [assignment(4, 1)], 10_000);

      expect(events).toEqual([
        ...ended,
        { _tag: 'Assignment', value: assignment(4, 1) },
        entered(1, 4),
      ]);
      expect([...tracks.phones.keys()]).toEqual([PHONE]);
      expect(follow(policy, tracks, [assignment(9, 1)], 15_000).events).toHaveLength(1);
    });

    it('knows a long silence by the new time', () => {
      const { tracks, events } = follow(policy, before.tracks, [], 10_000);
      const heard = follow(policy, tracks, [assignment(11, 1)], 15_000);

      expect(events).toEqual(ended);
      expect(follow(policy, heard.tracks, [], 30_000).events).toEqual([dwelt(1, 11, 11)]);
      expect(follow(policy, heard.tracks, [], 75_000).events.at(-1)).toEqual(visited([1], 11, 11));
    });

    it('does so at a start too', () => {
      const restored = { phones: before.tracks.phones, latestTs: 0 };

      expect(follow(policy, restored, [], 10_000).events).toEqual(ended);
    });
  });

  it('does not hurry a backlog by a time that was told before the clock was set back', () => {
    const before = follow(policy, NO_TRACKS, [assignment(7_201, 1)], 7_205_000);
    const back = follow(policy, before.tracks, [], 10_000);
    const backlog = follow(policy, back.tracks, [assignment(12, 1)], 100_000);

    expect(backlog.events).toEqual([
      { _tag: 'Assignment', value: assignment(12, 1) },
      entered(1, 12),
    ]);
    expect(follow(policy, backlog.tracks, [assignment(20, 1)], 105_000).events).toHaveLength(1);
  });

  it('goes on with visits where the clock was set back by less than ends one', () => {
    const before = follow(policy, NO_TRACKS, [assignment(100, 1)], 105_000);
    const back = follow(policy, before.tracks, [assignment(50, 1)], 55_000);

    expect(back.events).toEqual([{ _tag: 'Assignment', value: assignment(50, 1) }]);
    expect(back.tracks.phones).toEqual(before.tracks.phones);
    expect(follow(policy, back.tracks, [assignment(104, 1)], 110_000).events).toHaveLength(1);
  });

  it('goes by the newest of a flush, in whatever order its assignments stand', () => {
    const others = [
      assignment(80, 2, { phone_id: OTHER_PHONE }),
      assignment(20, 2, { phone_id: 'id:third' }),
    ];
    for (const order of [others, [...others].reverse()])
      expect(follow(policy, first.tracks, order, 85_000).events).toContainEqual(visited([1], 1, 1));
  });

  it('counts two assignments of the same instant, in their order', () => {
    const { events } = follow(policy, first.tracks, [assignment(2, 2), assignment(2, 2)], 5_000);

    expect(events).toContainEqual(entered(2, 2, 1));
  });

  it('waits for quiet anew where the clock was set back meanwhile', () => {
    const seen = follow(policy, NO_TRACKS, [assignment(50, 1)], 55_000);
    const back = follow(policy, seen.tracks, [], 30_000);
    const quiet = follow(policy, back.tracks, [], 40_000);

    expect([seen, back, quiet].map(({ tracks }) => tracks.seenAtMs)).toEqual([
      55_000, 30_000, 30_000,
    ]);
    // Silent for ten seconds by the new time: from now on it is the machine's.
    expect(follow(policy, back.tracks, [], 71_000).events).toEqual([dwelt(1, 50, 50)]);
    expect(quiet.events).toEqual([]);
  });

  it('splits no visit by a straggler, however old', () => {
    const { tracks, events } = follow(policy, first.tracks, [assignment(-7_200, 2)], 10_000);

    expect(events).toHaveLength(1);
    expect(tracks.phones).toEqual(first.tracks.phones);
  });
});
