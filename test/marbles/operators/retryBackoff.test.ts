import fc from 'fast-check';
import { backoffDelayMs } from '../../../src/model/backoff.ts';
import type { DeliveryError } from '../../../src/model/outcome.ts';
import { retryBackoff } from '../../../src/operators/retryBackoff.ts';
import { marbles, testEnv } from '../../support/marbles.ts';

const policy = { maxRetries: 3, initialDelayMs: 500, maxDelayMs: 10_000 };
const failed: DeliveryError = { _tag: 'Transient', reason: 'HTTP 500', status: 500 };
const busy: DeliveryError = { _tag: 'Transient', reason: 'HTTP 429', retryAfterMs: 5_000 };
const refused: DeliveryError = { _tag: 'Permanent', reason: 'HTTP 400', status: 400 };

describe('retryBackoff', () => {
  it(
    'mirrors a source that does not fail',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('--a--b|');
      const subs = '       ^-----!';
      const expected = '   --a--b|';

      expectObservable(source.pipe(retryBackoff(policy, env))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'mirrors an empty source',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('|');
      const subs = '       (^!)';
      const expected = '   |';

      expectObservable(source.pipe(retryBackoff(policy, env))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'never ends what never ends, and releases it',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('-');
      const unsub = '      ^ 1m !';
      const expected = '   -';

      expectObservable(source.pipe(retryBackoff(policy, env)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'tries again after 500 ms, 1 s and 2 s times the random number, then passes the error',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('-#', undefined, failed);
      const subs = [
        '                  ^!',
        '            251ms ^!',
        '            752ms ^!',
        '           1753ms ^!',
      ];
      const expected = '   1754ms #';

      expectObservable(source.pipe(retryBackoff(policy, env))).toBe(expected, undefined, failed);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'never waits longer than the longest delay',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('#', undefined, failed);
      const subs = ['(^!)', '250ms (^!)', '550ms (^!)', '850ms (^!)'];
      const expected = '   850ms #';
      const capped = { ...policy, maxDelayMs: 600 };

      expectObservable(source.pipe(retryBackoff(capped, env))).toBe(expected, undefined, failed);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'draws each delay anew',
    marbles(({ cold, scheduler, expectObservable, expectSubscriptions }) => {
      const drawn = [0, 0.9, 0.1];
      const env = testEnv(scheduler, { random: () => drawn.shift() ?? 1 });
      const source = cold('#', undefined, failed);
      const subs = ['(^!)', '(^!)', '900ms (^!)', '1100ms (^!)'];
      const expected = '   1100ms #';

      expectObservable(source.pipe(retryBackoff(policy, env))).toBe(expected, undefined, failed);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'waits as long as the receiver asks, and then its own back-off, so that not all come at once',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('#', undefined, busy);
      const subs = ['(^!)', '5250ms (^!)', '10750ms (^!)', '16250ms (^!)'];
      const expected = '   16250ms #';
      const capped = { ...policy, maxDelayMs: 1_000 };

      expectObservable(source.pipe(retryBackoff(capped, env))).toBe(expected, undefined, busy);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'draws the back-off also where the receiver asks for little',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const hasty = { ...busy, retryAfterMs: 100 };
      const source = cold('#', undefined, hasty);
      const subs = ['(^!)', '350ms (^!)'];
      const expected = '   350ms #';
      const once = { ...policy, maxRetries: 1 };

      expectObservable(source.pipe(retryBackoff(once, env))).toBe(expected, undefined, hasty);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'waits five minutes at most, whatever the receiver asks for',
    marbles(({ cold, env, expectObservable }) => {
      const endless = { ...busy, retryAfterMs: 2 ** 31 };
      const source = cold('#', undefined, endless);
      const once = { ...policy, maxRetries: 1 };

      expectObservable(source.pipe(retryBackoff(once, env))).toBe('300250ms #', undefined, endless);
    }),
  );

  it(
    'does not try a permanent error again',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('--#', undefined, refused);
      const subs = '       ^-!';
      const expected = '   --#';

      expectObservable(source.pipe(retryBackoff(policy, env))).toBe(expected, undefined, refused);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'takes what it does not understand for a passing fault',
    marbles(({ cold, env, expectObservable, expectSubscriptions, flush }) => {
      const source = cold('#', undefined, new Error('socket hang up'));
      const subs = ['(^!)', '250ms (^!)'];
      const expected = '   250ms #';
      const once = { ...policy, maxRetries: 1 };

      expectObservable(source.pipe(retryBackoff(once, env))).toBe(
        expected,
        undefined,
        new Error('socket hang up'),
      );
      expectSubscriptions(source.subscriptions).toBe(subs);
      flush();
      expect(env.logged).toEqual([
        { level: 'warn', event: 'delivery retried', reason: 'socket hang up', delayMs: 250 },
      ]);
    }),
  );

  it(
    'tries no more after an unsubscription during a delay',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold('#', undefined, failed);
      const unsub = '      ^ 299ms !';
      const subs = ['(^!)', '250ms (^!)'];
      const expected = '   -';

      expectObservable(source.pipe(retryBackoff(policy, env)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );
});

describe('backoffDelayMs', () => {
  it('is within 0…min(max, initial · 2^(attempt − 1)) and spans that whole range', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, drawn) => {
          const bound = Math.min(policy.maxDelayMs, policy.initialDelayMs * 2 ** (attempt - 1));
          const delayMs = backoffDelayMs(policy, attempt, () => drawn);

          expect(delayMs).toBe(Math.round(bound * drawn));
          expect(delayMs).toBeLessThanOrEqual(bound);
        },
      ),
    );
  });
});
