import { delay, startWith, switchMap } from 'rxjs';
import type { Reading } from '../../../src/model/reading.ts';
import { flushEvery } from '../../../src/operators/flushEvery.ts';
import { marbles } from '../../support/marbles.ts';
import { reading } from '../../support/readings.ts';

const a = reading(1);
const b = reading(2);
const end = { readings: [], nowMs: Number.POSITIVE_INFINITY };

describe('flushEvery', () => {
  it(
    'ends an empty source with nothing left and the end of time',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold<Reading>('|');
      const subs = '                (^!)';
      const expected = '            (xz|)';

      expectObservable(source.pipe(flushEvery(5_000, env))).toBe(expected, {
        x: { readings: [], nowMs: 0 },
        z: end,
      });
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'ticks with what has come, also when that is nothing',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('1s a 2s b', { a, b });
      const unsub = '      ^ 12s !';
      const expected = '   5s x 4999ms y';
      const values = {
        x: { readings: [a, b], nowMs: 5_000 },
        y: { readings: [], nowMs: 10_000 },
      };

      expectObservable(source.pipe(flushEvery(5_000, env)), unsub).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'hands on what is left when the source completes, and drops it when it fails',
    marbles(({ cold, env, expectObservable }) => {
      const ending = cold(' a 2s |', { a });
      const ended = '      2001ms (xz|)';
      const failing = cold('a 2s #', { a });
      const failed = '     2001ms #';

      expectObservable(ending.pipe(flushEvery(5_000, env))).toBe(ended, {
        x: { readings: [a], nowMs: 2_001 },
        z: end,
      });
      expectObservable(failing.pipe(flushEvery(5_000, env))).toBe(failed);
    }),
  );

  it(
    'keeps to its beat in Unix time, whenever it is subscribed',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('1s a 8s b', { a, b });
      const late = cold(' -').pipe(startWith(0), delay(2_500, env.scheduler));
      const unsub = '     ^ 12s !';
      const expected = '  6s x 4999ms y';
      const values = {
        x: { readings: [a], nowMs: 6_000 },
        y: { readings: [], nowMs: 11_000 },
      };

      const flushes$ = late.pipe(switchMap(() => source.pipe(flushEvery(5_000, env, 1_000))));
      expectObservable(flushes$, unsub).toBe(expected, values);
    }),
  );

  it(
    'finds its beat before the first one, too',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('-a', { a });
      const unsub = '      ^ 7s !';
      const expected = '   1s x 4999ms y';

      expectObservable(source.pipe(flushEvery(5_000, env, 1_000)), unsub).toBe(expected, {
        x: { readings: [a], nowMs: 1_000 },
        y: { readings: [], nowMs: 6_000 },
      });
    }),
  );
});
