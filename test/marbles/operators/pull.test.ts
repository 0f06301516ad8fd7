import { defer, EMPTY, NEVER, of, Subject, take } from 'rxjs';
import { pull } from '../../../src/operators/pull.ts';
import { emittedBy, marbles } from '../../support/marbles.ts';

const one = () => 1;
/** Gives what is left of a list. */
const listOf = (...items: ReadonlyArray<string>) => {
  const left = [...items];
  return () => defer(() => (left.length === 0 ? EMPTY : of(left.shift() ?? '')));
};

describe('pull', () => {
  it(
    'completes with an empty feed when nothing new can come',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const wake = cold('--|');
      const subs = '     ^-!';
      const expected = ' --|';

      expectObservable(pull({ next: () => EMPTY, wake$: wake }, of, one)).toBe(expected);
      expectSubscriptions(wake.subscriptions).toBe(subs);
    }),
  );

  it(
    'does one work after the other, and completes behind the last one',
    marbles(({ cold, expectObservable }) => {
      const wake = cold('|');
      const work = (item: string) => cold('--(r|)', { r: item });
      const expected = ' --a-b-(c|)';

      expectObservable(pull({ next: listOf('a', 'b', 'c'), wake$: wake }, work, one)).toBe(
        expected,
      );
    }),
  );

  it(
    'has as many works under way as the limit says at that moment',
    marbles(({ cold, expectObservable }) => {
      let limit = 2;
      const work = (item: string) =>
        defer(() => {
          if (item === 'c') limit = 1;
          return cold('-----(r|)', { r: item });
        });
      const wake = cold('       |');
      // a and b together; c, and no other beside it; d.
      const expected = '        -----(ab)-c----(d|)';

      expectObservable(
        pull({ next: listOf('a', 'b', 'c', 'd'), wake$: wake }, work, () => limit),
      ).toBe(expected);
    }),
  );

  it(
    'waits for the last work where there was room for more of them',
    marbles(({ cold, expectObservable }) => {
      const wake = cold('|');
      const work = (item: string) => cold('---(r|)', { r: item });
      const expected = ' ---(a|)';

      expectObservable(pull({ next: listOf('a'), wake$: wake }, work, () => 2)).toBe(expected);
    }),
  );

  it('asks no more once nobody listens, though works are done at once', () => {
    let asked = 0;
    const next = () => {
      asked += 1;
      return of(asked);
    };
    pull({ next, wake$: NEVER }, of, one).pipe(take(3)).subscribe();
    expect(asked).toBe(3);
  });

  it(
    'asks again when it is woken, and only then',
    marbles(({ hot, expectObservable, flush }) => {
      let asked = 0;
      const next = () => {
        asked += 1;
        return asked === 3 ? of('a') : EMPTY;
      };
      const wake = hot('-----w--w-----|');
      const expected = '--------a-----|';

      expectObservable(pull({ next, wake$: wake }, of, one)).toBe(expected);
      flush();
      expect(asked).toBe(4); // at first, twice woken, and after the work
    }),
  );

  it(
    'waits for a feed that takes its time, and asks again when it was woken meanwhile',
    marbles(({ cold, hot, expectObservable }) => {
      const answers = [cold('---|'), cold('--(a|)', { a: 'a' })];
      const next = () => answers.shift() ?? EMPTY;
      const wake = hot('-w----|');
      const expected = '-----a|';

      expectObservable(pull({ next, wake$: wake }, of, one)).toBe(expected);
    }),
  );

  it(
    'passes an error of the feed, of a work and of what wakes it',
    marbles(({ cold, expectObservable }) => {
      const next = listOf('a');
      expectObservable(pull({ next: () => cold<string>('-#'), wake$: NEVER }, of, one)).toBe('-#');
      expectObservable(pull({ next, wake$: NEVER }, () => cold('--#'), one)).toBe('--#');
      expectObservable(pull({ next: () => EMPTY, wake$: cold('---#') }, of, one)).toBe('---#');
    }),
  );

  it(
    'never ends while it can be woken, and releases everything',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const wake = cold('-');
      const work = cold('-');
      const unsub = '    ^----!';

      expectObservable(
        pull({ next: listOf('a'), wake$: wake }, () => work, one),
        unsub,
      ).toBe('-');
      expectSubscriptions(wake.subscriptions).toBe(unsub);
      expectSubscriptions(work.subscriptions).toBe(unsub);
    }),
  );

  it('does any number of works that are done at once', () => {
    let left = 100_000;
    const next = () => {
      left -= 1;
      return left >= 0 ? of(left) : EMPTY;
    };
    expect(emittedBy(() => pull({ next, wake$: EMPTY }, of, one))).toHaveLength(100_000);
  });

  it('may be woken by its own work', () => {
    const wake$ = new Subject<void>();
    const items = ['a'];
    const next = () => (items.length > 0 ? of(items.shift() ?? '') : EMPTY);
    const done: string[] = [];
    pull(
      { next, wake$ },
      (item) => {
        if (item === 'a') items.push('b');
        wake$.next();
        return of(item);
      },
      one,
    ).subscribe((item) => done.push(item));
    expect(done).toEqual(['a', 'b']);
  });
});
