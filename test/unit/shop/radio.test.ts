import { channelOf, fading, meanLevel } from '../../../src/embedded/shop/radio.ts';
import { seededRandom } from '../../../src/embedded/shop/random.ts';
import { defaultSettings, type RadioSettings } from '../../../src/embedded/shop/settings.ts';
import { mean, sd } from './simulated.ts';

const { radio } = defaultSettings;
const still: RadioSettings = {
  ...radio,
  phoneSdDb: 0,
  shadowSdDb: 0,
  ricianK: 1e15,
  frameLoss: 0,
};
const sensors = [{ sensor_id: 'pi1', x: 0, y: 0, z: 1.1 }];
const send = (at: { x: number; y: number }, lossDb = 0, frames = [1]) => ({
  frames,
  at,
  walkedM: 0,
  lossDb,
});

describe('meanLevel', () => {
  it('is A at 1 m and 22 dB less per decade', () => {
    expect(meanLevel(1, radio)).toBe(-52);
    expect(meanLevel(10, radio)).toBeCloseTo(-74);
  });

  it('does not rise any more below half a metre', () => {
    expect(meanLevel(0, radio)).toBe(meanLevel(0.5, radio));
  });
});

describe('fading', () => {
  it('keeps the mean power and spreads by about 4 dB at K = 4', () => {
    const random = seededRandom(1);
    const db = Array.from({ length: 20_000 }, () => fading(4, random));
    expect(Math.abs(mean(db.map((each) => 10 ** (each / 10))) - 1)).toBeLessThan(0.02);
    expect(sd(db)).toBeGreaterThan(3);
    expect(sd(db)).toBeLessThan(5);
  });
});

describe('channelOf', () => {
  it('without noise gives the path loss, in whole dBm, for each frame', () => {
    const channel = channelOf(sensors, still, seededRandom(1));
    expect(channel(send({ x: 6, y: 8 }, 0, [1, 1.02]))).toEqual([
      { sensor_id: 'pi1', rssi: -74, ts: 1 },
      { sensor_id: 'pi1', rssi: -74, ts: 1.02 },
    ]);
  });

  it('hears nothing below the sensitivity', () => {
    const channel = channelOf(sensors, still, seededRandom(1));
    expect(channel(send({ x: 10, y: 0 }, 18))).toHaveLength(1);
    expect(channel(send({ x: 10, y: 0 }, 19))).toHaveLength(0);
  });

  it('loses the share of frames it is told to', () => {
    const channel = channelOf(sensors, { ...still, frameLoss: 0.3 }, seededRandom(2));
    const frames = Array.from({ length: 5_000 }, (_, i) => i);
    const heard = channel(send({ x: 1, y: 0 }, 0, frames)).length / frames.length;
    expect(Math.abs(heard - 0.7)).toBeLessThan(0.03);
  });

  it('gives phones offsets of 5 dB', () => {
    const random = seededRandom(3);
    const levels = Array.from({ length: 2_000 }, () => {
      const channel = channelOf(sensors, { ...still, phoneSdDb: 5 }, random.fork());
      return channel(send({ x: 3, y: 0 }))[0]?.rssi ?? Number.NaN;
    });
    expect(Math.abs(sd(levels) - 5)).toBeLessThan(0.4);
    expect(Math.abs(mean(levels) - meanLevel(3, radio))).toBeLessThan(0.5);
  });

  it('shadows neighbouring places alike and distant ones not', () => {
    const random = seededRandom(4);
    const shadowed = { ...still, shadowSdDb: 4 };
    const change = (metres: number) => {
      const changes = Array.from({ length: 1_500 }, () => {
        const channel = channelOf(sensors, shadowed, random.fork());
        const [before] = channel(send({ x: 3, y: 0 }));
        const [after] = channel({ ...send({ x: 3, y: 0 }), walkedM: metres });
        return (after?.rssi ?? Number.NaN) - (before?.rssi ?? Number.NaN);
      });
      return sd(changes);
    };
    expect(change(0)).toBe(0);
    expect(change(0.2)).toBeLessThan(2.2);
    // Independent places differ by √2 · 4 dB.
    expect(Math.abs(change(20) - 5.66)).toBeLessThan(0.4);
  });
});
