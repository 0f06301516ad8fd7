import type { Assignment } from '../../../src/model/assignment.ts';
import type { ShopEvent } from '../../../src/model/shopEvent.ts';
import { only, shopEvents } from '../../../src/streams/shopEvents.ts';
import { marbles } from '../../support/marbles.ts';
import { assignment, PHONE } from '../../support/readings.ts';
import { dwell } from '../../support/uploads.ts';

const policy = { confirmAssignments: 1, dwellGapSeconds: 15, visitGapSeconds: 60, sweepMs: 10_000 };
const placed = (of: Assignment): ShopEvent => ({ _tag: 'Assignment', value: of });
const entered = (to: number, ts: number, from: number | null = null): ShopEvent => ({
  _tag: 'Transition',
  value: { phone_id: PHONE, from_zone_id: from, to_zone_id: to, ts },
});
const stayed: ShopEvent = { _tag: 'Dwell', value: dwell(1, 1) };
const left: ShopEvent = {
  _tag: 'Visit',
  value: { phone_id: PHONE, enter_ts: 1, exit_ts: 1, duration_seconds: 0, zones_visited: [1] },
};

describe('shopEvents', () => {
  it(
    'emits nothing for an empty source',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold<Assignment>('|');
      const expected = '               |';

      expectObservable(source.pipe(shopEvents(policy, env))).toBe(expected);
    }),
  );

  it(
    'tells each assignment and behind it what it began or ended',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('a---b', { a: assignment(1, 1), b: assignment(5, 2) });
      const unsub = '      ^ 10ms !';
      const expected = '   (at)(bdu)';
      const values = {
        a: placed(assignment(1, 1)),
        t: entered(1, 1),
        b: placed(assignment(5, 2)),
        d: stayed,
        u: entered(2, 5, 1),
      };

      expectObservable(source.pipe(shopEvents(policy, env)), unsub).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'ends what is open on completion',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('a-----|', { a: assignment(1, 1) });
      const expected = '   (at)--(dv|)';
      const values = { a: placed(assignment(1, 1)), t: entered(1, 1), d: stayed, v: left };

      expectObservable(source.pipe(shopEvents(policy, env))).toBe(expected, values);
    }),
  );

  it(
    'passes an error',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('a---#', { a: assignment(1, 1) });
      const expected = '   (at)#';
      const values = { a: placed(assignment(1, 1)), t: entered(1, 1) };

      expectObservable(source.pipe(shopEvents(policy, env))).toBe(expected, values);
    }),
  );
});

describe('only', () => {
  it(
    'lets the values of one kind through',
    marbles(({ cold, expectObservable }) => {
      const events = { a: placed(assignment(1)), t: entered(1, 1), d: stayed, v: left };
      const source = cold('atdva|', events);
      const assignments = 'a---a|';
      const transitions = '-t---|';
      const dwells = '     --d--|';
      const visits = '     ---v-|';
      const values = {
        a: events.a.value,
        t: events.t.value,
        d: events.d.value,
        v: events.v.value,
      };

      expectObservable(source.pipe(only('Assignment'))).toBe(assignments, values);
      expectObservable(source.pipe(only('Transition'))).toBe(transitions, values);
      expectObservable(source.pipe(only('Dwell'))).toBe(dwells, values);
      expectObservable(source.pipe(only('Visit'))).toBe(visits, values);
    }),
  );
});
