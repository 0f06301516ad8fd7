import { defer, mergeMap, NEVER, of, throwError, timer } from 'rxjs';
import type { DeliveryError } from '../../../src/model/outcome.ts';
import { circuitBreaker } from '../../../src/operators/circuitBreaker.ts';
import { type Marbles, marbles } from '../../support/marbles.ts';

const policy = { failures: 2, initialDelayMs: 1_000, maxDelayMs: 4_000, parkedMs: 60_000 };
const failed: DeliveryError = { _tag: 'Transient', reason: 'HTTP 503', status: 503 };
const busy: DeliveryError = { ...failed, retryAfterMs: 7_000 };
const refused: DeliveryError = { _tag: 'Permanent', reason: 'HTTP 400', status: 400 };
const wrongToken: DeliveryError = {
  _tag: 'Misconfigured',
  reason: 'HTTP 401',
  status: 401,
  advice: 'npm run token',
};

/** A breaker whose deliveries take 1 ms and meet these faults in order, then none. */
const broken = (
  { cold, env }: Marbles,
  faults: ReadonlyArray<DeliveryError | undefined>,
  probes: ReadonlyArray<DeliveryError | undefined> = [],
) => {
  const left = [...faults];
  const probesLeft = [...probes];
  const sent: Array<[string, number]> = [];
  const probedAt: number[] = [];
  const probe = defer(() => {
    probedAt.push(env.scheduler.now());
    const fault = probesLeft.shift();
    return fault ? throwError(() => fault) : of('alive');
  });
  const breaker = circuitBreaker('test', probe, policy, env);
  const deliver = breaker.guard((item: string) =>
    defer(() => {
      sent.push([item, env.scheduler.now()]);
      const fault = left.shift();
      return fault ? cold<string>('-#', undefined, fault) : cold('-(r|)', { r: item });
    }),
  );
  const at = (ms: number, item: string) =>
    timer(ms, env.scheduler).pipe(mergeMap(() => deliver(item)));
  return { ...breaker, deliver, at, sent, probedAt };
};

