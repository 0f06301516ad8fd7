import { either as E } from 'fp-ts';
import { defer, of } from 'rxjs';
import type { Layout } from '../../../src/model/layout.ts';
import { layouts } from '../../../src/streams/layouts.ts';
import { marbles } from '../../support/marbles.ts';

const zone = (zone_id: number, x = 0) => ({
  zone_id,
  x,
  y: 0,
  zone_name: `Zone ${zone_id}`,
  zone_type: 'display' as const,
});
const sensor = (sensor_id: string, x = 0) => ({ sensor_id, x, y: 0, z: 2 });
const A: Layout = { zones: [zone(1), zone(2)], sensors: [sensor('pi1'), sensor('pi2')] };
const B: Layout = { zones: [zone(2, 5), zone(3)], sensors: [sensor('pi2'), sensor('pi3')] };

/** What is read each time, the last one for ever. */
const reading = (...reads: ReadonlyArray<Layout | string>) => {
  let turn = -1;
  return defer(() => {
    turn = Math.min(turn + 1, reads.length - 1);
    const read = reads[turn] ?? A;
    return of(typeof read === 'string' ? E.left([read]) : E.right(read));
  });
};

const usable = (layout: Layout) => of(E.right(layout));

describe('layouts', () => {
  it(
    'tells of another layout once, when it was read twice, and logs what changed',
    marbles(({ env, expectObservable, flush }) => {
      const changed$ = layouts(A, reading(A, B), usable, 5_000, env);
      expectObservable(changed$, '^ 60s !').toBe('15s b', { b: B });
      flush();
      expect(env.logged).toEqual([
        {
          level: 'info',
          event: 'layout changed',
          zonesAdded: [3],
          zonesRemoved: [1],
          zonesChanged: [2],
          sensorsAdded: ['pi3'],
          sensorsRemoved: ['pi1'],
          sensorsChanged: [],
        },
      ]);
    }),
  );

  it(
    'takes no notice of another order, nor of a file that was half written',
    marbles(({ env, expectObservable, flush }) => {
      const reversed = { zones: [...A.zones].reverse(), sensors: [...A.sensors].reverse() };
      const half = { ...A, sensors: A.sensors.slice(0, 1) };
      const changed$ = layouts(A, reading(reversed, half, A, half, B, A), usable, 5_000, env);
      expectObservable(changed$, '^ 60s !').toBe('-');
      flush();
      expect(env.logged).toEqual([]);
    }),
  );

  it(
    'stays with the layout before where another one cannot be used, and says so once',
    marbles(({ env, expectObservable, flush }) => {
      const changed$ = layouts(
        A,
        reading('zones.csv: empty', 'zones.csv: empty', B),
        usable,
        5_000,
        env,
      );
      expectObservable(changed$, '^ 60s !').toBe('20s b', { b: B });
      flush();
      expect(env.logged.map(({ event }) => event)).toEqual(['layout not usable', 'layout changed']);
    }),
  );

  it(
    'tries what could not be loaded again until it can be, and says why once',
    marbles(({ env, expectObservable, flush }) => {
      const tries = ['no calibration', 'no calibration', 'of other sensors'];
      const load = (layout: Layout) =>
        defer(() => {
          const problem = tries.shift();
          return of(problem === undefined ? E.right(layout) : E.left([problem]));
        });
      const changed$ = layouts(A, reading(B), load, 5_000, env);
      expectObservable(changed$, '^ 60s !').toBe('25s b', { b: B });
      flush();
      expect(env.logged.map(({ event, problems }) => [event, problems])).toEqual([
        ['layout not usable', 'no calibration'],
        ['layout not usable', 'of other sensors'],
        ['layout changed', undefined],
      ]);
    }),
  );

  it(
    'changes back',
    marbles(({ env, expectObservable }) => {
      const changed$ = layouts(A, reading(B, B, A, A), usable, 5_000, env);
      expectObservable(changed$, '^ 60s !').toBe('10s b 9999ms a', { a: A, b: B });
    }),
  );
});
