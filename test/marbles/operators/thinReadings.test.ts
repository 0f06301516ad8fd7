import { from, lastValueFrom, Subject, toArray } from 'rxjs';
import { seededRandom } from '../../../src/embedded/shop/random.ts';
import type { Reading } from '../../../src/model/reading.ts';
import type { Received } from '../../../src/model/received.ts';
import { collect } from '../../../src/operators/collectWindows.ts';
import { thinReadings } from '../../../src/operators/thinReadings.ts';
import { heapInUse } from '../../support/hostile.ts';
import { marbles } from '../../support/marbles.ts';
import { OTHER_PHONE, reading } from '../../support/readings.ts';

const policy = { readings: 2, spanMs: 5_000 };
const WINDOW = { readings: 20, spanMs: 5_000 };
const acknowledge = () => undefined;
const of = (value: Reading): Received => ({ _tag: 'Reading', value });
const thinned: Received = { _tag: 'Thinned' };

const kept = async (readings: ReadonlyArray<Reading>, known: ReadonlyArray<Reading> = []) => {
  const passed$ = from(readings.map(of)).pipe(thinReadings(WINDOW, known), toArray());
  return (await lastValueFrom(passed$)).flatMap((one) =>
    one._tag === 'Reading' ? [one.value] : [],
  );
};

/** So many a second, evenly, from `fromTs` on. */
const stream = (perSecond: number, seconds: number, fromTs = 1_000) =>
  Array.from({ length: perSecond * seconds }, (_, n) => reading(fromTs + n / perSecond));

describe('thinReadings', () => {
  it(
    'keeps so many of a sensor and phone in a span of their own time, and counts the others',
    marbles(({ cold, expectObservable }) => {
      const values = {
        a: of(reading(1)),
        b: of(reading(1.1)),
        c: of(reading(1.2)),
        d: of(reading(1.2, { sensor_id: 'pi2' })),
        e: of(reading(1.2, { phone_id: OTHER_PHONE })),
        f: of(reading(3.6)),
        g: of(reading(3.7)),
      };
      const source = cold('abcdefg|', values);
      const expected = '   abtdeft|';

      expectObservable(source.pipe(thinReadings(policy))).toBe(expected, { ...values, t: thinned });
    }),
  );

  it(
    'hands acknowledgements on and lets all else pass',
    marbles(({ cold, expectObservable }) => {
      const values = {
        a: of(reading(1)),
        b: { ...of(reading(1)), acknowledge },
        r: { _tag: 'Repeated' } as const,
        t: { ...thinned, acknowledge },
      };
      const source = cold('aabr-#', values);
      const expected = '   aatr-#';

      expectObservable(source.pipe(thinReadings(policy))).toBe(expected, values);
    }),
  );
});

it('keeps of a phone that is heard all the time 20 in each window, spread over it', async () => {
  const left = await kept(stream(200, 60));
  for (let at = 1_005; at < 1_060; at += 5) {
    const inWindow = left.filter(({ ts }) => ts >= at && ts < at + 5);
    expect(Math.abs(inWindow.length - 20)).toBeLessThanOrEqual(1);
    for (let second = at; second < at + 5; second += 1)
      expect(
        Math.abs(inWindow.filter(({ ts }) => Math.floor(ts) === second).length - 4),
      ).toBeLessThan(2);
  }
});

it('keeps 20 of a burst, and all of what comes slowly or late', async () => {
  expect(await kept(stream(500, 1))).toHaveLength(20 + 4);
  expect(await kept(stream(4, 30))).toHaveLength(120);
  const late = stream(1, 20, 900);
  expect(await kept([...stream(200, 1), ...late])).toHaveLength(24 + late.length);
});

it('keeps up to twice as many of a phone that was silent before, for however long', async () => {
  for (const silence of [10, 600, 36_000]) {
    const left = await kept([reading(1_000), ...stream(200, 5, 1_000 + silence)]);
    expect(left.length - 1).toBeGreaterThan(20);
    expect(left.length - 1).toBeLessThanOrEqual(40);
  }
});

it('costs no more memory for a crowd that goes on for ever', () => {
  const received$ = new Subject<Received>();
  let passed = 0;
  received$.pipe(thinReadings(policy)).subscribe(() => {
    passed += 1;
  });
  const crowd = (from: number, count: number) => {
    for (let n = from; n < from + count; n += 1)
      received$.next(of(reading(n, { phone_id: `id:${n}` })));
    return heapInUse();
  };
  const full = crowd(0, 150_000);
  expect(crowd(150_000, 200_000) - full).toBeLessThan(8 * 1024 * 1024);
  expect(passed).toBe(350_000);
});

it.each([0.1, 3, 4.8, 6, 9.9, 12, 3_600])(
  'takes nothing from what comes %d s late between what is live',
  async (lateness) => {
    const live = stream(3, 40);
    const late = stream(3, 40, 1_000 - lateness - 0.01);
    const mixed = live.flatMap((one, at) => [one, late[at] ?? one]);
    expect(await kept(mixed)).toHaveLength(mixed.length);
  },
);

it('keeps of what comes late as many in each span', async () => {
  const late = stream(200, 20, 900);
  const left = await kept([reading(1_000), ...late]);
  expect(left).toHaveLength(1 + 4 * 20);
  expect(await kept(left)).toEqual(left);
});

it('goes on after a restart as it would have without one', async () => {
  const all = stream(50, 40);
  const whole = await kept(all);
  for (const cut of [7, 60, 499, 1_001]) {
    const first = await kept(all.slice(0, cut));
    expect([...first, ...(await kept(all.slice(cut), first))]).toEqual(whole);
  }
  expect(await kept(whole)).toEqual(whole);
});

/** Fading that is alike for a second or so, and the noise of each frame, dB. */
it('leaves the median of a window where it was', async () => {
  const { normal, uniform } = seededRandom(7);
  let fading = 0;
  let ts = 1_000;
  const all = Array.from({ length: 60_000 }, () => {
    const step = uniform() / 50;
    ts += step;
    const alike = Math.exp(-step);
    fading = alike * fading + Math.sqrt(1 - alike ** 2) * 4 * normal(0, 1);
    return reading(ts, { rssi: Math.round(-60 + fading + 3 * normal(0, 1)) });
  });
  const medians = (readings: ReadonlyArray<Reading>) =>
    collect({ spanMs: 5_000, graceMs: 0 }, new Map(), {
      readings,
      nowMs: Number.POSITIVE_INFINITY,
    }).vectors.map(({ vector }) => vector['pi1'] ?? Number.NaN);
  const before = medians(all);
  const differences = medians(await kept(all)).map((dbm, at) => dbm - (before[at] ?? Number.NaN));
  const mean = (values: ReadonlyArray<number>) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(differences.length).toBeGreaterThan(100);
  expect(Math.abs(mean(differences))).toBeLessThan(0.2);
  expect(Math.sqrt(mean(differences.map((one) => one ** 2)))).toBeLessThan(1.25);
});
