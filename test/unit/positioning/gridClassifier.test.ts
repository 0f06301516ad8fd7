import fc from 'fast-check';
import { type PlacedSensor, placedSensors } from '../../../src/model/layout.ts';
import type { Belief, Evidence } from '../../../src/positioning/classifier.ts';
import { zonePosterior } from '../../../src/positioning/estimate.ts';
import { gridOf } from '../../../src/positioning/grid.ts';
import { placeOnce } from '../../../src/positioning/gridClassifier.ts';
import { predict, stillness, weightsOf } from '../../../src/positioning/motion.ts';
import { OPEN_ROOM, pathLossClassifier, pathLossMap } from '../../../src/positioning/pathLoss.ts';
import { SHOP } from '../../support/shop.ts';

const classifier = pathLossClassifier(SHOP);
const IDS = SHOP.sensors.map(({ sensor_id }) => sensor_id);

const levelAt = (x: number, y: number, sensor: PlacedSensor): number => {
  const metres = Math.hypot(x - sensor.x, y - sensor.y, sensor.z - OPEN_ROOM.phoneHeightM);
  return OPEN_ROOM.atOneMetreDbm - 10 * OPEN_ROOM.exponent * Math.log10(Math.max(metres, 0.5));
};
const heardAt = (
  x: number,
  y: number,
  ts: number,
  noise: ReadonlyArray<number> = [],
): Evidence => ({
  vector: Object.fromEntries(
    placedSensors(SHOP).map((sensor, index) => [
      sensor.sensor_id,
      Math.round(levelAt(x, y, sensor) + (noise[index] ?? 0)),
    ]),
  ),
  counts: Object.fromEntries(IDS.map((id) => [id, 5])),
  silent: [],
  window_start: Math.floor(ts / 5) * 5,
  ts,
});
const without = ({ vector, counts, ...rest }: Evidence, id: string): Evidence => {
  const { [id]: _level, ...others } = vector;
  return { ...rest, vector: others, counts };
};
/** All windows in order, each with the belief of the one before. */
const follow = (windows: ReadonlyArray<Evidence>) => {
  let belief: Belief | undefined;
  return windows.map((evidence) => {
    const located = classifier.locate(evidence, belief);
    belief = located.belief;
    return located;
  });
};
const noise = fc.array(fc.double({ min: -6, max: 6, noNaN: true }), { minLength: 8, maxLength: 8 });
const place = fc.record({
  x: fc.double({ min: 0, max: 20, noNaN: true }),
  y: fc.double({ min: 0, max: 18, noNaN: true }),
});

