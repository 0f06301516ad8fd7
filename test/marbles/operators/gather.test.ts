import { of } from 'rxjs';
import { gather } from '../../../src/operators/gather.ts';
import { marbles } from '../../support/marbles.ts';

describe('gather', () => {
  it(
    'completes with an empty source and hands nothing over',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<string>('|');
      const subs = '               (^!)';
      const expected = '           |';
      const handOver = (items: ReadonlyArray<string>) => of(items);

      expectObservable(source.pipe(gather(handOver))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'hands over item by item while nothing is under way',
    marbles(({ cold, expectObservable }) => {
      const source = cold('a--b--|');
      const expected = '   x--y--|';
      const values = { x: ['a'], y: ['b'] };

      expectObservable(source.pipe(gather((items) => of(items)))).toBe(expected, values);
    }),
  );

  it(
    'hands over one group at a time, each with what arrived during the one before',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('abc---d---|');
      const subs = '       ^---------!';
      const expected = '   ----x---y---(z|)';
      const values = { x: ['a'], y: ['b', 'c'], z: ['d'] };

      expectObservable(
        source.pipe(gather((items: ReadonlyArray<string>) => cold('----(r|)', { r: items }))),
      ).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'hands over what waits before it completes',
    marbles(({ cold, expectObservable }) => {
      const source = cold('(abc|)');
      const expected = '   --x-(y|)';
      const values = { x: ['a'], y: ['b', 'c'] };

      expectObservable(
        source.pipe(gather((items: ReadonlyArray<string>) => cold('--(r|)', { r: items }))),
      ).toBe(expected, values);
    }),
  );

  it(
    'passes an error of the source at once',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const under = cold<string>('----(r|)');
      const source = cold('ab#');
      const subs = '       ^-!';
      const expected = '   --#';

      expectObservable(source.pipe(gather(() => under))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
      expectSubscriptions(under.subscriptions).toBe(subs);
    }),
  );

  it(
    'passes an error of a hand-over at once and releases the source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('ab---');
      const subs = '       ^--!';
      const expected = '   ---#';

      expectObservable(source.pipe(gather(() => cold('---#')))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'passes what a hand-over throws',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-ab--');
      const subs = '       ^!';
      const expected = '   -#';
      const full = new Error('disk full');
      const handOver = (): never => {
        throw full;
      };

      expectObservable(source.pipe(gather(handOver))).toBe(expected, undefined, full);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'waits for a hand-over that never ends, and releases both on an unsubscription',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const under = cold<string>('-');
      const source = cold('-ab');
      const unsub = '      ^ 1m !';
      const underway = '   -^ 59999ms !';
      const expected = '   -';

      expectObservable(source.pipe(gather(() => under)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(unsub);
      expectSubscriptions(under.subscriptions).toBe(underway);
    }),
  );
});
