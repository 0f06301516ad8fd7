import { oneAtATime } from '../../../src/operators/oneAtATime.ts';
import { marbles } from '../../support/marbles.ts';

describe('oneAtATime', () => {
  it(
    'mirrors a single delivery, whatever it does, and touches nothing before it is subscribed to',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const endless = cold('-');
      expectObservable(oneAtATime(() => cold('--(r|)'))('a')).toBe('--(r|)');
      expectObservable(oneAtATime(() => cold('--|'))('a')).toBe('--|');
      expectObservable(oneAtATime(() => cold('--#'))('a')).toBe('--#');
      expectObservable(oneAtATime(() => endless)('a'), '^--!').toBe('-');
      expectSubscriptions(endless.subscriptions).toBe('^--!');
    }),
  );

  it(
    'lets many wait for each other, in the order of their subscriptions, over errors',
    marbles(({ cold, expectObservable }) => {
      const answers = {
        a: cold('--(r|)', { r: 'a' }),
        b: cold<string>('-#'),
        c: cold('-(r|)', { r: 'c' }),
      };
      const deliver = oneAtATime((item: 'a' | 'b' | 'c') => answers[item]);

      expectObservable(deliver('a')).toBe('--(r|)', { r: 'a' });
      expectObservable(deliver('b')).toBe('---#');
      expectObservable(deliver('c')).toBe('----(r|)', { r: 'c' });
    }),
  );

  it(
    'lets the next one go ahead when one is given up, and forgets one that is given up waiting',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const never = cold('-');
      const skipped = cold('-');
      const answers = { a: never, b: skipped, c: cold('-(r|)', { r: 'c' }) };
      const deliver = oneAtATime((item: 'a' | 'b' | 'c') => answers[item]);

      expectObservable(deliver('a'), '^----!').toBe('-');
      expectObservable(deliver('b'), '^-!').toBe('-');
      expectObservable(deliver('c')).toBe('------(r|)', { r: 'c' });
      expectSubscriptions(skipped.subscriptions).toBe([]);
    }),
  );
});
