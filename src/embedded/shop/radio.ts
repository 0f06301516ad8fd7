import { isPlaced, type Sensor } from '../../model/layout.ts';
import type { Point } from './floor.ts';
import type { Random } from './random.ts';
import type { RadioSettings } from './settings.ts';

/** Where a phone is when it sends, and what stands in the way. */
export interface Transmission {
  readonly frames: ReadonlyArray<number>;
  readonly at: Point;
  /** All the way the phone has gone, metres. */
  readonly walkedM: number;
  /** Loss that hits every sensor, dB. */
  readonly lossDb: number;
}

/** A frame as a sensor received it: whole dBm; `ts` = when the frame was sent, Unix seconds. */
export interface Reception {
  readonly sensor_id: string;
  readonly rssi: number;
  readonly ts: number;
}

/** Which sensors hear the frames of one phone, and how strongly. */
export type Channel = (transmission: Transmission) => ReadonlyArray<Reception>;

/** Phones are carried in hands and pockets, metres above the floor. */
const PHONE_Z = 1.1;

/** Log-distance path loss, A − 10 n log10(d): mean level at `metres`, dBm. Constant below 0.5 m. */
export const meanLevel = (metres: number, radio: RadioSettings): number =>
  radio.powerAt1mDbm - 10 * radio.exponent * Math.log10(Math.max(metres, 0.5));

/** Rician fading of one frame, dB about the mean power: a direct path of power K/(K+1), the rest scattered. */
export const fading = (k: number, random: Random): number => {
  const scatterSd = Math.sqrt(1 / (2 * (k + 1)));
  const inPhase = random.normal(Math.sqrt(k / (k + 1)), scatterSd);
  return 20 * Math.log10(Math.hypot(inPhase, random.normal(0, scatterSd)));
};

/**
 * Slow fading by shelves and bodies between one phone and one sensor, dB: Gaussian, and
 * correlated by exp(−way / length) as in Gudmundson (1991), here with a slow drift in time too.
 */
const shadowing = (radio: RadioSettings, random: Random) => {
  let db = random.normal(0, radio.shadowSdDb);
  return (metres: number, seconds: number): number => {
    const kept = Math.exp(-metres / radio.shadowLengthM - seconds / radio.shadowTimeS);
    db = kept * db + random.normal(0, radio.shadowSdDb * Math.sqrt(1 - kept * kept));
    return db;
  };
};

/** The channel between a new phone and all sensors that hang somewhere; call it in the order of time. */
export const channelOf = (
  sensors: ReadonlyArray<Sensor>,
  radio: RadioSettings,
  random: Random,
): Channel => {
  const phoneDb = random.normal(0, radio.phoneSdDb);
  const links = sensors
    .filter(isPlaced)
    .map((sensor) => ({ sensor, shadow: shadowing(radio, random) }));
  let before = { ts: Number.NEGATIVE_INFINITY, walkedM: 0 };
  return ({ frames, at, walkedM, lossDb }) => {
    const ts = frames[0] ?? before.ts;
    const metres = walkedM - before.walkedM;
    const seconds = ts - before.ts;
    before = { ts, walkedM };
    return links.flatMap(({ sensor, shadow }) => {
      const away = Math.hypot(sensor.x - at.x, sensor.y - at.y, sensor.z - PHONE_Z);
      const level = meanLevel(away, radio) + phoneDb + shadow(metres, seconds) - lossDb;
      return frames
        .map((sent) => ({
          sensor_id: sensor.sensor_id,
          rssi: Math.round(level + fading(radio.ricianK, random)),
          ts: sent,
        }))
        .filter(({ rssi }) => rssi >= radio.sensitivityDbm && !random.chance(radio.frameLoss));
    });
  };
};
