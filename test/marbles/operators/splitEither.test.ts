import { either as E } from 'fp-ts';
import { delay, map } from 'rxjs';
import { splitEither } from '../../../src/operators/splitEither.ts';
import { marbles } from '../../support/marbles.ts';

const values = { l: E.left('l'), r: E.right('r') };
const onLeft = map((left: string) => `left ${left}`);
const onRight = map((right: string) => `right ${right}`);
const told = { L: 'left l', R: 'right r' };
const split = splitEither(onLeft, onRight);

describe('splitEither', () => {
  it.each([
    { name: 'an empty source', source: '|', expected: '|' },
    { name: 'one Left', source: '   -l|', expected: '-L|' },
    { name: 'one Right', source: '  -r|', expected: '-R|' },
    { name: 'many of both', source: '-lr-(rl|)', expected: '-LR-(RL|)' },
    { name: 'an error', source: '   -l-#', expected: '-L-#' },
  ])('sends each its own way: $name', ({ source, expected }) => {
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold(source, values).pipe(split)).toBe(expected, told);
    })();
  });

  it(
    'completes when both ways have',
    marbles(({ cold, scheduler, expectObservable }) => {
      const source = cold('lr|', values);
      const expected = '   -R---(L|)';
      const slowLeft = splitEither<string, string, string>(
        (lefts$) => lefts$.pipe(onLeft, delay(5, scheduler)),
        onRight,
      );

      expectObservable(source.pipe(slowLeft)).toBe(expected, told);
    }),
  );

  it(
    'releases a source that never ends',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('l-r', values);
      const unsub = '      ^-!';
      const expected = '   L-R';

      expectObservable(source.pipe(split), '^ 1m !').toBe(expected, told);
      expectObservable(source.pipe(split), unsub).toBe('L', told);
      expectSubscriptions(source.subscriptions).toBe(['^ 1m !', unsub]);
    }),
  );
});
