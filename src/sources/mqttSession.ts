import type { IClientOptions, MqttClient } from 'mqtt';
import { Observable, type SchedulerLike, type Subscriber } from 'rxjs';
import type { ConnectionStatus } from '../model/connection.ts';
import type { Message } from '../model/message.ts';
import { type BacklogFence, backlogFence } from './backlogFence.ts';
import { type ConnectionEnd, closedByBroker, endOf, refusedTopics } from './mqttConnectionEnd.ts';

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
  /** Where the retained `{"state":"online"|"offline"}` goes, `neuralsense/pipeline/<store>/status`. */
  readonly statusTopic: string;
  readonly keepaliveSeconds: number;
  /** For mqtts:// and wss://; read anew for each connection, so a renewed certificate is taken up. */
  readonly tls?: () => TlsMaterial;
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
}

/** How long an MQTT 5 broker keeps the session of an absent pipeline. */
const SESSION_EXPIRY_SECONDS = 7 * 86_400;
const CONNACK_TIMEOUT_MS = 10_000;
/** How long the broker may take over our goodbye before the connection is cut. */
const GOODBYE_MS = 2_000;

const RETAINED = { qos: 1, retain: true } as const;

/** Credentials may be part of a URL and belong into no log. */
export const withoutCredentials = (url: string): string => url.replace(/\/\/[^/]*@/, '//');

const clientOptions = (options: MqttOptions): IClientOptions => ({
  clientId: options.clientId,
  ...(options.username === undefined ? {} : { username: options.username }),
  ...(options.password === undefined ? {} : { password: options.password }),
  protocolVersion: options.protocolVersion,
  keepalive: options.keepaliveSeconds,
  ...options.tls?.(),
  clean: false,
  ...(options.protocolVersion === 5
    ? { properties: { sessionExpiryInterval: SESSION_EXPIRY_SECONDS } }
    : {}),
  // Trying again is the caller's: mqtt.js would do it every second for ever.
  reconnectPeriod: 0,
  connectTimeout: CONNACK_TIMEOUT_MS,
  // A resumed session delivers at once: the handlers must be there before the connection is.
  manualConnect: true,
  will: {
    topic: options.statusTopic,
    payload: Buffer.from(JSON.stringify({ state: 'offline', reason: 'connection lost' })),
    ...RETAINED,
  },
});

const unixSeconds = (ports: MqttPorts): number => ports.now() / 1000;

type Fail = (end: ConnectionEnd) => void;

/**
 * Emits while somebody listens and acknowledges in the same turn; what comes after that stays
 * unacknowledged, so that the broker delivers it to the next connection.
 */
const listen = (
  client: MqttClient,
  subscriber: Subscriber<Message>,
  fence: BacklogFence,
  ports: MqttPorts,
): void => {
  client.handleMessage = ({ topic, payload, retain }, acknowledge) => {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    if (fence.takes(topic, bytes)) return acknowledge();
    if (subscriber.closed) return acknowledge(new Error('nobody listens any more'));
    const isBacklog = fence.isBacklog();
    const receivedAt = unixSeconds(ports);
    subscriber.next({ topic, payload: bytes, receivedAt, isBacklog, isRetained: retain });
    acknowledge();
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
  ports: MqttPorts,
): void => {
  const state = JSON.stringify({ state: 'online', since: unixSeconds(ports) });
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
  ports: MqttPorts,
  left: () => void,
): void => {
  // Not client.end(true): mqtt.js ignores it once a graceful end is under way.
  const deadline = ports.scheduler.schedule(() => client.stream.destroy(), GOODBYE_MS);
  client.once('close', () => {
    deadline.unsubscribe();
    left();
  });
  const offline = { state: 'offline', reason: 'stopped', since: unixSeconds(ports) };
  client.publish(options.statusTopic, JSON.stringify(offline), RETAINED, () => client.end());
};

/**
 * One connection to the broker, from its opening to its loss: what the session brings, in order.
 *
 * Cold. Never completes; errors with a {@link ConnectionEnd} when the connection cannot be made, is
 * refused or is lost. A message is acknowledged after downstream has taken it synchronously.
 * Unsubscribing leaves the retained state offline, disconnects and then reports Closed.
 */
export const mqttSession = (
  options: MqttOptions,
  ports: MqttPorts,
  report: (status: ConnectionStatus) => void,
): Observable<Message> =>
  new Observable((subscriber) => {
    report({ _tag: 'Connecting', url: withoutCredentials(options.url) });
    const client = ports.connect(options.url, clientOptions(options));
    let connectedAt: number | undefined;
    let lost = false;
    const fail: Fail = (end) => {
      lost = true;
      const lastedMs = connectedAt === undefined ? 0 : ports.scheduler.now() - connectedAt;
      subscriber.error({ ...end, lastedMs });
    };
    const fence = backlogFence(options.statusTopic);
    listen(client, subscriber, fence, ports);
    watchForEnd(client, options, fail);
    subscribeTopics(client, options, fence, fail, (sessionPresent) => {
      if (subscriber.closed) return;
      connectedAt = ports.scheduler.now();
      report({ _tag: 'Connected', sessionPresent });
      sayOnline(client, options, fence, ports);
    });
    client.connect();
    return () => {
      if (lost) return void client.end(true);
      const left = () => report({ _tag: 'Closed' });
      if (client.connected) return leave(client, options, ports, left);
      client.end(true);
      left();
    };
  });
