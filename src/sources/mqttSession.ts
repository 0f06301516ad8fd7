import type { IClientOptions, MqttClient } from 'mqtt';
import { Observable, type SchedulerLike, type Subscriber, Subscription } from 'rxjs';
import type { ConnectionStatus } from '../model/connection.ts';
import type { Message } from '../model/message.ts';
import type { Acknowledge } from '../model/received.ts';
import { ACK_BOUND, type AckBound, type AckLedger, ackLedger } from './ackLedger.ts';
import { type BacklogFence, backlogFence } from './backlogFence.ts';
import {
  type ConnectionEnd,
  closedByBroker,
  endOf,
  refusedTopics,
  secondOf,
} from './mqttConnectionEnd.ts';
import type { RollCall, Speaker } from './rollCall.ts';
import { lostWord, onlineWord, stoppedWord } from './statusWord.ts';

export interface MqttOptions {
  readonly url: string;
  /** Topic filters, subscribed at QoS 1. */
  readonly topics: ReadonlyArray<string>;
  /** Stable: the broker keeps what comes in our absence under this name. */
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  /** 4 is MQTT 3.1.1, 5 is MQTT 5. */
  readonly protocolVersion: 4 | 5;
  /**
   * Where we say, retained, whether we are there: `neuralsense/pipeline/<store>/status`. Left out by
   * a guest: the broker keeps nothing for it, and it says nothing of itself.
   */
  readonly statusTopic?: string;
  readonly keepaliveSeconds: number;
  /** For mqtts:// and wss://; read anew for each connection, so a renewed certificate is taken up. */
  readonly tls?: () => TlsMaterial;
  /** How much may be received and not yet safe; {@link ACK_BOUND} when left out. */
  readonly bound?: AckBound;
}

/** PEM. `ca` vouches for the broker, `cert` and `key` for us. */
export type TlsMaterial = Pick<IClientOptions, 'ca' | 'cert' | 'key'>;

export interface MqttPorts {
  /** `mqtt.connect`; it must not open the connection by itself when told `manualConnect`. */
  readonly connect: (url: string, options: IClientOptions) => MqttClient;
  readonly scheduler: SchedulerLike;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Unix ms. */
  readonly now: () => number;
  /** There was no room for a message at QoS 0, which nobody delivers again. */
  readonly dropped?: () => void;
}

/** How long an MQTT 5 broker keeps the session of an absent pipeline. */
const SESSION_EXPIRY_SECONDS = 7 * 86_400;
const CONNACK_TIMEOUT_MS = 10_000;
/** How long the broker may take over our goodbye before the connection is cut. */
const GOODBYE_MS = 2_000;
/** How long what was received before a stop may take to become safe; what does not is sent again. */
const SETTLE_MS = 10_000;
/** MQTT 5: how many messages a broker may have under way to us. */
const RECEIVE_MAXIMUM = 10_000;

const RETAINED = { qos: 1, retain: true } as const;

/** Credentials may be part of a URL and belong into no log. */
export const withoutCredentials = (url: string): string => url.replace(/\/\/[^/]*@/, '//');

const clientOptions = (options: MqttOptions, speaker: Speaker): IClientOptions => ({
  clientId: options.clientId,
  ...(options.username === undefined ? {} : { username: options.username }),
  ...(options.password === undefined ? {} : { password: options.password }),
  protocolVersion: options.protocolVersion,
  keepalive: options.keepaliveSeconds,
  ...options.tls?.(),
  clean: options.statusTopic === undefined,
  ...(options.protocolVersion === 5
    ? {
        properties: {
          sessionExpiryInterval: options.statusTopic === undefined ? 0 : SESSION_EXPIRY_SECONDS,
          receiveMaximum: RECEIVE_MAXIMUM,
        },
      }
    : {}),
  // Trying again is the caller's: mqtt.js would do it every second for ever.
  reconnectPeriod: 0,
  connectTimeout: CONNACK_TIMEOUT_MS,
  // A resumed session delivers at once: the handlers must be there before the connection is.
  manualConnect: true,
  ...(options.statusTopic !== undefined && {
    will: {
      topic: options.statusTopic,
      payload: Buffer.from(lostWord(speaker)),
      ...RETAINED,
    },
  }),
});

