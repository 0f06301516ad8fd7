import type { Layout } from '../../model/layout.ts';
import type { Reading } from '../../model/reading.ts';
import { type Arrivals, opening, poisson } from './arrivals.ts';
import { type Carrier, type Cast, castFor } from './cast.ts';
import { type Random, seededRandom } from './random.ts';
import { defaultSettings, type ShopSettings, STEP_S } from './settings.ts';
import type { Truth } from './truth.ts';
import { witnessOf } from './witness.ts';

export interface ShopOptions {
  readonly layout: Layout;
  /** A whole number from 0. */
  readonly seed: number;
  /** When the shop opens, Unix seconds. */
  readonly startTs: number;
  readonly settings?: Partial<ShopSettings>;
}

/** What happened in the step that ended at `ts` (Unix seconds). */
export interface ShopStep {
  readonly ts: number;
  /** In the order of time. */
  readonly readings: ReadonlyArray<Reading>;
  readonly truth: ReadonlyArray<Truth>;
}

const milliseconds = (ts: number) => Math.round(ts * 1000) / 1000;

/** Sensors' clocks are a few ms apart, and each stamps a frame some tenths of a ms early or late. */
const clocksOf = (layout: Layout, random: Random) => {
  const ahead = new Map(
    layout.sensors.map(({ sensor_id }) => [sensor_id, random.normal(0, 0.003)]),
  );
  return (sensor_id: string, ts: number) =>
    milliseconds(ts + (ahead.get(sensor_id) ?? 0) + random.normal(0, 0.0005));
};

/** Who comes in, or comes by, in the step that ends at `ts`. */
const arriving = (options: ShopOptions, settings: ShopSettings, cast: Cast, random: Random) => {
  const { startTs } = options;
  const waiting = opening(startTs, settings.openingShoppers, settings.openingSpanS, random.fork());
  const shoppers = poisson(startTs, settings.arrivalsPerMinute, random.fork());
  const passersby = poisson(startTs, settings.passersbyPerMinute, random.fork());
  const come = (arrivals: Arrivals, make: (ts: number) => Carrier, ts: number) =>
    Array.from({ length: arrivals(ts) }, () => make(ts));
  return (ts: number): ReadonlyArray<Carrier> => [
    ...come(waiting, cast.shopper, ts),
    ...come(shoppers, cast.shopper, ts),
    ...come(passersby, cast.passerby, ts),
  ];
};

/**
 * A shop and its sensors, without end: each value is one step of {@link STEP_S}. The same options
 * give the same steps, and everybody's way is the same whatever the radio settings are.
 *
 * @example for (const { readings } of simulateShop({ layout, seed: 1, startTs: 1_740_000_000 })) …
 */
export function* simulateShop(options: ShopOptions): Generator<ShopStep, never, void> {
  const settings = { ...defaultSettings, ...options.settings };
  const random = seededRandom(options.seed);
  const cast = castFor(options.layout, settings, random.fork());
  const arrive = arriving(options, settings, cast, random.fork());
  const stamp = clocksOf(options.layout, random.fork());
  const witness = witnessOf(cast.world.floor);
  const heard = ({ kind, walker, phone, channel }: Carrier, ts: number): ReadonlyArray<Reading> => {
    const frames = phone.frames(ts);
    if (frames.length === 0) return [];
    const lossDb = kind === 'passerby' ? settings.radio.windowLossDb : 0;
    return channel({ frames, at: walker.at, walkedM: walker.walkedM, lossDb }).map((reception) => ({
      sensor_id: reception.sensor_id,
      phone_id: phone.id(),
      rssi: reception.rssi,
      ts: stamp(reception.sensor_id, reception.ts),
    }));
  };

  let present = cast.crew(options.startTs);
  for (let step = 1; ; step += 1) {
    const ts = milliseconds(options.startTs + step * STEP_S);
    const readings: Reading[] = [];
    const truth: Truth[] = [];
    const staying: Carrier[] = [];
    for (const carrier of [...present, ...arrive(ts)]) {
      const { done, value: event } = carrier.script.next();
      if (done === true) continue;
      readings.push(...heard(carrier, ts));
      truth.push(...witness(carrier, ts, event ?? undefined));
      staying.push(carrier);
    }
    present = staying;
    yield { ts, readings: readings.sort((a, b) => a.ts - b.ts), truth };
  }
}
