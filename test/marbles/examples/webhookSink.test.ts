import { type Presence, webhookSink } from '../../../examples/webhookSink.ts';
import type { Assignment } from '../../../src/model/assignment.ts';
import type { DeliveryError } from '../../../src/model/outcome.ts';
import type { Deliver } from '../../../src/model/shapes.ts';
import { marbles } from '../../support/marbles.ts';
import { assignment } from '../../support/readings.ts';

type Post = Deliver<ReadonlyArray<Presence>>;

const busy: DeliveryError = { _tag: 'Transient', reason: 'HTTP 503', status: 503 };
const gone: DeliveryError = { _tag: 'Permanent', reason: 'HTTP 410', status: 410 };
const values = { a: assignment(1, 7), b: assignment(2, 8) };
const seven: Presence = { zone_id: 7, ts: 1, confidence: 0.85 };
const eight: Presence = { zone_id: 8, ts: 2, confidence: 0.85 };

const delivered = (item: ReadonlyArray<Presence>, attempts: number, latencyMs: number) => ({
  _tag: 'Delivered',
  sink: 'webhook',
  item,
  receipt: undefined,
  attempts,
  latencyMs,
});

describe('webhookSink', () => {
  it(
    'posts nothing for an empty source',
    marbles(({ cold, env, expectObservable }) => {
      const post: Post = () => cold('#');
      const source = cold<Assignment>('|');
      const expected = '               |';

      expectObservable(source.pipe(webhookSink(post, env))).toBe(expected);
    }),
  );

  it(
    'posts what came in ten seconds, without saying who',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const post: Post = () => cold('--(r|)', { r: undefined });
      const source = cold('a 3s b', values);
      const unsub = '      ^ 1m !';
      const expected = '   10002ms x';

      expectObservable(source.pipe(webhookSink(post, env)), unsub).toBe(expected, {
        x: delivered([seven, eight], 1, 2),
      });
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'tries again where that can help, and posts what is left on completion',
    marbles(({ cold, env, expectObservable }) => {
      const answers = ['#', '(r|)'];
      const post: Post = () => cold(answers.shift() ?? '', { r: undefined }, busy);
      const source = cold('a|', values);
      const expected = '   - 250ms (x|)';

      expectObservable(source.pipe(webhookSink(post, env))).toBe(expected, {
        x: delivered([seven], 2, 250),
      });
    }),
  );

  it(
    'makes a dead letter of what is refused for good, and goes on',
    marbles(({ cold, env, expectObservable }) => {
      const answers = ['#', '(r|)'];
      const post: Post = () => cold(answers.shift() ?? '', { r: undefined }, gone);
      const source = cold('a 15s b|', values);
      const expected = '   10s x 5001ms (y|)';

      expectObservable(source.pipe(webhookSink(post, env))).toBe(expected, {
        x: {
          _tag: 'DeadLetter',
          sink: 'webhook',
          item: [seven],
          attempts: 1,
          error: gone,
          firstAttemptAt: 10_000,
          failedAt: 10_000,
        },
        y: delivered([eight], 1, 0),
      });
    }),
  );
});
