import type { Levels } from '../../../src/model/stand.ts';
import { steadinessOf } from '../../../src/model/steadiness.ts';

/** Windows in which each sensor was heard as `dbmOf` says; undefined: not heard. */
const windows = (
  count: number,
  dbmOf: Readonly<Record<string, (index: number) => number | undefined>>,
): ReadonlyArray<Levels> =>
  Array.from({ length: count }, (_, index) =>
    Object.fromEntries(
      Object.entries(dbmOf).flatMap(([id, of]) => {
        const dbm = of(index);
        return dbm === undefined ? [] : [[id, { dbm, count: 1 }] as const];
      }),
    ),
  );
const still = () => -60;
const swaying = (db: number) => (index: number) => (index % 2 === 0 ? -60 - db : -60 + db);

it('needs a minute of windows, however steady they are', () => {
  expect(steadinessOf(windows(11, { pi1: still }))).toMatchObject({ isEnough: false, missing: 1 });
  expect(steadinessOf(windows(12, { pi1: still }))).toEqual({
    ...{ windows: 12, steady: ['pi1'], isEnough: true, missing: 0 },
  });
});

it('needs mean levels that are known to a decibel: three of four sensors that hear the zone', () => {
  const two = { pi1: still, pi2: still };
  const found = steadinessOf(windows(12, { ...two, pi3: swaying(3), pi4: swaying(4) }));
  expect(found).toMatchObject({ steady: ['pi1', 'pi2', 'pi3'], isEnough: true });
  const unsteady = steadinessOf(windows(12, { ...two, pi3: swaying(4), pi4: swaying(4) }));
  expect(unsteady).toMatchObject({ steady: ['pi1', 'pi2'], isEnough: false, missing: 1 });
});

it('asks nothing of a sensor that seldom hears the zone, and nothing more after three minutes', () => {
  const seldom = (index: number) => (index % 4 === 0 ? -90 : undefined);
  expect(steadinessOf(windows(12, { pi1: still, pi2: seldom })).isEnough).toBe(true);
  expect(steadinessOf(windows(35, { pi1: swaying(9) })).isEnough).toBe(false);
  expect(steadinessOf(windows(36, { pi1: swaying(9) })).isEnough).toBe(true);
});

it('counts no window in which nobody heard the phone', () => {
  expect(steadinessOf(windows(40, { pi1: () => undefined }))).toMatchObject({
    ...{ windows: 0, isEnough: false, missing: 12 },
  });
});