const unixSeconds = (ports: MqttPorts): number => ports.now() / 1000;

type Fail = (end: ConnectionEnd) => void;

const NO_ROOM: ConnectionEnd = {
  _tag: 'Lost',
  reason: 'more came than could be saved: asking for the rest again',
  lastedMs: 0,
};

/** mqtt.js parses on after an error and sends no PUBACK: that is the ledger's. */
const UNACKNOWLEDGED = new Error('acknowledged when it is safe');

/**
 * Waits for room while the connection stands still: what comes behind fills the socket, and the broker
 * holds back. Goes on when there is some, when it takes too long, or when nobody listens any more.
 */
const awaitRoom = (
  bytes: number,
  patienceMs: number,
  ledger: AckLedger,
  subscriber: Subscriber<Message>,
  { scheduler }: Pick<MqttPorts, 'scheduler'>,
  goOn: () => void,
): void => {
  const waiting = new Subscription();
  const over = (): void => waiting.unsubscribe();
  waiting.add(ledger.whenRoom(bytes, over));
  waiting.add(scheduler.schedule(over, patienceMs));
  waiting.add(goOn);
  subscriber.add(waiting);
};

/**
 * Emits while somebody listens. What finds no room for long, or nobody, stays unacknowledged, so that
 * the broker delivers it to the next connection; the want of room asks for one as soon as there is some.
 */
const listen = (
  client: MqttClient,
  subscriber: Subscriber<Message>,
  takesWord: (topic: string, payload: Buffer) => boolean,
  isBacklog: () => boolean,
  ledger: AckLedger,
  patienceMs: number,
  ports: MqttPorts,
  fail: Fail,
): void => {
  let refusing = false;
  const refuse = (isKept: boolean): void => {
    if (!isKept) ports.dropped?.();
    if (!isKept || refusing) return;
    refusing = true;
    ledger.whenEmpty(() => fail(NO_ROOM));
  };
  client.handleMessage = ({ topic, payload, qos, messageId, retain }, done) => {
    const isKept = qos > 0;
    const proceed = (): void => (isKept ? done(UNACKNOWLEDGED) : done());
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    // After one refusal all: what comes later would overtake what is delivered again.
    const take = (): Acknowledge | undefined =>
      refusing && isKept ? undefined : ledger.take(messageId, bytes.length);
    const handOn = (acknowledge: Acknowledge | undefined): void => {
      if (acknowledge === undefined) refuse(isKept);
      else if (takesWord(topic, bytes)) acknowledge();
      else {
        const receivedAt = unixSeconds(ports);
        const message = { topic, payload: bytes, receivedAt, isRetained: retain };
        subscriber.next({ ...message, isBacklog: isBacklog(), acknowledge });
      }
      proceed();
    };
    if (subscriber.closed) return proceed();
    const acknowledge = take();
    if (acknowledge !== undefined || refusing || !isKept) return handOn(acknowledge);
    awaitRoom(bytes.length, patienceMs, ledger, subscriber, ports, () =>
      subscriber.closed ? proceed() : handOn(take()),
    );
  };
};

const watchForEnd = (client: MqttClient, options: MqttOptions, fail: Fail): void => {
  client.on('disconnect', ({ reasonCode }) => fail(closedByBroker(reasonCode, options.clientId)));
  client.on('error', (error) => fail(endOf(error, options.protocolVersion)));
  client.on('close', () => fail(closedByBroker(undefined, options.clientId)));
};

/** Subscribes on every connection, for a kept session may lack a topic that was added since. */
const subscribeTopics = (
  client: MqttClient,
  options: MqttOptions,
  fence: BacklogFence,
  fail: Fail,
  subscribed: (sessionPresent: boolean) => void,
): void => {
  client.on('connect', ({ sessionPresent }) => {
    fence.resumed(sessionPresent);
    if (options.statusTopic !== undefined)
      client.subscribe(options.statusTopic, { qos: 1 }, (error) => {
        if (error) fence.lift();
      });
    client.subscribe([...options.topics], { qos: 1 }, (error, _granted, suback) => {
      if (error) fail(refusedTopics(options.topics, suback?.granted, error));
      else subscribed(sessionPresent);
    });
  });
};

