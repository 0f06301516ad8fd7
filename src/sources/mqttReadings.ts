import { either as E } from 'fp-ts';
import {
  BehaviorSubject,
  defer,
  finalize,
  type MonoTypeOperatorFunction,
  Observable,
  type OperatorFunction,
  retry,
  throwError,
  timer,
} from 'rxjs';
import { backoffDelayMs } from '../model/backoff.ts';
import type { ConnectionStatus } from '../model/connection.ts';
import type { Signal } from '../model/heard.ts';
import type { Message } from '../model/message.ts';
import type { Rejected } from '../model/rejected.ts';
import type { RetryPolicy, Source } from '../model/shapes.ts';
import type { Decode } from './formats/format.ts';
import { decodeNative } from './formats/native.ts';
import { type ConnectionEnd, endOf, rivalWatch } from './mqttConnectionEnd.ts';
import type { MqttOptions, MqttPorts } from './mqttOptions.ts';
import { mqttSession } from './mqttSession.ts';
import { rollCall } from './rollCall.ts';

export interface MqttReadingsOptions extends MqttOptions {
  readonly retry: Pick<RetryPolicy, 'initialDelayMs' | 'maxDelayMs'>;
  /** One decoder per wire format, see formats/; the native one when left out. */
  readonly decode?: Decode;
}

export interface MqttReadings {
  readonly readings$: Source<Signal>;
  /** The present state first, then every change. Closed before the first subscription. */
  readonly status$: Observable<ConnectionStatus>;
}

type Report = (status: ConnectionStatus) => void;

/** Comebacks after which a rival for our client id is taken for no pipeline that would give way. */
const ROUNDS = 4;

/**
 * Until the next try, ms: a lost connection backs off from the beginning; what a person has to mend
 * is asked about slowly from the first time on, a rival for our client id when both have come back
 * often enough to know who was there first.
 */
const waitMs = (
  end: ConnectionEnd,
  failures: number,
  policy: MqttReadingsOptions['retry'],
  random: () => number,
): number =>
  end._tag === 'Refused' || (end._tag === 'TakenOver' && failures > ROUNDS)
    ? Math.round((policy.maxDelayMs * (1 + random())) / 2)
    : backoffDelayMs(policy, failures, random);

/** Connects again, for ever, unless we are one too many. Only a connection that outlasted the longest wait counts as a success. */
const reconnect = (
  options: MqttReadingsOptions,
  ports: MqttPorts,
  report: Report,
): MonoTypeOperatorFunction<Message> => {
  const suspectRival = rivalWatch(options.clientId, options.retry.maxDelayMs);
  let failures = 0;
  return retry({
    delay: (thrown: unknown) => {
      const end = suspectRival(endOf(thrown, options.protocolVersion));
      if (end._tag === 'Second') {
        report({ _tag: 'Closed' });
        return throwError(() => new Error(end.reason));
      }
      failures = end.lastedMs >= options.retry.maxDelayMs ? 1 : failures + 1;
      const retryInMs = waitMs(end, failures, options.retry, ports.random);
      report({ _tag: 'Waiting', retryInMs, reason: end.reason });
      return timer(retryInMs, ports.scheduler);
    },
  });
};

/** What a message holds; its last part carries the message's acknowledgement. */
const decodeWith =
  (decode: Decode): Decode =>
  (message) => {
    const decoded = decode(message);
    const { acknowledge } = message;
    const last = decoded.at(-1);
    if (acknowledge === undefined) return decoded;
    if (last === undefined) {
      acknowledge();
      return decoded;
    }
    const carrier = E.bimap(
      (rejected: Rejected): Rejected => ({ ...rejected, acknowledge }),
      (signal: Signal): Signal => ({ ...signal, acknowledge }),
    )(last);
    return [...decoded.slice(0, -1), carrier];
  };

/** As mergeMap of arrays, without an Observable for each of them. */
const flatten =
  <A, B>(parts: (item: A) => ReadonlyArray<B>): OperatorFunction<A, B> =>
  (items$) =>
    new Observable((subscriber) =>
      items$.subscribe({
        next: (item) => {
          for (const part of parts(item)) subscriber.next(part);
        },
        error: (problem: unknown) => subscriber.error(problem),
        complete: () => subscriber.complete(),
      }),
    );

/**
 * Readings from an MQTT broker, at QoS 1 out of a session that the broker keeps while we are away.
 *
 * Cold: subscribing connects, unsubscribing says offline, disconnects and lets status$ end in
 * Closed. Whoever listens calls `acknowledge` where it comes along, when all before it is safe: until
 * then the broker keeps the message, and beyond a bound it has to hold back.
 * One subscription at a time. readings$ never completes, and errors in one case: when a pipeline that
 * began before us holds the same client id. A broker that is down, refuses us or goes away is waited
 * for with back-off and full jitter, visibly in status$. status$ neither completes nor errors.
 *
 * @example
 * const { readings$, status$ } = mqttReadings(options, { connect, scheduler, random, now: Date.now });
 */
export const mqttReadings = (options: MqttReadingsOptions, ports: MqttPorts): MqttReadings => {
  const status = new BehaviorSubject<ConnectionStatus>({ _tag: 'Closed' });
  const report: Report = (next) => status.next(next);
  const decode = options.decode ?? ((message: Message) => decodeNative(message));
  const readings$ = defer(() => {
    const instance = Math.floor(ports.random() * 2 ** 48).toString(36);
    const roll = rollCall(options.clientId, instance, ports.now() / 1000);
    return mqttSession(options, ports, roll, report).pipe(
      reconnect(options, ports, report),
      flatten(decodeWith(decode)),
    );
  }).pipe(
    finalize(() => {
      // An open connection reports its own end, after its goodbye; while waiting there is none.
      if (status.value._tag === 'Waiting') report({ _tag: 'Closed' });
    }),
  );
  return { readings$, status$: status.asObservable() };
};
