import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { brokerAddress } from '../../sources/brokerAddress.ts';
import { type TlsMaterial, withoutCredentials } from '../../sources/mqttOptions.ts';

/** The sensors that publish: one MQTT client each, made when the first reading of it comes. */
export interface Fleet {
  /** Rejects when the broker cannot be reached or refuses the sensor. */
  readonly join: (sensorId: string) => Promise<void>;
  /** At QoS 1; resolves at once, or when a slot is free: readings under way are bounded. */
  readonly publish: (sensorId: string, payload: string) => Promise<void>;
  /** When the broker has acknowledged all; rejects when it refused one. */
  readonly settled: () => Promise<void>;
  readonly close: () => Promise<void>;
  readonly published: () => number;
  readonly acknowledged: () => number;
  readonly sensors: () => number;
}

interface FleetOptions {
  /** Where to publish; `{sensor}` stands for the sensor's name. */
  readonly topic: string;
  /** For mqtts:// and wss://: what the sensor proves its name with. */
  readonly tls?: (sensorId: string) => TlsMaterial;
  readonly username?: string;
  readonly password?: string;
}

const MAX_UNDER_WAY = 1_000;

const why = (problem: unknown): string => {
  if (!(problem instanceof Error)) return String(problem);
  return problem.message || String((problem as NodeJS.ErrnoException).code ?? problem.name);
};

const connectAs = async (sensorId: string, url: string, options: FleetOptions) => {
  const address = brokerAddress(url);
  const as: IClientOptions = {
    // Two recordings played at once must not take each other's clients over; a broker may demand
    // that the name comes first.
    clientId: `${sensorId}/publish-${process.pid}`,
    ...options.tls?.(sensorId),
    reconnectPeriod: 1_000,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...address.options,
  };
  try {
    return await mqtt.connectAsync(address.url, as, false);
  } catch (problem) {
    throw new Error(`cannot connect to ${withoutCredentials(url)}: ${why(problem)}`);
  }
};

/** No connection is opened before the first `join`. A broken one is opened again, unsettled readings with it. */
export const openFleet = (url: string, options: FleetOptions): Fleet => {
  const clients = new Map<string, MqttClient>();
  const underWay = new Set<Promise<void>>();
  let published = 0;
  let acknowledged = 0;
  let refusal: unknown;

  const join = async (sensorId: string) => {
    if (!clients.has(sensorId)) clients.set(sensorId, await connectAs(sensorId, url, options));
  };
  const send = async (sensorId: string, payload: string) => {
    try {
      const topic = options.topic.replaceAll('{sensor}', sensorId);
      await clients.get(sensorId)?.publishAsync(topic, payload, { qos: 1 });
      acknowledged += 1;
    } catch (problem) {
      refusal ??= problem;
    }
  };
  return {
    join,
    publish: async (sensorId, payload) => {
      published += 1;
      const sent = send(sensorId, payload).finally(() => underWay.delete(sent));
      underWay.add(sent);
      if (underWay.size >= MAX_UNDER_WAY) await Promise.race(underWay);
    },
    settled: async () => {
      await Promise.all(underWay);
      if (refusal !== undefined) throw new Error(`the broker refused a reading: ${why(refusal)}`);
    },
    close: async () => {
      await Promise.all([...clients.values()].map((client) => client.endAsync(underWay.size > 0)));
    },
    published: () => published,
    acknowledged: () => acknowledged,
    sensors: () => clients.size,
  };
};