/** Says online: retained for others, and for ourselves the end of the backlog. */
const sayOnline = (
  client: MqttClient,
  options: MqttOptions,
  fence: BacklogFence,
  speaker: Speaker,
  ports: MqttPorts,
): void => {
  if (options.statusTopic === undefined) return;
  const state = onlineWord(speaker, unixSeconds(ports));
  fence.said(state);
  // Without a callback a refusal to publish would end the connection that reads.
  client.publish(options.statusTopic, state, RETAINED, (problem) => {
    if (problem) fence.lift();
  });
};

/** Says offline and disconnects; cuts the connection when the broker does not follow in time. */
const leave = (
  client: MqttClient,
  options: MqttOptions,
  speaker: Speaker,
  ports: MqttPorts,
  left: () => void,
): void => {
  // Not client.end(true): mqtt.js ignores it once a graceful end is under way.
  const deadline = ports.scheduler.schedule(() => client.stream.destroy(), GOODBYE_MS);
  client.once('close', () => {
    deadline.unsubscribe();
    left();
  });
  if (options.statusTopic === undefined) return void client.end();
  const offline = stoppedWord(speaker, unixSeconds(ports));
  client.publish(options.statusTopic, offline, RETAINED, () => client.end());
};

/** Goes on when nothing is owed any more, or when that takes too long. */
const settle = (ledger: AckLedger, ports: MqttPorts, goOn: () => void): void => {
  const deadline = ports.scheduler.schedule(goOn, SETTLE_MS);
  ledger.whenEmpty(() => {
    if (deadline.closed) return;
    deadline.unsubscribe();
    goOn();
  });
};

/**
 * One connection to the broker, from its opening to its loss: what the session brings, in order.
 *
 * Cold. Never completes; errors with a {@link ConnectionEnd} when the connection cannot be made, is
 * refused or is lost. A message is acknowledged when downstream calls its `acknowledge`. Unsubscribing
 * waits for the acknowledgements of what was emitted, leaves the retained state offline, disconnects
 * and then reports Closed.
 */
export const mqttSession = (
  options: MqttOptions,
  ports: MqttPorts,
  roll: RollCall,
  report: (status: ConnectionStatus) => void,
): Observable<Message> =>
  new Observable((subscriber) => {
    report({ _tag: 'Connecting', url: withoutCredentials(options.url) });
    const speaker = roll.begin();
    const client = ports.connect(options.url, clientOptions(options, speaker));
    let connectedAt: number | undefined;
    let lost = false;
    const fail: Fail = (end) => {
      lost = true;
      const lastedMs = connectedAt === undefined ? 0 : ports.scheduler.now() - connectedAt;
      subscriber.error({ ...end, lastedMs });
    };
    const fence = backlogFence(options.statusTopic ?? '');
    const bound = { ...ACK_BOUND, ...options.bound };
    const ledger = ackLedger(() => (client.connected ? client.stream : undefined), bound);
    const takesWord = (topic: string, payload: Buffer): boolean => {
      if (!fence.takes(topic, payload)) return false;
      const rival = roll.hears(payload.toString());
      if (rival) fail(secondOf(rival));
      return true;
    };
    listen(client, subscriber, takesWord, fence.isBacklog, ledger, bound.patienceMs, ports, fail);
    watchForEnd(client, options, fail);
    subscribeTopics(client, options, fence, fail, (sessionPresent) => {
      if (subscriber.closed) return;
      connectedAt = ports.scheduler.now();
      report({ _tag: 'Connected', sessionPresent });
      sayOnline(client, options, fence, speaker, ports);
    });
    client.connect();
    return () => {
      if (lost) return void client.end(true);
      const left = () => report({ _tag: 'Closed' });
      settle(ledger, ports, () => {
        if (client.connected) return leave(client, options, speaker, ports, left);
        client.end(true);
        left();
      });
    };
  });
