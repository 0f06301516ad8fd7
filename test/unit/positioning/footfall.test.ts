import fc from 'fast-check';
import { BURST_POLICY, burstIntervals, burstStarts } from '../../../src/positioning/bursts.ts';
import {
  DEFAULT_FACTOR,
  estimatePeople,
  fitFactor,
  footfallOf,
} from '../../../src/positioning/footfall.ts';
import { scoreFootfall } from '../../../src/positioning/footfallScore.ts';
import { meanPeople } from '../../../src/positioning/headcount.ts';

const phone = (n: number, first = 'a6') =>
  `${first}:00:00:00:00:${n.toString(16).padStart(2, '0')}`;
const sighting = (ts: number, phone_id = phone(1), rssi = -60) => ({ ts, phone_id, rssi });

describe('burstStarts', () => {
  it.each([
    ['nothing', [], []],
    ['one burst of many probes', [sighting(5), sighting(5.1), sighting(6)], [5]],
    ['silence of ten seconds', [sighting(5), sighting(15)], [5]],
    ['more', [sighting(5), sighting(15.1)], [5, 15.1]],
    ['a burst that goes on', [sighting(0), sighting(8), sighting(16)], [0]],
    ['two phones at once', [sighting(5), sighting(5, phone(2))], [5, 5]],
    ['a fixed address', [sighting(5, phone(1, 'a8'))], []],
    ['next door', [sighting(5, phone(1), -91)], []],
  ])('%s', (_what, sightings, starts) => {
    expect(burstStarts(sightings, BURST_POLICY)).toEqual(starts);
  });
});

describe('burstIntervals', () => {
  it('cuts a recording into whole intervals from its first sighting, in any order', () => {
    const sightings = [sighting(310, phone(3)), sighting(100), sighting(199, phone(2, 'a8'))];
    expect(burstIntervals(sightings, 1)).toEqual([
      { startTs: 100, minutes: 1, bursts: 1, ids: 1 },
      { startTs: 160, minutes: 1, bursts: 0, ids: 1 },
      { startTs: 220, minutes: 1, bursts: 0, ids: 0 },
    ]);
  });

  it('takes a short recording for one interval, and none for none', () => {
    const short = [sighting(100), sighting(100 + 359, phone(2))];
    expect(burstIntervals(short, 30)).toEqual([{ startTs: 100, minutes: 6, bursts: 2, ids: 2 }]);
    expect(burstIntervals([sighting(100)], 30)).toMatchObject([{ minutes: 1, bursts: 1 }]);
    expect(burstIntervals([], 30)).toEqual([]);
  });
});

describe('estimatePeople', () => {
  it('is the rate of bursts by what one person causes', () => {
    expect(estimatePeople(234, 30, DEFAULT_FACTOR).people).toBeCloseTo(10);
    expect(estimatePeople(0, 30, DEFAULT_FACTOR)).toMatchObject({ people: 0, low: 0 });
  });

  it('lies within its interval, which is never negative and narrows with time', () => {
    const bursts = fc.integer({ min: 0, max: 5_000 });
    fc.assert(
      fc.property(bursts, fc.double({ min: 0.01, max: 1, noNaN: true }), (count, spread) => {
        const factor = { burstsPerPersonMinute: 0.78, spread };
        const { people, low, high } = estimatePeople(count, 10, factor);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(low).toBeLessThanOrEqual(people);
        expect(high).toBeGreaterThan(people * 0.9);
        expect(estimatePeople(count * 4, 40, factor).high).toBeLessThanOrEqual(high);
      }),
    );
  });

  it('has the interval of Poisson where stores do not differ: 100 ± 1.645 · 10', () => {
    const factor = { burstsPerPersonMinute: 1, spread: 0 };
    const { low, high } = estimatePeople(100, 1, factor);
    expect(low).toBeCloseTo(84.6, 0);
    expect(high).toBeCloseTo(117.6, 0);
  });
});

describe('fitFactor', () => {
  it('finds the rate that made the bursts, and how much it varied', () => {
    const hours = [0.6, 1.0].flatMap((rate) =>
      [5, 20, 50].map((people) => ({ people, minutes: 60, bursts: rate * people * 60 })),
    );
    const fitted = fitFactor(hours);
    expect(fitted?.burstsPerPersonMinute).toBeCloseTo(0.8);
    expect(fitted?.spread).toBeCloseTo(0.25, 1);
  });

  it('learns nothing where nobody was', () => {
    expect(fitFactor([])).toBeUndefined();
    expect(fitFactor([{ people: 0, minutes: 60, bursts: 3 }])).toBeUndefined();
  });
});

it('tells by how long people stay how many came', () => {
  const present = { people: 10, low: 8, high: 13 };
  expect(footfallOf(present, 1, 0.25)).toEqual({ people: 40, low: 32, high: 52 });
});

describe('meanPeople', () => {
  const counts = [{ ts: 0, people: 2 }, { ts: 30, people: 4 }, { ts: 60 }, { ts: 90, people: 8 }];
  it.each([
    ['weighs by time', 0, 60, 3],
    ['counts hold until the next one', 10, 40, (2 * 20 + 4 * 10) / 30],
    ['not enough is known', 30, 90, undefined],
    ['after the last count', 90, 120, undefined],
  ])('%s', (_what, start, end, people) => {
    expect(meanPeople(counts, start, end)).toBe(people);
  });
});

it('scores nothing where nobody counted', () => {
  expect(
    scoreFootfall([{ startTs: 0, minutes: 10, bursts: 1, ids: 1, people: 1, low: 0, high: 2 }]),
  ).toBeUndefined();
});
