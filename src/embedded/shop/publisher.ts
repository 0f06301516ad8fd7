import { setTimeout as delay } from 'node:timers/promises';
import type { Layout } from '../../model/layout.ts';
import type { Env } from '../../model/shapes.ts';
import { pacer } from './pace.ts';
import { STEP_S } from './settings.ts';
import { type ShopStep, simulateShop } from './shop.ts';
import { type SimulatedSensor, simulatedSensor } from './simulatedSensor.ts';
import { openTruthFile, type TruthFile } from './truthFile.ts';

export interface SimulatedShopOptions {
  readonly brokerUrl: string;
  /** Such as `neuralsense/rssi/demo`; every sensor publishes here. */
  readonly topic: string;
  readonly layout: Layout;
  /** The same seed plays the same day. */
  readonly seed: number;
  /** JSON Lines of {@link Truth}; appended to, its folder created. */
  readonly truthFile: string;
  readonly log?: Env['log'];
  /** Unix ms. */
  readonly now?: () => number;
}

export interface SimulatedShop {
  /** Stops, and resolves when the broker and the file have what was sent. */
  readonly close: () => Promise<void>;
}

const STEP_MS = STEP_S * 1000;
/** Later than this, readings would come as a burst nobody would have sent. */
const MAX_LAG_MS = 2_000;
/** A broker that is not there yet holds the opening up for this long. */
const CONNECT_MS = 3_000;

/** The same events `shiftMs` later. */
export const shifted = ({ ts, readings, truth }: ShopStep, shiftMs: number): ShopStep => {
  const later = (seconds: number) => Math.round(seconds * 1000 + shiftMs) / 1000;
  return {
    ts: later(ts),
    readings: readings.map((reading) => ({ ...reading, ts: later(reading.ts) })),
    truth: truth.map((record) => ({ ...record, ts: later(record.ts) })),
  };
};

type Sensors = ReadonlyMap<string, SimulatedSensor>;

const connectAll = async (options: SimulatedShopOptions, log: Env['log']): Promise<Sensors> => {
  const sensors = new Map(
    options.layout.sensors.map(({ sensor_id }) => [
      sensor_id,
      simulatedSensor(options.brokerUrl, options.topic, sensor_id, log),
    ]),
  );
  const all = Promise.all([...sensors.values()].map(({ connected }) => connected));
  const late = new AbortController();
  await Promise.race([all, delay(CONNECT_MS, undefined, { signal: late.signal }).catch(() => {})]);
  late.abort();
  return sensors;
};

const play = ({ readings, truth }: ShopStep, sensors: Sensors, file: TruthFile): void => {
  for (const [sensor_id, sensor] of sensors)
    sensor.publish(readings.filter((reading) => reading.sensor_id === sensor_id));
  file.append(truth);
};

/**
 * Opens a simulated shop: one MQTT client per sensor (`sim-<sensor_id>`) publishes what it hears,
 * with QoS 1, every 250 ms by the wall clock. Resolves when all are connected, or after 3 s with
 * those that are; the others, and those that lose the broker, go on trying. Rejects only if the
 * folder of the truth file cannot be made.
 */
export const startSimulatedShop = async (options: SimulatedShopOptions): Promise<SimulatedShop> => {
  const { layout, seed, log = () => undefined, now = Date.now } = options;
  const file = await openTruthFile(options.truthFile, log);
  const sensors = await connectAll(options, log);
  const startMs = now();
  const steps = simulateShop({ layout, seed, startTs: startMs / 1000 });
  const due = pacer(startMs, STEP_MS, MAX_LAG_MS);
  const timer = setInterval(() => {
    const { steps: count, shiftMs } = due(now());
    for (let step = 0; step < count; step += 1)
      play(shifted(steps.next().value, shiftMs), sensors, file);
  }, STEP_MS);
  log({ level: 'info', event: 'simulated shop opened', sensors: sensors.size, seed });
  return {
    close: async () => {
      clearInterval(timer);
      await Promise.all([...sensors.values()].map((sensor) => sensor.close()));
      await file.close();
    },
  };
};
