import { delay, endWith, filter, ignoreElements, map, take } from 'rxjs';
import { fanOut } from '../../../src/operators/fanOut.ts';
import { marbles } from '../../support/marbles.ts';

const upper = map((item: string) => item.toUpperCase());
const same = map((item: string) => item);

describe('fanOut', () => {
  it(
    'completes with an empty source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<string>('|');
      const subs = '               (^!)';
      const expected = '           |';

      expectObservable(source.pipe(fanOut(same, upper))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'gives every item to each branch in their order, over one subscription',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a------b------|');
      const subs = '       ^-------------!';
      const expected = '   (aA)---(bB)---|';

      expectObservable(source.pipe(fanOut(same, upper))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'loses nothing of a source that emits all at once',
    marbles(({ cold, expectObservable }) => {
      const source = cold('(ab|)');
      const expected = '   (aAbB|)';

      expectObservable(source.pipe(fanOut(same, upper))).toBe(expected);
    }),
  );

  it(
    'lets a branch finish after the source and before it',
    marbles(({ cold, expectObservable, expectSubscriptions, scheduler }) => {
      const source = cold('a--b--|');
      const subs = '       ^-----!';
      const expected = '   a----A--(B|)';

      expectObservable(
        source.pipe(fanOut(take<string>(1), (items$) => items$.pipe(upper, delay(5, scheduler)))),
      ).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'drains each branch on completion',
    marbles(({ cold, expectObservable }) => {
      const source = cold('a--|');
      const expected = '   a--(z|)';

      expectObservable(
        source.pipe(fanOut(same, (items$) => items$.pipe(ignoreElements(), endWith('z')))),
      ).toBe(expected);
    }),
  );

  it(
    'passes an error',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a---#');
      const subs = '       ^---!';
      const expected = '   (aA)#';

      expectObservable(source.pipe(fanOut(same, upper))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'stays open with a source that never ends, and releases it',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('a');
      const unsub = '      ^ 1m !';
      const expected = '   (aA)';

      expectObservable(source.pipe(fanOut(same, upper)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'lets a branch take none',
    marbles(({ cold, expectObservable }) => {
      const source = cold('a|');
      const expected = '   a|';

      expectObservable(
        source.pipe(
          fanOut(
            same,
            filter<string>(() => false),
          ),
        ),
      ).toBe(expected);
    }),
  );
});
