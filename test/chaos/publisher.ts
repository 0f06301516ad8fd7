import { connectAsync } from 'mqtt';
import type { Random } from '../../src/embedded/shop/random.ts';

/** What identifies a reading: `sensor phone ts`. */
export type Identity = string;

export const identityOf = (reading: {
  readonly sensor_id: string;
  readonly phone_id: string;
  readonly ts: number;
  readonly sensor_ts?: number | undefined;
}): Identity => `${reading.sensor_id} ${reading.phone_id} ${reading.sensor_ts ?? reading.ts}`;

export interface Sent {
  /** The instant (Unix ms) of its PUBACK, if it came. */
  acknowledgedAt: number | undefined;
}

export interface Publisher {
  /** Every reading handed to the client. */
  readonly published: ReadonlyMap<Identity, Sent>;
  /** Messages that no pipeline can use; each must be kept as rejected. */
  readonly garbage: ReadonlyMap<string, Sent>;
  /** Stops publishing and waits until the broker has taken everything, or for `withinMs`. */
  readonly finish: (withinMs: number) => Promise<void>;
}

const ROUND_MS = 250;
const SENSORS = ['pi1', 'pi2', 'pi3', 'pi4', 'pi5', 'pi6', 'pi7', 'pi8'] as const;
/** Sensors send a reading twice now and then: that must count once. */
const REPEATED = 0.01;
const GARBAGE = 0.005;

const phoneId = (n: number): string =>
  `02:c4:a0:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`;

/**
 * Eight sensors that hear `phones` phones, each phone about once in two seconds by a few sensors,
 * over one QoS 1 client that keeps what the broker has not taken, and counts.
 */
export const startPublisher = async (
  port: number,
  store: string,
  phones: number,
  random: Random,
): Promise<Publisher> => {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    clientId: 'chaos-sensors',
    clean: false,
    reconnectPeriod: 200,
    keepalive: 5,
  });
  client.on('error', () => undefined);
  const published = new Map<Identity, Sent>();
  const garbage = new Map<string, Sent>();
  let waiting = 0;
  const send = (payload: string, record: Sent): void => {
    waiting += 1;
    client.publish(`neuralsense/rssi/${store}`, payload, { qos: 1 }, (error) => {
      waiting -= 1;
      if (!error) record.acknowledgedAt ??= Date.now();
    });
  };
  const spoil = (sensor_id: string): void => {
    const text = `{"sensor_id":"${sensor_id}","rssi":"loud","n":${garbage.size}}`;
    const record: Sent = { acknowledgedAt: undefined };
    garbage.set(text, record);
    send(text, record);
  };
  const hear = (phone: number, nowMs: number): void => {
    const sensors = SENSORS.filter(() => random.chance(0.5));
    for (const sensor_id of sensors) {
      const ts = Math.round(nowMs - random.between(0, 200)) / 1000;
      const reading = { sensor_id, phone_id: phoneId(phone), rssi: -random.integer(40, 85), ts };
      const record: Sent = { acknowledgedAt: undefined };
      published.set(identityOf(reading), record);
      send(JSON.stringify(reading), record);
      if (random.chance(REPEATED)) send(JSON.stringify(reading), record);
      if (random.chance(GARBAGE)) spoil(sensor_id);
    }
  };
  const round = setInterval(() => {
    const nowMs = Date.now();
    for (let phone = 0; phone < phones; phone += 1)
      if (random.chance(ROUND_MS / 2_000)) hear(phone, nowMs);
  }, ROUND_MS);
  return {
    published,
    garbage,
    finish: async (withinMs) => {
      clearInterval(round);
      const until = Date.now() + withinMs;
      while (waiting > 0 && Date.now() < until) await new Promise((go) => setTimeout(go, 50));
      await client.endAsync(true);
    },
  };
};
