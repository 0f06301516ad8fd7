import fc from 'fast-check';
import { range } from 'rxjs';
import { batch } from '../../../src/operators/batch.ts';
import { arrivals, emittedBy, marbles } from '../../support/marbles.ts';

const policy = { maxItems: 3, maxWaitMs: 30_000 };

describe('batch', () => {
  it(
    'emits nothing for an empty source',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('|');
      const subs = '        (^!)';
      const expected = '    |';

      expectObservable(source.pipe(batch(policy, env))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'emits one item on its own when it has waited for 30 s',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('10s a');
      const unsub = '      ^ 2m !';
      const expected = '   30s x';
      const values = { x: ['a'] };

      expectObservable(source.pipe(batch(policy, env)), unsub).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'closes by size at once, and then waits anew',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('a 9999ms (bcd)');
      const unsub = '      ^ 2m !';
      const expected = '   10s x 29999ms y';
      const values = { x: ['a', 'b', 'c'], y: ['d'] };

      expectObservable(source.pipe(batch(policy, env)), unsub).toBe(expected, values);
    }),
  );

  it(
    'emits nothing on idle ticks',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('-');
      const unsub = '      ^ 10m !';
      const expected = '   -';

      expectObservable(source.pipe(batch(policy, env)), unsub).toBe(expected);
    }),
  );

  it(
    'emits the open group on completion',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('ab 3s |');
      const subs = '       ^- 3s !';
      const expected = '   -- 3s (x|)';
      const values = { x: ['a', 'b'] };

      expectObservable(source.pipe(batch(policy, env))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'drops the open group with an error',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('ab 3s #');
      const subs = '       ^- 3s !';
      const expected = '   -- 3s #';

      expectObservable(source.pipe(batch(policy, env))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'releases the source on an early unsubscription',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('ab');
      const unsub = '      ^ 29s !';
      const expected = '   -';

      expectObservable(source.pipe(batch(policy, env)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'makes groups of 50 of a burst',
    marbles(({ env, expectObservable }) => {
      const items = Array.from({ length: 120 }, (_, item) => item);
      const expected = '(xyz|)';
      const values = { x: items.slice(0, 50), y: items.slice(50, 100), z: items.slice(100) };

      expectObservable(range(0, 120).pipe(batch({ maxItems: 50, maxWaitMs: 30_000 }, env))).toBe(
        expected,
        values,
      );
    }),
  );

  it('keeps every item, once and in order, in groups within bounds and none of them late', () => {
    const arrivingAt = fc.array(fc.integer({ min: 0, max: 300_000 }), { maxLength: 80 });
    fc.assert(
      fc.property(arrivingAt, (times) => {
        const timed = [...times]
          .sort((a, b) => a - b)
          .map((at, item) => ({ at, value: { at, item } }));

        const groups = emittedBy((env) => arrivals(timed, env).pipe(batch(policy, env)));

        expect(groups.flatMap(({ value }) => value)).toEqual(timed.map(({ value }) => value));
        for (const { at: emittedAt, value } of groups) {
          expect(value.length).toBeGreaterThanOrEqual(1);
          expect(value.length).toBeLessThanOrEqual(policy.maxItems);
          for (const { at } of value) expect(emittedAt - at).toBeLessThanOrEqual(policy.maxWaitMs);
        }
      }),
    );
  });
});
