import fc from 'fast-check';
import { placedSensors } from '../../../src/model/layout.ts';
import type { RssiVector } from '../../../src/model/rssiVector.ts';
import type { Estimate, PlacingClassifier } from '../../../src/positioning/classifier.ts';
import { gridOf } from '../../../src/positioning/grid.ts';
import { OPEN_ROOM, pathLossClassifier, pathLossMap } from '../../../src/positioning/pathLoss.ts';
import { SHOP } from '../../support/shop.ts';

type Heard = Pick<RssiVector, 'vector' | 'counts'>;

const classifyWith =
  ({ locate }: PlacingClassifier) =>
  (heard: Heard): Estimate =>
    locate({ ...heard, window_start: 0, ts: 0, silent: [] }, undefined).estimate;

const classify = classifyWith(pathLossClassifier(SHOP));

/** What every sensor hears of a phone at a place, without any noise. */
const heardAt = (x: number, y: number, offsetDb = 0) => ({
  vector: Object.fromEntries(
    placedSensors(SHOP).map((sensor) => {
      const metres = Math.hypot(x - sensor.x, y - sensor.y, sensor.z - OPEN_ROOM.phoneHeightM);
      const dbm =
        OPEN_ROOM.atOneMetreDbm - 10 * OPEN_ROOM.exponent * Math.log10(Math.max(metres, 0.5));
      return [sensor.sensor_id, dbm + offsetDb];
    }),
  ),
  counts: Object.fromEntries(SHOP.sensors.map(({ sensor_id }) => [sensor_id, 5])),
});

const anyVector = fc
  .dictionary(
    fc.constantFrom(...SHOP.sensors.map(({ sensor_id }) => sensor_id), 'pi99'),
    fc.record({
      dbm: fc.double({ min: -120, max: 0, noNaN: true }),
      count: fc.integer({ min: 1, max: 500 }),
    }),
  )
  .map((heard) => ({
    vector: Object.fromEntries(Object.entries(heard).map(([id, { dbm }]) => [id, dbm])),
    counts: Object.fromEntries(Object.entries(heard).map(([id, { count }]) => [id, count])),
  }));

describe('pathLossClassifier', () => {
  const CHECKOUT = 18;

  it.each(SHOP.zones.filter(({ zone_id }) => zone_id !== CHECKOUT))(
    'finds $zone_name from what is heard at its centre',
    ({ zone_id, x, y }) => {
      const estimate = classify(heardAt(x, y));

      expect(estimate.zone_id).toBe(zone_id);
      expect(estimate.margin).toBeGreaterThan(0.1);
      expect(Math.hypot(estimate.x - x, estimate.y - y)).toBeLessThan(2);
    },
  );

  it('is in doubt about the checkout, which hides behind its queue', () => {
    const checkout = SHOP.zones.find(({ zone_id }) => zone_id === CHECKOUT);
    const { zone_id, runner_up, margin } = classify(heardAt(checkout?.x ?? 0, checkout?.y ?? 0));

    expect([zone_id, runner_up].sort()).toEqual([16, 18]);
    expect(margin).toBeLessThan(0.1);
  });

  it('is as sure of a loud phone as of a quiet one, about', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SHOP.zones),
        fc.double({ min: -8, max: 8, noNaN: true }),
        ({ x, y }, offsetDb) => {
          const plain = classify(heardAt(x, y));
          const louder = classify(heardAt(x, y, offsetDb));

          if (plain.margin > 0.1) expect(louder.zone_id).toBe(plain.zone_id);
          // 8 dB is rare for a loudness of ± 6 dB, so it is held a little against the place: 0.057 at most.
          expect(Math.abs(louder.confidence - plain.confidence)).toBeLessThan(0.06);
          expect(Math.hypot(louder.x - plain.x, louder.y - plain.y)).toBeLessThan(0.5);
        },
      ),
    );
  });

  it('says something probable of any vector: a zone of the shop, 0 ≤ margin ≤ confidence ≤ 1', () => {
    const zones = SHOP.zones.map(({ zone_id }) => zone_id);
    fc.assert(
      fc.property(anyVector, (heard) => {
        const { zone_id, confidence, margin, x, y } = classify(heard);

        expect(zones).toContain(zone_id);
        expect(confidence).toBeGreaterThanOrEqual(1 / 19 - 1e-9);
        expect(confidence).toBeLessThanOrEqual(1 + 1e-9);
        expect(margin).toBeGreaterThanOrEqual(0);
        expect(margin).toBeLessThanOrEqual(confidence);
        expect(x).toBeGreaterThan(-1.5);
        expect(x).toBeLessThan(21.5);
        expect(y).toBeGreaterThan(-1.5);
        expect(y).toBeLessThan(19.5);
      }),
    );
  });

  it('names the next best zone: the one between whose centre and the winner’s a phone stands', () => {
    const { zone_id, runner_up } = classify(heardAt(4.2, 9.1));

    expect([zone_id, runner_up].sort()).toEqual([10, 9]);
  });

  it('knows which sensor hears more than the others', () => {
    const louder = SHOP.sensors.map((sensor) =>
      sensor.sensor_id === 'pi1' ? { ...sensor, offset_db: 6 } : sensor,
    );
    const corrected = classifyWith(pathLossClassifier({ ...SHOP, sensors: louder }));
    const { vector, counts } = heardAt(6.4, 4.8);
    const heard = { vector: { ...vector, pi1: (vector['pi1'] ?? 0) + 6 }, counts };

    expect(corrected(heard).confidence).toBeCloseTo(classify({ vector, counts }).confidence, 5);
    expect(corrected(heard).x).toBeCloseTo(classify({ vector, counts }).x, 5);
  });

  it('leaves out sensors that the layout does not know', () => {
    const { vector, counts } = heardAt(6.4, 4.8);

    expect(
      classify({ vector: { ...vector, pi99: -20 }, counts: { ...counts, pi99: 100 } }),
    ).toEqual(classify({ vector, counts }));
  });

  it.each([
    { what: 'an empty vector', vector: {} },
    { what: 'unknown sensors alone', vector: { pi99: -40 } },
  ])('has no preference for $what', ({ vector }) => {
    const { confidence, margin } = classify({ vector, counts: {} });

    expect(confidence).toBeCloseTo(1 / 19, 9);
    expect(margin).toBeCloseTo(0, 9);
  });

  it('trusts a median of many readings more than one reading', () => {
    const { vector, counts } = heardAt(10, 1.4);
    const once = Object.fromEntries(Object.keys(counts).map((id) => [id, 1]));

    expect(classify({ vector, counts }).confidence).toBeGreaterThan(
      classify({ vector, counts: once }).confidence,
    );
  });

  it('has no runner-up in a shop of one zone', () => {
    const one = classifyWith(pathLossClassifier({ ...SHOP, zones: SHOP.zones.slice(0, 1) }));

    expect(one(heardAt(3, 3))).toMatchObject({
      zone_id: 1,
      runner_up: null,
      confidence: 1,
      margin: 1,
    });
  });
});

it('knows only sensors of which it is known where they hang', () => {
  const [first, ...others] = SHOP.sensors;
  const half = { ...SHOP, sensors: [{ sensor_id: first?.sensor_id ?? '' }, ...others] };
  const { levels } = pathLossMap(half)(gridOf(half));
  expect([...levels.keys()]).toEqual(others.map(({ sensor_id }) => sensor_id));
});
