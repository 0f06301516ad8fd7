import { setTimeout as delay } from 'node:timers/promises';
import mqtt from 'mqtt';
import type { Reading } from '../../model/reading.ts';
import type { Env } from '../../model/shapes.ts';

/** One sensor's own connection to the broker, as a Pi would hold it. */
export interface SimulatedSensor {
  /** Resolves at the first connection; never, while the broker is away. */
  readonly connected: Promise<void>;
  /** Sends with QoS 1; what is heard while the broker is away is lost, as memory is small. */
  readonly publish: (readings: ReadonlyArray<Reading>) => void;
  /** Waits at most 2 s for what is in flight. */
  readonly close: () => Promise<void>;
}

const RECONNECT_MS = 1_000;
const DRAIN_MS = 2_000;

/** One reading travels as an object, several as an array. */
const payload = (readings: ReadonlyArray<Reading>): string =>
  JSON.stringify(readings.length === 1 ? readings[0] : readings);

/** Logs each loss and each return once; mqtt.js tries again every second in between. */
const watch = (client: mqtt.MqttClient, sensor_id: string, log: Env['log']): Promise<void> => {
  let lost = false;
  client.on('close', () => {
    if (!lost && !client.disconnecting)
      log({ level: 'warn', event: 'sensor connection lost', sensor_id });
    lost = true;
  });
  // Without a listener an unreachable broker would end the process; 'close' follows and is logged.
  client.on('error', () => undefined);
  return new Promise((resolve) => {
    client.on('connect', () => {
      if (lost) log({ level: 'info', event: 'sensor connection restored', sensor_id });
      lost = false;
      resolve();
    });
  });
};

/** Connects to `brokerUrl` as `sim-<sensor_id>` and goes on trying until closed. */
export const simulatedSensor = (
  brokerUrl: string,
  topic: string,
  sensor_id: string,
  log: Env['log'],
): SimulatedSensor => {
  const client = mqtt.connect(brokerUrl, {
    clientId: `sim-${sensor_id}`,
    reconnectPeriod: RECONNECT_MS,
  });
  const inFlight = new Set<Promise<unknown>>();
  return {
    connected: watch(client, sensor_id, log),
    publish: (readings) => {
      if (!client.connected || readings.length === 0) return;
      const sent = client
        .publishAsync(topic, payload(readings), { qos: 1 })
        .catch(() => undefined)
        .finally(() => inFlight.delete(sent));
      inFlight.add(sent);
    },
    close: async () => {
      const late = new AbortController();
      if (client.connected)
        await Promise.race([
          Promise.all(inFlight),
          delay(DRAIN_MS, undefined, { signal: late.signal }).catch(() => undefined),
        ]);
      late.abort();
      await client.endAsync(!client.connected || inFlight.size > 0);
    },
  };
};