describe('circuitBreaker', () => {
  it(
    'is not there while the path works, and not before the first delivery',
    marbles((helpers) => {
      const { expectObservable, flush } = helpers;
      const { deliver, path$, probedAt } = broken(helpers, []);

      expectObservable(deliver('a')).toBe('-(r|)', { r: 'a' });
      expectObservable(path$, '^---!').toBe('c', { c: { _tag: 'Closed' } });
      flush();
      expect(probedAt).toEqual([]);
    }),
  );

  it(
    'lets failures pass, and holds what comes after as many in a row as it may bear',
    marbles((helpers) => {
      const { expectObservable, flush } = helpers;
      const { at, path$, sent, probedAt } = broken(helpers, [failed, failed]);

      expectObservable(at(0, 'a')).toBe('-#', undefined, failed);
      expectObservable(at(2, 'b')).toBe('---#', undefined, failed);
      // Open from 3 ms on: half of a second (full jitter) until the probe, which passes.
      expectObservable(at(5, 'c')).toBe('504ms (r|)', { r: 'c' });
      expectObservable(path$, '^ 1s !').toBe('c--o 499ms hd', {
        c: { _tag: 'Closed' },
        o: { _tag: 'Open', reason: 'HTTP 503', retryAt: 503 },
        h: { _tag: 'HalfOpen' },
        d: { _tag: 'Closed' },
      });
      flush();
      expect(sent.map(([item]) => item)).toEqual(['a', 'b', 'c']);
      expect(probedAt).toEqual([503]);
    }),
  );

  it(
    'counts failures in a row: a success, or a refusal that is an answer, begins anew',
    marbles((helpers) => {
      const { expectObservable, flush } = helpers;
      const { at, path$ } = broken(helpers, [failed, undefined, failed, refused, failed]);

      expectObservable(at(0, 'a')).toBe(' -#', undefined, failed);
      expectObservable(at(10, 'b')).toBe('11ms (r|)', { r: 'b' });
      expectObservable(at(20, 'c')).toBe('21ms #', undefined, failed);
      expectObservable(at(30, 'd')).toBe('31ms #', undefined, refused);
      expectObservable(at(40, 'e')).toBe('41ms #', undefined, failed);
      expectObservable(path$, '^ 1s !').toBe('c', { c: { _tag: 'Closed' } });
      flush();
    }),
  );

  it(
    'probes at growing intervals, up to the longest, and sends nothing else meanwhile',
    marbles((helpers) => {
      const { expectObservable, flush } = helpers;
      const { at, sent, probedAt } = broken(
        helpers,
        [failed, failed],
        [failed, failed, failed, failed],
      );

      expectObservable(at(0, 'a')).toBe('-#', undefined, failed);
      expectObservable(at(0, 'b')).toBe('-#', undefined, failed);
      // 0.5 + 1 + 2 + 2 + 2 s: half of 1, 2, 4, 4, 4.
      expectObservable(at(2, 'c')).toBe('7502ms (r|)', { r: 'c' });
      flush();
      expect(probedAt).toEqual([501, 1_501, 3_501, 5_501, 7_501]);
      expect(sent).toHaveLength(3);
    }),
  );

  it(
    'tries one delivery when the probe passes: the others wait for what becomes of it',
    marbles((helpers) => {
      const { expectObservable, flush } = helpers;
      const { at, sent } = broken(helpers, [failed, failed, failed]);

      expectObservable(at(0, 'a')).toBe('-#', undefined, failed);
      expectObservable(at(0, 'b')).toBe('-#', undefined, failed);
      expectObservable(at(2, 'c')).toBe(' 502ms #', undefined, failed);
      // Open again at 502 ms, for half of two seconds.
      expectObservable(at(2, 'd')).toBe('1503ms (r|)', { r: 'd' });
      expectObservable(at(2, 'e')).toBe('1504ms (r|)', { r: 'e' });
      flush();
      expect(sent).toEqual([
        ['a', 0],
        ['b', 0],
        ['c', 501],
        ['d', 1_502],
        ['e', 1_503],
      ]);
    }),
  );

  it(
    'goes on with another delivery where the one that was tried is given up',
    marbles((helpers) => {
      const { env, expectObservable } = helpers;
      const { guard } = circuitBreaker('test', of(true), { ...policy, failures: 1 }, env);
      const answers: Record<string, ReturnType<typeof helpers.cold<string>>> = {
        a: helpers.cold<string>('-#', undefined, failed),
        b: helpers.cold<string>('-'),
        c: helpers.cold('-(r|)', { r: 'c' }),
      };
      const deliver = guard((item: string) => answers[item] ?? NEVER);
      const later = (item: string) => timer(10, env.scheduler).pipe(mergeMap(() => deliver(item)));

      expectObservable(deliver('a')).toBe('-#', undefined, failed);
      expectObservable(later('b'), '^ 600ms !').toBe('-');
      expectObservable(later('c')).toBe('602ms (r|)', { r: 'c' });
    }),
  );

  it(
    'gives the receiver the patience that it asks for, at once',
    marbles((helpers) => {
      const { expectObservable } = helpers;
      const { at } = broken(helpers, [busy]);

      expectObservable(at(0, 'a')).toBe('-#', undefined, busy);
      expectObservable(at(10, 'b')).toBe('7502ms (r|)', { r: 'b' });
    }),
  );

  it(
    'parks deliveries while a setting is wrong, says so aloud, and goes on when it is mended',
    marbles((helpers) => {
      const { env, expectObservable, flush } = helpers;
      const { at, path$, sent, probedAt } = broken(helpers, [wrongToken], [wrongToken]);

      // No error: the delivery waits, like the one behind it.
      expectObservable(at(0, 'a')).toBe(' 2m 2ms (r|)', { r: 'a' });
      expectObservable(at(10, 'b')).toBe('2m 3ms (r|)', { r: 'b' });
      expectObservable(path$, '^ 3m !').toBe('cp 59999ms q 59999ms hd', {
        c: { _tag: 'Closed' },
        p: { _tag: 'Parked', reason: 'HTTP 401', advice: 'npm run token', retryAt: 60_001 },
        q: { _tag: 'Parked', reason: 'HTTP 401', advice: 'npm run token', retryAt: 120_001 },
        h: { _tag: 'HalfOpen' },
        d: { _tag: 'Closed' },
      });
      flush();
      expect(sent.map(([item]) => item)).toEqual(['a', 'a', 'b']);
      expect(probedAt).toEqual([60_001, 120_001]);
      expect(env.logged.filter(({ level }) => level === 'error')).toEqual(
        Array(2).fill(expect.objectContaining({ event: 'path parked', advice: 'npm run token' })),
      );
    }),
  );

  it(
    'waits no longer than the first time when it opens once more after it was closed',
    marbles((helpers) => {
      const { expectObservable, flush } = helpers;
      const faults = [failed, failed, undefined, failed, failed];
      const { at, probedAt } = broken(helpers, faults, [failed]);

      expectObservable(at(0, 'a')).toBe('-#', undefined, failed);
      expectObservable(at(0, 'b')).toBe('-#', undefined, failed);
      // Half of one second, then of two.
      expectObservable(at(2, 'c')).toBe('1502ms (r|)', { r: 'c' });
      expectObservable(at(2_000, 'd')).toBe('2001ms #', undefined, failed);
      expectObservable(at(2_000, 'e')).toBe('2001ms #', undefined, failed);
      expectObservable(at(2_002, 'f')).toBe('2502ms (r|)', { r: 'f' });
      flush();
      expect(probedAt).toEqual([501, 1_501, 2_501]);
    }),
  );

  it(
    'takes a refusal without a status for no answer: nobody was asked',
    marbles((helpers) => {
      const { expectObservable, flush } = helpers;
      const tooLarge: DeliveryError = { _tag: 'Permanent', reason: 'too large' };
      const { at, path$ } = broken(helpers, [failed, tooLarge, failed]);

      expectObservable(at(0, 'a')).toBe(' -#', undefined, failed);
      expectObservable(at(10, 'b')).toBe('11ms #', undefined, tooLarge);
      // The second failure in a row all the same.
      expectObservable(at(20, 'c')).toBe('21ms #', undefined, failed);
      expectObservable(path$, '^ 100ms !').toBe('c 20ms o', {
        c: { _tag: 'Closed' },
        o: expect.objectContaining({ _tag: 'Open' }),
      });
      flush();
    }),
  );

  it(
    'learns nothing from deliveries that began before it opened, and fail like those that opened it',
    marbles((helpers) => {
      const { expectObservable, flush } = helpers;
      const { at, path$, probedAt } = broken(helpers, [failed, failed, failed, failed]);

      for (const item of ['a', 'b', 'c', 'd'])
        expectObservable(at(0, item)).toBe('-#', undefined, failed);
      expectObservable(at(2, 'e')).toBe('502ms (r|)', { r: 'e' });
      expectObservable(path$, '^ 100ms !').toBe('co', {
        c: { _tag: 'Closed' },
        o: { _tag: 'Open', reason: 'HTTP 503', retryAt: 501 },
      });
      flush();
      expect(probedAt).toEqual([501]);
      expect(helpers.env.logged.map(({ event }) => event)).toEqual(['path opened', 'path closed']);
    }),
  );

  it(
    'says once of deliveries that were under way together that a setting is wrong',
    marbles((helpers) => {
      const { env, expectObservable, flush } = helpers;
      const { at } = broken(helpers, [wrongToken, wrongToken, wrongToken]);

      for (const item of ['a', 'b', 'c']) expectObservable(at(0, item), '^ 50s !').toBe('-');
      flush();
      expect(env.logged.map(({ event }) => event)).toEqual(['path parked']);
    }),
  );

  it(
    'has nothing running while nobody waits',
    marbles((helpers) => {
      const { expectObservable, flush } = helpers;
      const { at, probedAt } = broken(helpers, [failed, failed]);

      expectObservable(at(0, 'a')).toBe('-#', undefined, failed);
      expectObservable(at(0, 'b')).toBe('-#', undefined, failed);
      expectObservable(at(10, 'c'), '^ 100ms !').toBe('-');
      expectObservable(at(9_000, 'd')).toBe('9001ms (r|)', { r: 'd' });
      flush();
      expect(probedAt).toEqual([9_000]);
    }),
  );

  it(
    'learns from a delivery that began before the path opened',
    marbles((helpers) => {
      const { cold, env, expectObservable } = helpers;
      const { guard } = circuitBreaker('test', NEVER, { ...policy, failures: 1 }, env);
      const answers: Record<string, ReturnType<typeof cold<string>>> = {
        a: cold<string>('-#', undefined, failed),
        b: cold('---(r|)', { r: 'b' }),
        c: cold('-(r|)', { r: 'c' }),
      };
      const deliver = guard((item: string) => answers[item] ?? NEVER);

      expectObservable(deliver('a')).toBe('-#', undefined, failed);
      expectObservable(deliver('b')).toBe('---(r|)', { r: 'b' });
      // The path was open from 1 ms to 3 ms.
      expectObservable(timer(2, env.scheduler).pipe(mergeMap(() => deliver('c'))), '^ 50ms !').toBe(
        '----r'.replace('r', '(r|)'),
        { r: 'c' },
      );
    }),
  );
});
