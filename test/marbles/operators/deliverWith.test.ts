import { of } from 'rxjs';
import type { DeadLetter, Delivered, DeliveryError } from '../../../src/model/outcome.ts';
import type { Deliver } from '../../../src/model/shapes.ts';
import { deliverWith } from '../../../src/operators/deliverWith.ts';
import { marbles } from '../../support/marbles.ts';

const policy = { maxRetries: 2, initialDelayMs: 500, maxDelayMs: 10_000 };
const failed: DeliveryError = { _tag: 'Transient', reason: 'HTTP 500', status: 500 };
const refused: DeliveryError = { _tag: 'Permanent', reason: 'HTTP 400', status: 400 };

const delivered = (item: string, attempts: number, latencyMs: number): Delivered<string> => ({
  _tag: 'Delivered',
  sink: 'test',
  item,
  receipt: `receipt of ${item}`,
  attempts,
  latencyMs,
});
const dead = (
  item: string,
  attempts: number,
  error: DeliveryError,
  firstAttemptAt: number,
  failedAt: number,
): DeadLetter<string> => ({
  _tag: 'DeadLetter',
  sink: 'test',
  item,
  attempts,
  error,
  firstAttemptAt,
  failedAt,
});

const untagged = ({ _tag, ...details }: DeliveryError) => details;

describe('deliverWith', () => {
  it(
    'emits nothing for an empty source',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold<string>('|');
      const subs = '               (^!)';
      const expected = '           |';

      expectObservable(source.pipe(deliverWith('test', of, policy, env))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'delivers one item at a time and completes when the last one is settled',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const port: Deliver<string, string> = (item) =>
        cold('      -----(r|)', { r: `receipt of ${item}` });
      const source = cold('ab|');
      const subs = '       ^-!';
      const expected = '   -----x----(y|)';
      const values = { x: delivered('a', 1, 5), y: delivered('b', 1, 5) };

      expectObservable(source.pipe(deliverWith('test', port, policy, env))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'has as many deliveries under way as it may, and no more',
    marbles(({ cold, env, expectObservable }) => {
      const port: Deliver<string, string> = (item) =>
        cold('      -----(r|)', { r: `receipt of ${item}` });
      const source = cold('abc|');
      const expected = '   -----xy---(z|)';
      const values = {
        x: delivered('a', 1, 5),
        y: delivered('b', 1, 5),
        z: delivered('c', 1, 5),
      };

      expectObservable(source.pipe(deliverWith('test', port, policy, env, 2))).toBe(
        expected,
        values,
      );
    }),
  );

  it(
    'counts the attempts and the whole latency of what succeeds late',
    marbles(({ cold, env, expectObservable }) => {
      const answers = ['--#', '--#', '---(r|)'];
      const port: Deliver<string, string> = (item) =>
        cold(answers.shift() ?? '', { r: `receipt of ${item}` }, failed);
      const source = cold('-a|');
      const expected = '   758ms (x|)'; // 1 + 2 + 250 + 2 + 500 + 3 ms
      const values = { x: delivered('a', 3, 757) };

      expectObservable(source.pipe(deliverWith('test', port, policy, env))).toBe(expected, values);
    }),
  );

  it(
    'makes a dead letter of what fails for good, at once or after the last try, and goes on',
    marbles(({ cold, env, expectObservable, flush }) => {
      const answers: Record<string, string> = { a: '--#', c: '--(r|)' };
      const port: Deliver<string, string> = (item) =>
        item === 'b'
          ? cold('--#', undefined, refused)
          : cold(answers[item] ?? '', { r: `receipt of ${item}` }, failed);
      const source = cold('(abc|)');
      const expected = '   756ms x-y-(z|)';
      const values = {
        x: dead('a', 3, failed, 0, 756), // 2 + 250 + 2 + 500 + 2 ms
        y: dead('b', 1, refused, 756, 758),
        z: delivered('c', 1, 2),
      };

      expectObservable(source.pipe(deliverWith('test', port, policy, env))).toBe(expected, values);
      flush();
      expect(env.logged.filter(({ event }) => event === 'delivery failed')).toEqual([
        { level: 'warn', event: 'delivery failed', sink: 'test', attempts: 3, ...untagged(failed) },
        {
          level: 'warn',
          event: 'delivery failed',
          sink: 'test',
          attempts: 1,
          ...untagged(refused),
        },
      ]);
    }),
  );

  it(
    'costs the neighbours under way nothing when one fails',
    marbles(({ cold, env, expectObservable }) => {
      const port: Deliver<string, string> = (item) =>
        item === 'a'
          ? cold('  -#', undefined, refused)
          : cold('  ----(r|)', { r: `receipt of ${item}` });
      const source = cold('(ab|)');
      const expected = '   -x--(y|)';
      const values = { x: dead('a', 1, refused, 0, 1), y: delivered('b', 1, 4) };

      expectObservable(source.pipe(deliverWith('test', port, policy, env, 2))).toBe(
        expected,
        values,
      );
    }),
  );

  it(
    'survives a port that throws instead of erroring',
    marbles(({ cold, env, expectObservable }) => {
      const port: Deliver<string, string> = () => {
        throw new Error('no such host');
      };
      const source = cold('a|');
      const expected = '   750ms (x|)';
      const error: DeliveryError = { _tag: 'Transient', reason: 'no such host' };
      const values = { x: dead('a', 3, error, 0, 750) };

      expectObservable(source.pipe(deliverWith('test', port, policy, env))).toBe(expected, values);
    }),
  );

  it(
    'emits one outcome even where a port emits several receipts',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('a|');
      const expected = '   -(x|)';
      const values = { x: delivered('a', 1, 1) };
      const port: Deliver<string, string> = () => cold('-rr-r', { r: 'receipt of a' });

      expectObservable(source.pipe(deliverWith('test', port, policy, env))).toBe(expected, values);
    }),
  );

  it(
    'passes an error of the source',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const port: Deliver<string, string> = () => cold('-----(r|)', { r: 'receipt of a' });
      const source = cold('a-#');
      const subs = '       ^-!';
      const expected = '   --#';

      expectObservable(source.pipe(deliverWith('test', port, policy, env))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'waits for a delivery that never ends, and releases it with the source',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const under = cold<string>('-');
      const source = cold('-ab');
      const unsub = '      ^ 1m !';
      const underway = '   -^ 59999ms !';
      const expected = '   -';

      expectObservable(source.pipe(deliverWith('test', () => under, policy, env)), unsub).toBe(
        expected,
      );
      expectSubscriptions(source.subscriptions).toBe(unsub);
      expectSubscriptions(under.subscriptions).toBe(underway);
    }),
  );
});