describe('one window', () => {
  it('has a posterior that sums to one over the zones', () => {
    const grid = gridOf(SHOP);
    fc.assert(
      fc.property(place, noise, ({ x, y }, off) => {
        const cells = placeOnce(grid, pathLossMap(SHOP)(grid), heardAt(x, y, 0, off));
        const posterior = zonePosterior(grid, 19, cells);
        expect(posterior.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
      }),
      { numRuns: 20 },
    );
  });

  it('is less sure by its temperature, of the same place', () => {
    const sure = pathLossClassifier(SHOP, { ...OPEN_ROOM, temperature: 1 });
    fc.assert(
      fc.property(place, noise, ({ x, y }, off) => {
        const [noisy, cold] = [classifier, sure].map(
          ({ locate }) => locate(heardAt(x, y, 0, off), undefined).estimate,
        );
        if (noisy === undefined || cold === undefined) throw new Error('two estimates');
        const { confidence, margin, ...where } = noisy;
        expect(cold).toMatchObject(where);
        expect(confidence).toBeLessThan(cold.confidence);
        const odds = (of: { confidence: number; margin: number }) =>
          Math.log(of.confidence / (of.confidence - of.margin));
        expect(odds(noisy) * OPEN_ROOM.temperature).toBeCloseTo(odds(cold), 6);
      }),
      { numRuns: 20 },
    );
  });

  it('does not care in which order the sensors stand', () => {
    fc.assert(
      fc.property(place, noise, ({ x, y }, off) => {
        const evidence = heardAt(x, y, 0, off);
        const backwards = {
          ...evidence,
          vector: Object.fromEntries(Object.entries(evidence.vector).reverse()),
        };
        const [one, other] = [evidence, backwards].map(
          (each) => classifier.locate(each, undefined).estimate,
        );
        expect(other?.zone_id).toBe(one?.zone_id);
        expect(other?.confidence).toBeCloseTo(one?.confidence ?? 0, 9);
      }),
      { numRuns: 15 },
    );
  });

  it('puts a phone that is 8 dB weaker within a metre of where it would be', () => {
    fc.assert(
      fc.property(place, noise, ({ x, y }, off) => {
        const weaker = off.map((db) => db - 8);
        const [one, other] = [off, weaker].map(
          (each) => classifier.locate(heardAt(x, y, 0, each), undefined).estimate,
        );
        const away = Math.hypot((one?.x ?? 0) - (other?.x ?? 9), (one?.y ?? 0) - (other?.y ?? 9));
        expect(away).toBeLessThan(1);
      }),
      { numRuns: 15 },
    );
  });

  it('takes a sensor that is alive and silent for one that is far away, a dead one for none', () => {
    // A weak phone in the south-west corner: the sensors of the north-east cannot hear it.
    const heard = without(without(heardAt(3, 3, 0, Array(8).fill(-14)), 'pi4'), 'pi5');
    const dead = classifier.locate(heard, undefined).estimate;
    const silent = classifier.locate({ ...heard, silent: ['pi4', 'pi5'] }, undefined).estimate;
    const awayFrom = (of: { x: number; y: number }) => Math.hypot(of.x - 19.8, of.y - 13);

    expect(awayFrom(silent)).toBeGreaterThan(awayFrom(dead) + 0.05);
    expect(silent.confidence).toBeGreaterThan(dead.confidence);
  });

  it('is not fooled by a silent sensor beside the phone: such a sensor has died', () => {
    const { vector, counts, ...rest } = heardAt(5, 1.5, 0);
    const { pi1: _level, ...others } = vector;
    const { estimate } = classifier.locate(
      { ...rest, counts, vector: others, silent: ['pi1'] },
      undefined,
    );

    expect(Math.hypot(estimate.x - 5, estimate.y - 1.5)).toBeLessThan(3.5);
  });
});

describe('windows after each other', () => {
  it('leave a belief of under a kilobyte that comes through JSON unharmed', () => {
    const [first] = follow([heardAt(5, 5, 1_700_000_000.123)]);
    const text = JSON.stringify(first?.belief);

    expect(text.length).toBeLessThan(1_000);
    const next = heardAt(6, 5, 1_700_000_005);
    expect(classifier.locate(next, JSON.parse(text))).toEqual(
      classifier.locate(next, first?.belief),
    );
  });

  it('steady a phone that stands still in noise', () => {
    fc.assert(
      fc.property(fc.array(noise, { minLength: 30, maxLength: 30 }), (offs) => {
        // Between two zones, where every bit of noise decides a window on its own.
        const windows = offs.map((off, index) =>
          heardAt(
            4.2,
            9.1,
            5 * index,
            off.map((db) => db / 4),
          ),
        );
        const switches = (zones: ReadonlyArray<number>) =>
          zones.filter((zone, index) => index > 0 && zone !== zones[index - 1]).length;
        const alone = windows.map((each) => classifier.locate(each, undefined).estimate.zone_id);
        const followed = follow(windows).map(({ estimate }) => estimate.zone_id);
        expect(switches(followed)).toBeLessThanOrEqual(Math.max(switches(alone) / 2, 3));
      }),
      { numRuns: 10, seed: 5 },
    );
  });

  it('follow a phone that walks through the shop', () => {
    const walk = Array.from({ length: 16 }, (_, step) => heardAt(2 + step, 9, 5 * step));
    const last = follow(walk).at(-1)?.estimate;

    expect(Math.hypot((last?.x ?? 0) - 17, (last?.y ?? 0) - 9)).toBeLessThan(3);
  });

  it('are forgotten with time', () => {
    const [first] = follow([heardAt(2, 2, 1_000)]);
    const once = Object.fromEntries(IDS.map((id) => [id, 1]));
    const soon = { ...heardAt(10, 9, 1_005), counts: once };
    const later = { ...soon, ts: 1_170 };
    const alone = classifier.locate(soon, undefined).estimate;
    const away = (evidence: Evidence) => {
      const { x, y } = classifier.locate(evidence, first?.belief).estimate;
      return Math.hypot(x - alone.x, y - alone.y);
    };

    expect(away(soon)).toBeGreaterThan(0.2);
    expect(away(later)).toBeLessThan(away(soon) / 3);
  });

  it.each([
    ['text', 'what?'],
    ['a number', 7],
    ['none', null],
    ['another floor', { floor: '1x1x1.00', ts: 0, at: 'A', heard: {} }],
    ['digits that are none', { floor: '22x20x1.00', ts: 0, at: '!'.repeat(440), heard: {} }],
    ['a later time', { ts: 9e9 }],
  ])('count a belief that is %s as none', (_what, belief) => {
    const evidence = heardAt(5, 5, 10);

    expect(classifier.locate(evidence, belief).estimate).toEqual(
      classifier.locate(evidence, undefined).estimate,
    );
  });
});

describe('motion', () => {
  it('knows the same levels from changed ones', () => {
    const before = heardAt(5, 5, 0);
    expect(stillness(before, heardAt(5, 5, 5))).toBeGreaterThan(0.9);
    expect(stillness(before, heardAt(12, 12, 5))).toBeLessThan(0.1);
    expect(stillness(before, { vector: { other: -50 }, counts: {} })).toBe(0);
  });

  it('counts evidence again the less, the more of the belief is kept', () => {
    for (const still of [0, 0.5, 1]) {
      const soon = weightsOf(still, 5);
      const late = weightsOf(still, 100);
      expect(late.prior).toBeLessThan(soon.prior);
      expect(late.evidence).toBeGreaterThanOrEqual(soon.evidence);
      expect(late.evidence).toBeLessThanOrEqual(1);
    }
  });

  it('keeps all of a phone on the floor', () => {
    const grid = gridOf(SHOP);
    const blocks = new Float64Array(grid.blockColumns * grid.blockRows);
    blocks[0] = 1;
    for (const elapsed of [0, 5, 60]) {
      const predicted = predict(grid, blocks, 0.5, elapsed);
      expect(predicted.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
      expect(Math.min(...predicted)).toBeGreaterThanOrEqual(0);
    }
    const near = predict(grid, blocks, 0, 5)[0] ?? 0;
    expect(predict(grid, blocks, 0, 60)[0]).toBeLessThan(near);
  });
});
