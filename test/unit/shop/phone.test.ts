import { type Phone, phoneOf } from '../../../src/embedded/shop/phone.ts';
import { seededRandom } from '../../../src/embedded/shop/random.ts';
import { STEP_S } from '../../../src/embedded/shop/settings.ts';
import type { Kind } from '../../../src/embedded/shop/truth.ts';
import { mean, median } from './simulated.ts';

const random = seededRandom(21);
const minutes = 10;
const ticks = Array.from({ length: (minutes * 60) / STEP_S }, (_, i) => (i + 1) * STEP_S);

const life = (phone: Phone) =>
  ticks
    .map((ts) => ({ ts, frames: phone.frames(ts), id: phone.id() }))
    .filter(({ frames }) => frames.length > 0);
const phones = (kind: Kind, count: number) =>
  Array.from({ length: count }, () => life(phoneOf(kind, 0, random)));
const ids = (bursts: ReturnType<typeof life>) => new Set(bursts.map(({ id }) => id));
const isRandomised = (mac: string) => (Number.parseInt(mac.slice(0, 2), 16) & 0x02) !== 0;

const customers = phones('shopper', 400);

describe('phoneOf', () => {
  it('sends bursts of 2–4 frames, under 100 ms and within the step', () => {
    const bursts = customers.flat();
    expect(new Set(bursts.map(({ frames }) => frames.length))).toEqual(new Set([2, 3, 4]));
    const spans = bursts.map(({ frames }) => Math.max(...frames) - Math.min(...frames));
    expect(Math.max(...spans)).toBeLessThan(0.1);
    const early = bursts.map(({ ts, frames }) => ts - Math.min(...frames));
    expect(Math.max(...early)).toBeLessThanOrEqual(STEP_S);
    const late = bursts.map(({ ts, frames }) => ts - Math.max(...frames));
    expect(Math.min(...late)).toBeGreaterThan(0);
  });

  it('is first heard of within about 3 s', () => {
    const first = customers.map((bursts) => bursts[0]?.ts ?? Number.POSITIVE_INFINITY);
    expect(Math.max(...first)).toBeLessThanOrEqual(3.25);
  });

  it('is sparse: a tenth chatty, half in use, the rest in a pocket', () => {
    const gaps = customers.map((bursts) => (minutes * 60) / bursts.length);
    const shareOf = (low: number, high: number) =>
      gaps.filter((gap) => gap > low && gap <= high).length / gaps.length;
    expect(Math.abs(shareOf(1, 2) - 0.1)).toBeLessThan(0.05);
    expect(Math.abs(shareOf(2, 10) - 0.5)).toBeLessThan(0.08);
    expect(Math.abs(shareOf(10, 40) - 0.4)).toBeLessThan(0.08);
    expect(median(gaps)).toBeGreaterThan(4);
  });

  it('hides its maker in 85 of 100 pockets, and always writes a unicast address', () => {
    const macs = customers.map((bursts) => bursts[0]?.id ?? '');
    for (const mac of macs) {
      expect(mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
      expect(Number.parseInt(mac.slice(0, 2), 16) & 0x01).toBe(0);
    }
    expect(Math.abs(macs.filter(isRandomised).length / macs.length - 0.85)).toBeLessThan(0.05);
  });

  it('changes the address now and then in a third of those, in none of the others', () => {
    const hidden = customers.filter((bursts) => isRandomised(bursts[0]?.id ?? ''));
    const open = customers.filter((bursts) => !isRandomised(bursts[0]?.id ?? ''));
    const rotating = hidden.filter((bursts) => ids(bursts).size > 1);
    expect(Math.abs(rotating.length / hidden.length - 0.35)).toBeLessThan(0.08);
    expect(open.every((bursts) => ids(bursts).size === 1)).toBe(true);
    expect(mean(rotating.map((bursts) => ids(bursts).size))).toBeGreaterThan(4);
    expect(mean(rotating.map((bursts) => ids(bursts).size))).toBeLessThan(9);
  });

  it('on the street shows a new address with every burst, in about a third of the phones', () => {
    const fresh = phones('passerby', 200).filter((bursts) => ids(bursts).size === bursts.length);
    expect(Math.abs(fresh.length / 200 - 0.3)).toBeLessThan(0.1);
  });

  it.each<Kind>(['staff', 'fixed'])('of kind %s keeps one address of a maker', (kind) => {
    for (const bursts of phones(kind, 50)) {
      expect(ids(bursts).size).toBe(1);
      expect(isRandomised(bursts[0]?.id ?? '')).toBe(false);
    }
  });
});
