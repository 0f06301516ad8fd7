import { first, type SchedulerLike, type Subscription } from 'rxjs';
import type { Received } from '../../../src/model/received.ts';
import { rejected } from '../../../src/model/rejected.ts';
import { condenseRejections } from '../../../src/operators/condenseRejections.ts';
import { marbles } from '../../support/marbles.ts';
import { reading } from '../../support/readings.ts';

const policy = { everyMs: 10_000, lines: 2, topics: 2 };
const acknowledge = () => undefined;
const of = (topic: string, at: number) => ({
  _tag: 'Rejected' as const,
  value: rejected({ topic, receivedAt: at }, ['payload: not JSON'], `{${at}`),
  acknowledge,
});
type One = ReturnType<typeof of>;
const cause = { kind: 'malformed', subject: 'payload' } as const;
const unkept: Received = { _tag: 'Unkept', cause, acknowledge };
const more = (topic: string, count: number, first: One, last: One): Received => ({
  _tag: 'Condensed',
  value: {
    topic,
    reasons: [`${count} more within 10 s, the first of them: payload: not JSON`],
    received_at: last.value.received_at,
    payload: first.value.payload,
    cause,
  },
});
const good: Received = { _tag: 'Reading', value: reading(1), acknowledge };
const values = {
  a: of('a', 1),
  b: of('a', 2),
  c: of('a', 3),
  d: of('a', 4),
  x: of('b', 5),
  u: unkept,
  g: good,
};

describe('condenseRejections', () => {
  it(
    'emits nothing for an empty source',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold<Received>('|');
      const expected = '             |';

      expectObservable(source.pipe(condenseRejections(policy, env))).toBe(expected);
    }),
  );

  it(
    'passes the first ones of a topic at once and counts the others, when the time is over',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('-abcgdx 9993ms 3999ms a|', values);
      const subs = '       ^ 13999ms !';
      const expected = '   -abugux 9994ms s 3997ms a|';

      expectObservable(source.pipe(condenseRejections(policy, env))).toBe(expected, {
        ...values,
        s: more('a', 2, values.c, values.d),
      });
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'lets topics beyond the bound share one account',
    marbles(({ cold, env, expectObservable }) => {
      const many = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((t, i) => [t, of(t, i)]));
      const source = cold('(abcdef|)', many);
      const expected = '   (abcduus|)';

      expectObservable(source.pipe(condenseRejections(policy, env))).toBe(expected, {
        ...many,
        u: unkept,
        s: more('(other topics)', 2, of('e', 4), of('f', 5)),
      });
    }),
  );

  it(
    'flushes on completion, and passes an error on',
    marbles(({ cold, env, expectObservable }) => {
      expectObservable(cold('(abc|)', values).pipe(condenseRejections(policy, env))).toBe(
        '(abus|)',
        { ...values, s: more('a', 1, values.c, values.c) },
      );
      expectObservable(cold('abc#', values).pipe(condenseRejections(policy, env))).toBe(
        'abu#',
        values,
      );
    }),
  );

  it(
    'stops its clock with an early unsubscription',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('abc-', values);
      const unsub = '       ^ 5s !';
      const expected = '    abu-';

      expectObservable(source.pipe(condenseRejections(policy, env)), unsub).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'holds on to no interval that is over',
    marbles(({ cold, scheduler, flush }) => {
      const scheduled: Subscription[] = [];
      const watched: SchedulerLike = {
        now: () => scheduler.now(),
        schedule: (work, delay, state) => {
          const action = scheduler.schedule(work as () => void, delay, state);
          scheduled.push(action);
          return action;
        },
      };
      const source = cold('a 10s b 10s c', values);
      source.pipe(condenseRejections(policy, { scheduler: watched })).subscribe();
      flush();
      expect(scheduled.map(({ closed }) => closed)).toEqual([true, true, true]);

      // Nor to one that goes on when nobody listens any more.
      cold('a', values)
        .pipe(condenseRejections(policy, { scheduler: watched }), first())
        .subscribe();
      scheduler.schedule(() => expect(scheduled.at(-1)?.closed).toBe(true), 1);
      flush();
      expect(scheduled).toHaveLength(4);
    }),
  );
});
