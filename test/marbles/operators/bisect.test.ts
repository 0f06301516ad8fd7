import fc from 'fast-check';
import { type Observable, of } from 'rxjs';
import type { DeliveryError, Outcome } from '../../../src/model/outcome.ts';
import { bisect } from '../../../src/operators/bisect.ts';
import { emittedBy, marbles } from '../../support/marbles.ts';

const bad: DeliveryError = { _tag: 'Permanent', reason: 'a bad row', blames: 'rows' };
const down: DeliveryError = { _tag: 'Transient', reason: 'HTTP 503' };

const delivered = (item: string): Outcome<string, string> => ({
  _tag: 'Delivered',
  sink: 'test',
  item,
  receipt: item,
  attempts: 1,
  latencyMs: 0,
});
const dead = (item: string, error: DeliveryError): Outcome<string, string> => ({
  _tag: 'DeadLetter',
  sink: 'test',
  item,
  attempts: 1,
  error,
  firstAttemptAt: 0,
  failedAt: 0,
});
const halves = (item: string): ReadonlyArray<string> => {
  const middle = Math.ceil(item.length / 2);
  return item.length < 2 ? [] : [item.slice(0, middle), item.slice(middle)];
};
const policy = {
  divide: halves,
  maxParts: ({ blames }: DeliveryError) => (blames === 'rows' ? 64 : 0),
};
/** What holds an x is refused. */
const judged = (item: string) => (item.includes('x') ? dead(item, bad) : delivered(item));

describe('bisect', () => {
  it(
    'mirrors an attempt that succeeds, and one that fails without blaming parts',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const good = cold('--(r|)', { r: delivered('ab') });
      const subs = '     ^-!';
      const failing = cold('-(r|)', { r: dead('ab', down) });

      expectObservable(bisect(() => good, policy)('ab')).toBe('--(r|)', { r: delivered('ab') });
      expectObservable(bisect(() => failing, policy)('ab')).toBe('-(r|)', {
        r: dead('ab', down),
      });
      expectSubscriptions(good.subscriptions).toBe(subs);
    }),
  );

  it(
    'divides until the bad row stands alone, one attempt after the other, in order',
    marbles(({ cold, expectObservable }) => {
      const attempt = (item: string) => cold('-(r|)', { r: judged(item) });
      //                1: abcx, 2: ab, 3: cx, 4: c, 5: x
      const expected = '--a-b(c|)';

      expectObservable(bisect(attempt, policy)('abcx')).toBe(expected, {
        a: delivered('ab'),
        b: delivered('c'),
        c: dead('x', bad),
      });
    }),
  );

  it(
    'tries exactly as many parts as it may',
    marbles(({ cold, expectObservable }) => {
      const attempt = (item: string) => cold('-(r|)', { r: judged(item) });
      const within = (parts: number) =>
        bisect(attempt, { divide: halves, maxParts: () => parts })('abcx');

      expectObservable(within(1)).toBe('-(a|)', { a: dead('abcx', bad) });
      expectObservable(within(2)).toBe('--a(b|)', { a: delivered('ab'), b: dead('cx', bad) });
      expectObservable(within(4)).toBe('--a-b(c|)', {
        a: delivered('ab'),
        b: delivered('c'),
        c: dead('x', bad),
      });
    }),
  );

  it(
    'is cold, never ends what never ends, and releases it',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const attempts = { ab: cold('-(r|)', { r: dead('ab', bad) }), a: cold('-'), b: cold('-') };
      const sent$ = bisect(
        (item: string) =>
          attempts[item as keyof typeof attempts] as Observable<Outcome<string, string>>,
        { ...policy, divide: () => ['a', 'b'] },
      )('ab');
      const unsub = '^---!';
      const subs = ' -^--!';

      expectObservable(sent$, unsub).toBe('-');
      expectSubscriptions(attempts.a.subscriptions).toBe(subs);
      expectSubscriptions(attempts.b.subscriptions).toBe([]);
    }),
  );

  it(
    'passes an error of the attempt, and completes with an empty one',
    marbles(({ cold, expectObservable }) => {
      expectObservable(bisect(() => cold<never>('-#'), policy)('ab')).toBe('-#');
      expectObservable(bisect(() => cold<never>('-|'), policy)('ab')).toBe('-|');
    }),
  );

  it('loses no row, separates what it can, and keeps to its budget', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', 'x'), minLength: 1, maxLength: 300 }),
        fc.integer({ min: 0, max: 100 }),
        (item, budget) => {
          let attempts = 0;
          const attempt = (part: string) => {
            attempts += 1;
            return of(judged(part));
          };
          const outcomes = emittedBy(() =>
            bisect(attempt, { divide: halves, maxParts: () => budget })(item),
          ).map(({ value }) => value);

          expect(outcomes.map((one) => one.item).join('')).toBe(item);
          expect(attempts).toBeLessThanOrEqual(1 + budget);
          for (const one of outcomes)
            expect(one._tag).toBe(one.item.includes('x') ? 'DeadLetter' : 'Delivered');
        },
      ),
    );
  });

  it('finds one bad row among 500 in about 2 · log2(500) attempts', () => {
    let attempts = 0;
    const attempt = (part: string) => {
      attempts += 1;
      return of(judged(part));
    };
    const outcomes = emittedBy(() =>
      bisect(attempt, policy)(`${'a'.repeat(321)}x${'a'.repeat(178)}`),
    ).map(({ value }) => value);

    expect(outcomes.filter(({ _tag }) => _tag === 'DeadLetter').map(({ item }) => item)).toEqual([
      'x',
    ]);
    expect(attempts).toBeLessThanOrEqual(19);
  });
});
