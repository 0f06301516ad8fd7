import { map, of, throwError, timer } from 'rxjs';

import type { DeliveryError } from '../../../src/model/outcome.ts';
import type { Deliver, Env } from '../../../src/model/shapes.ts';
import type { Track } from '../../../src/model/track.ts';
import { type LivePorts, liveSink, type Phones } from '../../../src/sinks/liveSink.ts';
import type { LiveOccupancy, LiveReceipt } from '../../../supabase/functions/_shared/contract.ts';
import { marbles } from '../../support/marbles.ts';

const STORE = '6f1d2c1e-5b7a-4d0e-9c3f-1a2b3c4d5e02';

const phones = (...seen: ReadonlyArray<[phone: string, zone: number | null, heard: number]>) =>
  new Map(
    seen.map(([phone_id, zone_id, heard_ts]): [string, Track] => [
      phone_id,
      { phone_id, zone_id, heard_ts, enter_ts: 0, zones: [] },
    ]),
  );

/** What was told, in short: `at entries/exits zone:visitors …`, when it was sent. */
const short = ({ at, entries, exits, zones }: LiveOccupancy): string =>
  [
    `${Date.parse(at) / 1000} +${entries} -${exits}`,
    ...zones.map(({ zone_code, visitors }) => `${zone_code}:${visitors}`),
  ].join(' ');

/** Sends by `answer`; what was sent and when is in `sent`. */
const recorder = (
  env: Env,
  answer: (nth: number) => ReturnType<Deliver<LiveOccupancy, LiveReceipt>>,
) => {
  const sent: string[] = [];
  const ports: LivePorts = {
    storeId: STORE,
    send: (live) => {
      sent.push(`${env.scheduler.now()}: ${short(live)}`);
      return answer(sent.length);
    },
  };
  return { sent, ports };
};

const OK = { live_window_seconds: 600 };
const late = (ms: number, env: Env) => timer(ms, env.scheduler).pipe(map(() => OK));
const failure = (error: DeliveryError) => throwError(() => error);

describe('liveSink', () => {
  it(
    'tells at once who is where, then what has changed',
    marbles(({ cold, env, expectObservable, flush }) => {
      const { sent, ports } = recorder(env, () => of(OK));
      const source = cold<Phones>('a 4999ms b 4999ms c 999ms |', {
        a: phones(['p', 3, 1], ['q', 3, 1], ['r', 12, 1], ['new', null, 1]),
        b: phones(['p', 3, 5], ['q', 12, 5], ['s', 1, 5]),
        c: phones(['s', 1, 5]),
      });
      const expected = '11s |';
      expectObservable(source.pipe(liveSink(ports, 5_000, env))).toBe(expected);
      flush();
      expect(sent).toEqual([
        '0: 0 +0 -0 3:2 12:1',
        '5000: 5 +1 -1 1:1 3:1 12:1',
        '10000: 10 +0 -2 1:1',
      ]);
    }),
  );

  it(
    'counts phones out in silence, and repeats itself every 15 s only',
    marbles(({ cold, env, expectObservable, flush }) => {
      const { sent, ports } = recorder(env, () => of({ live_window_seconds: 31 }));
      const source = cold<Phones>('a', { a: phones(['p', 3, 1]) });
      expectObservable(source.pipe(liveSink(ports, 5_000, env)), '^ 51s !').toBe('-');
      flush();
      expect(sent).toEqual([
        '0: 0 +0 -0 3:1',
        '15000: 15 +0 -0 3:1',
        '30000: 30 +0 -0 3:1',
        '35000: 35 +0 -1',
        '50000: 50 +0 -0',
      ]);
    }),
  );

  it(
    'leaves out what is due while a message is on its way, and says it with the next',
    marbles(({ cold, env, expectObservable, flush }) => {
      const { sent, ports } = recorder(env, (nth) => (nth === 1 ? late(7_000, env) : of(OK)));
      const source = cold<Phones>('a 4999ms b 4999ms c', {
        a: phones(['p', 3, 1]),
        b: phones(['p', 3, 1], ['q', 3, 5]),
        c: phones(['p', 3, 1], ['q', 3, 5], ['r', 3, 10]),
      });
      expectObservable(source.pipe(liveSink(ports, 5_000, env)), '^ 12s !').toBe('-');
      flush();
      expect(sent).toEqual(['0: 0 +0 -0 3:1', '10000: 10 +2 -0 3:3']);
    }),
  );

  it(
    'pauses after a failure, longer each time, and counts from what was told last',
    marbles(({ cold, env, expectObservable, flush }) => {
      const logged: unknown[] = [];
      const quiet: Env = { ...env, random: () => 1 - 1e-9, log: (event) => logged.push(event) };
      const down: DeliveryError = { _tag: 'Transient', reason: 'no answer in time' };
      const { sent, ports } = recorder(env, (nth) =>
        nth === 2 || nth === 3 ? failure(down) : of(OK),
      );
      const source = cold<Phones>('a 4999ms b', {
        a: phones(['p', 3, 1]),
        b: phones(['p', 3, 1], ['q', 3, 5]),
      });
      expectObservable(source.pipe(liveSink(ports, 5_000, quiet)), '^ 31s !').toBe('-');
      flush();
      expect(sent.map((line) => line.split(':')[0])).toEqual(['0', '5000', '10000', '20000']);
      expect(sent.at(-1)).toBe('20000: 20 +1 -0 3:2');
      expect(logged).toEqual([
        expect.objectContaining({ level: 'warn', event: 'live count not told', failures: 1 }),
        expect.objectContaining({ level: 'debug', failures: 2 }),
      ]);
    }),
  );

  it(
    'waits as long as it is asked to, and over five minutes where only a person can help',
    marbles(({ cold, env, expectObservable, flush }) => {
      const { sent, ports } = recorder(env, (nth) =>
        nth === 1
          ? failure({ _tag: 'Transient', reason: '429', retryAfterMs: 62_000 })
          : failure({ _tag: 'Misconfigured', reason: 'unauthorized' }),
      );
      const source = cold<Phones>('a', { a: phones(['p', 3, 1]) });
      expectObservable(source.pipe(liveSink(ports, 5_000, env)), '^ 400s !').toBe('-');
      flush();
      expect(sent.map((line) => line.split(':')[0])).toEqual(['0', '65000', '370000']);
    }),
  );

  it(
    'ends with its source at once, errors with it, and lets go of a message when unsubscribed',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const answer = cold<LiveReceipt>('-');
      const { ports } = recorder(env, () => answer);
      const tell = (source: string) =>
        cold<Phones>(source, { a: phones(['p', 3, 1]) }).pipe(liveSink(ports, 5_000, env));
      expectObservable(tell('|')).toBe('|');
      expectObservable(tell('a 2s |')).toBe('2001ms |');
      expectObservable(tell('a 3s #')).toBe('3001ms #');
      expectObservable(tell('a 9s'), '^ 4s !').toBe('-');
      expectSubscriptions(answer.subscriptions).toBe(['^ 2000ms !', '^ 3000ms !', '^ 4s !']);
    }),
  );

  it(
    'does not hold up a stop by a pause',
    marbles(({ cold, env, expectObservable }) => {
      const { ports } = recorder(env, () =>
        failure({ _tag: 'Misconfigured', reason: 'unauthorized' }),
      );
      const source = cold<Phones>('a 2s |', { a: phones(['p', 3, 1]) });
      expectObservable(source.pipe(liveSink(ports, 5_000, env))).toBe('2001ms |');
    }),
  );
});
