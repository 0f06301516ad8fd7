import {
  judgeStillness,
  observeStillness,
  STILLNESS_POLICY,
  type Stillness,
} from '../../../src/positioning/infrastructure.ts';
import { standing, type Window, walking } from '../../support/allFrames.ts';

/** After how many seconds windows, one each 5 s, are taken for infrastructure's; undefined: never. */
const foundAfter = (
  windows: ReadonlyArray<Window | undefined>,
  liveSensors = 8,
): number | undefined => {
  let stillness: Stillness | undefined;
  for (const [index, vector] of windows.entries()) {
    if (vector === undefined) continue;
    const seen = { ts: index * 5, vector, liveSensors };
    stillness = observeStillness(STILLNESS_POLICY, stillness, seen);
    const verdict = judgeStillness(STILLNESS_POLICY, stillness, seen);
    if (verdict === 'infrastructure') return seen.ts;
    if (verdict !== undefined)
      stillness = {
        ...observeStillness(STILLNESS_POLICY, undefined, seen),
        hasMoved: stillness.hasMoved || verdict === 'moved',
      };
  }
  return undefined;
};

const only = (window: Window, sensors: number): Window =>
  Object.fromEntries(Object.entries(window).slice(0, sensors));

describe('what always stands still, recorded at four places', () => {
  it.each([0, 1, 2, 3])('is found after three minutes, place %d', (place) => {
    expect(foundAfter(standing()[place] ?? [])).toBe(180);
  });

  it('is found though one window in fifteen is missing, and one in eight is another’s', () => {
    const [place = [], elsewhere = []] = standing();
    expect(foundAfter(place.map((one, n) => (n % 15 === 7 ? undefined : one)))).toBeDefined();
    expect(foundAfter(place.map((one, n) => (n % 8 === 7 ? elsewhere[n] : one)))).toBe(180);
  });

  it('is not found where it is silent in every fifth window', () => {
    expect(
      foundAfter((standing()[0] ?? []).map((one, n) => (n % 5 === 4 ? undefined : one))),
    ).toBeUndefined();
  });

  it('is not found where no more than half of the live sensors hear it', () => {
    const [place = []] = standing();
    expect(foundAfter(place.map((one) => only(one, 4)))).toBeUndefined();
    expect(foundAfter(place.map((one) => only(one, 5)))).toBe(180);
  });

  it('is not found with two sensors, which every phone may reach', () => {
    const two = (standing()[0] ?? []).map((one) => only(one, 2));
    expect(foundAfter(two, 2)).toBeUndefined();
  });
});

describe('a shopper', () => {
  it('who walks is not found, however long', () => {
    const walk = walking();
    expect(foundAfter(Array.from({ length: 240 }, (_, n) => walk[n % walk.length]))).toBe(
      undefined,
    );
  });

  it.each([
    [15, 0],
    [30, 1],
    [60, 2],
    [60, 3],
  ])('who walks for %d s and then stands for ten minutes at place %d is not found', (s, place) => {
    const came = walking().slice(-s / 5);
    expect(foundAfter([...came, ...(standing()[place] ?? []).slice(0, 120)])).toBeUndefined();
  });
});

it('what moves off so slowly that no window is unlike the usual is not found', () => {
  const drifting = Array.from({ length: 60 }, (_, n) => ({
    pi1: -60 - n * 0.15,
    pi2: -70 + n * 0.15,
    pi3: -65 - n * 0.15,
  }));
  expect(foundAfter(drifting, 3)).toBeUndefined();
  expect(
    foundAfter(
      drifting.map(() => drifting[0]),
      3,
    ),
  ).toBe(180);
});

it('what has moved and then stands for half an hour is found', () => {
  const place = standing()[0] ?? [];
  const long = [...place, ...place, ...place, ...place];
  expect(foundAfter([...walking().slice(-6), ...long])).toBeGreaterThanOrEqual(1_800);
});

it('a straggler from before the beginning changes nothing', () => {
  const seen = { ts: 100, vector: { pi1: -60 }, liveSensors: 3 };
  const begun = observeStillness(STILLNESS_POLICY, undefined, seen);
  expect(observeStillness(STILLNESS_POLICY, begun, { ...seen, ts: 90 })).toBe(begun);
});
