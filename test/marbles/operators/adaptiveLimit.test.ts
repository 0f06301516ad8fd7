import { mergeMap, throwError, timer } from 'rxjs';
import type { DeliveryError } from '../../../src/model/outcome.ts';
import { type AdaptiveLimit, adaptiveLimit } from '../../../src/operators/adaptiveLimit.ts';
import { type Marbles, marbles } from '../../support/marbles.ts';

const failed: DeliveryError = { _tag: 'Transient', reason: 'HTTP 503' };
const refused: DeliveryError = { _tag: 'Permanent', reason: 'HTTP 400' };

/** Answers, each begun when the one before is over: after so many ms, or with an error. */
const learn = (
  { env, flush }: Marbles,
  limit: AdaptiveLimit,
  answers: ReadonlyArray<number | DeliveryError>,
): ReadonlyArray<number> => {
  const limits: number[] = [];
  const left = [...answers];
  const next = (): void => {
    const answer = left.shift();
    if (answer === undefined) return;
    const again = () => {
      limits.push(limit.current());
      next();
    };
    limit
      .observe(() =>
        typeof answer === 'number'
          ? timer(answer, env.scheduler)
          : timer(1, env.scheduler).pipe(mergeMap(() => throwError(() => answer))),
      )('item')
      .subscribe({ complete: again, error: again });
  };
  next();
  flush();
  return limits;
};
const repeated = (n: number, answer: number): ReadonlyArray<number> => Array(n).fill(answer);

describe('adaptiveLimit', () => {
  it(
    'begins with one and passes what it observes, unchanged and cold',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const limit = adaptiveLimit(8, env);
      const good = cold('--(r|)', { r: 'receipt' });
      const endless = cold('-');
      expect(limit.current()).toBe(1);
      const delivery$ = limit.observe(() => good)('item');
      expectSubscriptions(good.subscriptions).toBe('^-!');
      expectObservable(delivery$).toBe('--(r|)', { r: 'receipt' });
      expectObservable(limit.observe(() => cold('-|'))('item')).toBe('-|');
      expectObservable(limit.observe(() => cold('-#', undefined, failed))('item')).toBe(
        '-#',
        undefined,
        failed,
      );
      expectObservable(limit.observe(() => endless)('item'), '^--!').toBe('-');
      expectSubscriptions(endless.subscriptions).toBe('^--!');
    }),
  );

  it(
    'grows by one a round while answers come as fast as ever, up to the most',
    marbles((helpers) => {
      const limits = learn(helpers, adaptiveLimit(3, helpers.env), repeated(20, 100));
      expect(limits.slice(0, 4)).toEqual([2, 2, 2, 3]);
      expect(limits.at(-1)).toBe(3);
    }),
  );

  it(
    'halves at a transient failure, not at a permanent one',
    marbles((helpers) => {
      const answers = [...repeated(60, 10), refused, failed, ...repeated(1, 10), failed];
      const limits = learn(helpers, adaptiveLimit(8, helpers.env), answers).slice(60);
      expect(limits).toEqual([8, 4, 4, 2]);
    }),
  );

  it(
    'halves once for many failures of one moment',
    marbles((helpers) => {
      const limit = adaptiveLimit(8, helpers.env);
      learn(helpers, limit, repeated(60, 10));
      const answers = [failed, failed, failed];
      expect(learn(helpers, limit, answers).at(-1)).toBe(4);
    }),
  );

  it(
    'halves when an answer takes more than twice as long as usual',
    marbles((helpers) => {
      const answers = [...repeated(60, 10), 30];
      expect(learn(helpers, adaptiveLimit(8, helpers.env), answers).at(-1)).toBe(4);
    }),
  );

  it(
    'learns again what is usual: an answer that stays slow is usual in time',
    marbles((helpers) => {
      const answers = [...repeated(60, 10), ...repeated(60, 30)];
      expect(learn(helpers, adaptiveLimit(8, helpers.env), answers).at(-1)).toBe(8);
    }),
  );

  it(
    'bears an answer that takes exactly twice as long as usual',
    marbles((helpers) => {
      const answers = [...repeated(60, 10), 20, 25];
      const limits = learn(helpers, adaptiveLimit(8, helpers.env), answers).slice(60);
      // Then 12 ms are usual, and 25 are too many.
      expect(limits).toEqual([8, 4]);
    }),
  );

  it(
    'allows one delivery, however often deliveries fail',
    marbles((helpers) => {
      const limits = learn(helpers, adaptiveLimit(8, helpers.env), [failed, failed, 10, 10]);
      expect(limits).toEqual([1, 1, 2, 2]);
    }),
  );
});
