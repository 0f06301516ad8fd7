import { either as E } from 'fp-ts';
import mqtt, { type MqttClient } from 'mqtt';
import { asyncScheduler, filter, firstValueFrom, Subscription, timeout } from 'rxjs';
import type { ConnectionStatus } from '../../src/model/connection.ts';
import { isHeard } from '../../src/model/heard.ts';
import type { MqttPorts } from '../../src/sources/mqttOptions.ts';
import { type MqttReadingsOptions, mqttReadings } from '../../src/sources/mqttReadings.ts';

export const STATUS_TOPIC = 'neuralsense/pipeline/downtown/status';

/** A reading of `phone` (0…255), as a sensor would publish it. */
export const readingOf = (phone: number) =>
  JSON.stringify({
    sensor_id: 'pi5',
    phone_id: `a8:76:50:e9:28:${phone.toString(16).padStart(2, '0')}`,
    rssi: -61,
    ts: 1_740_000_000 + phone,
  });

/** Waits until `check` holds; fails with `what` after 25 s. */
export const until = async (check: () => boolean, what: string, seen?: unknown): Promise<void> => {
  const deadline = Date.now() + 25_000;
  while (!check()) {
    if (Date.now() > deadline)
      throw new Error(`waited 25 s in vain: ${what}; seen: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** A running source: the phones it heard, everything its status said, and its mqtt.js clients. */
export interface RunningSource {
  readonly phones: number[];
  /** Those of them that the broker had kept. */
  readonly backlog: number[];
  readonly statuses: ConnectionStatus[];
  /** Of every reading, Unix seconds. */
  readonly times: number[];
  /** Messages at QoS 0 that it says were lost. */
  readonly dropped: () => number;
  /** With which it gave up. */
  readonly errors: unknown[];
  readonly clients: MqttClient[];
  readonly reached: (tag: ConnectionStatus['_tag']) => Promise<ConnectionStatus>;
  readonly stop: () => Promise<void>;
}

export const runSource = (
  url: string,
  change: Partial<MqttReadingsOptions> = {},
  settle: (acknowledge: () => void) => void = (acknowledge) => acknowledge(),
): RunningSource => {
  const clients: MqttClient[] = [];
  const options: MqttReadingsOptions = {
    url,
    topics: ['neuralsense/rssi', 'neuralsense/rssi/+', 'neuralsense/rssi/+/+'],
    clientId: 'neuralsense-downtown',
    protocolVersion: 4,
    statusTopic: STATUS_TOPIC,
    keepaliveSeconds: 30,
    retry: { initialDelayMs: 50, maxDelayMs: 200 },
    ...change,
  };
  const connect: MqttPorts['connect'] = (...args) => {
    const client = mqtt.connect(...args);
    clients.push(client);
    return client;
  };
  let lost = 0;
  const dropped = () => {
    lost += 1;
  };
  const ports = { connect, scheduler: asyncScheduler, random: Math.random, now: Date.now, dropped };
  const { readings$, status$ } = mqttReadings(options, ports);
  const phones: number[] = [];
  const backlog: number[] = [];
  const statuses: ConnectionStatus[] = [];
  const all = new Subscription();
  all.add(status$.subscribe((status) => statuses.push(status)));
  const errors: unknown[] = [];
  const times: number[] = [];
  const reading = readings$.subscribe({
    next: (heard) => {
      const { acknowledge } = E.isLeft(heard) ? heard.left : heard.right;
      if (acknowledge) settle(acknowledge);
      if (E.isLeft(heard) || !isHeard(heard.right)) return;
      const phone = Number.parseInt(heard.right.reading.phone_id.slice(-2), 16);
      phones.push(phone);
      times.push(heard.right.reading.ts);
      if (heard.right.isBacklog) backlog.push(phone);
    },
    error: (problem: unknown) => errors.push(problem),
  });
  const reached = (tag: ConnectionStatus['_tag']) =>
    firstValueFrom(
      status$.pipe(
        filter((status) => status._tag === tag),
        timeout(25_000),
      ),
    );
  const stop = async () => {
    reading.unsubscribe();
    await reached('Closed');
    all.unsubscribe();
  };
  return { phones, times, backlog, statuses, errors, clients, dropped: () => lost, reached, stop };
};

/** A plain client beside the source: a sensor, or somebody who watches the status topic. */
export const plainClient = (url: string, clientId: string): Promise<MqttClient> =>
  mqtt.connectAsync(url, { clientId, reconnectPeriod: 50 });

/**
 * Every change of the status topic from now on, the retained state first. Repeats are left out: who
 * subscribes while a state is published gets it both ways.
 */
export const watchStates = async (client: MqttClient): Promise<string[]> => {
  const states: string[] = [];
  client.on('message', (_topic, payload) => {
    const { state } = JSON.parse(payload.toString());
    if (state !== states.at(-1)) states.push(state);
  });
  await client.subscribeAsync(STATUS_TOPIC, { qos: 1 });
  return states;
};
