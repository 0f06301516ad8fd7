import type { MqttClient } from 'mqtt';
import { Observable } from 'rxjs';
import type { ConnectionStatus } from '../model/connection.ts';
import type { Message } from '../model/message.ts';
import { ACK_BOUND, type AckLedger, ackLedger } from './ackLedger.ts';
import { type BacklogFence, backlogFence } from './backlogFence.ts';
import { brokerAddress } from './brokerAddress.ts';
import { closedByBroker, endOf, refusedTopics, secondOf } from './mqttConnectionEnd.ts';
import { type Fail, listen } from './mqttListen.ts';
import {
  clientOptions,
  type MqttOptions,
  type MqttPorts,
  RETAINED,
  unixSeconds,
  withoutCredentials,
} from './mqttOptions.ts';
import type { RollCall, Speaker } from './rollCall.ts';
import { onlineWord, stoppedWord } from './statusWord.ts';

/** How long the broker may take over our goodbye before the connection is cut. */
const GOODBYE_MS = 2_000;
/** How long what was received before a stop may take to become safe; what does not is sent again. */
const SETTLE_MS = 10_000;

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
    const { url, options: ofUrl } = brokerAddress(options.url);
    const client = ports.connect(url, { ...clientOptions(options, speaker), ...ofUrl });
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
