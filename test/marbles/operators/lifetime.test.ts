import { map, mergeMap, timer } from 'rxjs';
import { accompaniedBy, drainIn } from '../../../src/operators/lifetime.ts';
import { marbles } from '../../support/marbles.ts';

describe('drainIn', () => {
  it(
    'mirrors an operator that ends in time',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const double = drainIn<number, number>(
        10,
        map((n) => n * 2),
        env,
      );
      const source = cold('-a-b|', { a: 1, b: 2 });
      const subs = '       ^---!';
      const expected = '   -x-y|';

      expectObservable(source.pipe(double)).toBe(expected, { x: 2, y: 4 });
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectObservable(cold<number>('|').pipe(double)).toBe('|');
    }),
  );

  it(
    'lets the operator flush, but no longer than it may',
    marbles(({ cold, env, expectObservable }) => {
      const slow = drainIn<number, number>(
        10,
        mergeMap((ms) => timer(ms, env.scheduler).pipe(map(() => ms))),
        env,
      );
      const source = cold('(ab|)', { a: 5, b: 50 });
      const expected = '   -----a----|';

      expectObservable(source.pipe(slow)).toBe(expected, { a: 5 });
    }),
  );

  it(
    'passes an error, never ends what never ends, and releases it',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const same = drainIn<string, string>(
        10,
        map((one) => one),
        env,
      );
      const endless = cold('-');
      const unsub = '^ 1m !';

      expectObservable(cold('-a#').pipe(same)).toBe('-a#');
      expectObservable(endless.pipe(same), unsub).toBe('-');
      expectSubscriptions(endless.subscriptions).toBe(unsub);
    }),
  );
});

describe('accompaniedBy', () => {
  it(
    'merges the others in as long as the source runs, and releases them with it',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a--b|');
      const other = cold(' --x---y-z');
      const subs = '       ^----!';
      const expected = '   -ax-b|';

      expectObservable(source.pipe(accompaniedBy(other))).toBe(expected);
      expectSubscriptions(other.subscriptions).toBe(subs);
    }),
  );

  it(
    'does not end with the others, passes errors of both, and ends with an empty source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const endless = cold('-');
      const unsub = '^----!';

      expectObservable(cold('-a-b|').pipe(accompaniedBy(cold<string>('|')))).toBe('-a-b|');
      expectObservable(cold('-a-#').pipe(accompaniedBy(cold<string>('-')))).toBe('-a-#');
      expectObservable(cold('-a--').pipe(accompaniedBy(cold<string>('--#')))).toBe('-a#');
      expectObservable(cold('|').pipe(accompaniedBy(cold<string>('-x')))).toBe('|');
      expectObservable(endless.pipe(accompaniedBy(cold('-x-'))), unsub).toBe('-x');
      expectSubscriptions(endless.subscriptions).toBe(unsub);
    }),
  );
});
