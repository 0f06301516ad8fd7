import { ignoreElements, map } from 'rxjs';
import { EMPTY_SNAPSHOT, type Presence } from '../../../src/model/checkpoint.ts';
import type { Track } from '../../../src/model/track.ts';
import { NO_CLASSIFIER } from '../../../src/positioning/classifier.ts';
import { flushes } from '../../../src/streams/flushes.ts';
import { memoryOf, NO_MEMORY } from '../../../src/streams/memory.ts';
import { counting } from '../../support/classifiers.ts';
import { marbles } from '../../support/marbles.ts';
import { PHONE, reading } from '../../support/readings.ts';

const window = { spanMs: 5_000, graceMs: 1_000 };
const movement = {
  confirmAssignments: 2,
  dwellGapSeconds: 30,
  visitGapSeconds: 300,
  quietMs: 60_000,
};
/** One of a burst of made-up addresses: it has no visit that would end. */
const burst: Track = {
  phone_id: PHONE,
  enter_ts: 0,
  heard_ts: 0,
  zones: [1],
  zone_id: 1,
  device_class: 'fixed_burst',
  stay: { zone_id: 1, enter_ts: 0, last_ts: 0 },
};

it(
  'tells of a window that is over also where nobody was placed in it',
  marbles(({ cold, env, expectObservable }) => {
    const source = cold('a 20s |', { a: reading(0) });
    const expected = '  1020ms r 4999ms v 13980ms |';

    const told$ = source.pipe(
      flushes(NO_CLASSIFIER, { window: { ...window, beatMs: 1_020 }, movement }, NO_MEMORY, env),
      map(({ readings, vectors, events }) => [readings.length, vectors.length, events.length]),
    );
    expectObservable(told$).toBe(expected, { r: [1, 0, 0], v: [0, 1, 0] });
  }),
);

it(
  'says once that there are too many ids',
  marbles(({ cold, env, expectObservable, flush }) => {
    const event = 'too many ids to remember';
    const logged: string[] = [];
    const told = { ...env, log: (one: { event: string }) => logged.push(one.event) };
    const crowd = Array.from({ length: 200_010 }, (_, n): [string, Presence] => [
      `id:${n}`,
      { firstTs: n, lastTs: n, isResident: true },
    ]);
    const memory = memoryOf({ ...EMPTY_SNAPSHOT, presences: new Map(crowd) }, window, []);
    const source$ = cold('a 19s b|', { a: reading(0), b: reading(0) });
    const sizes$ = source$.pipe(
      flushes(counting(), { window, movement }, memory, told),
      map(({ presences }) => presences.size),
    );
    expectObservable(sizes$.pipe(ignoreElements())).toBe('- 19s - |');
    flush();
    expect(logged).toEqual([event]);
  }),
);

it(
  'ends with nobody there, also where that is told by no event, and says nothing in between',
  marbles(({ cold, env, expectObservable }) => {
    const memory = memoryOf(
      { ...EMPTY_SNAPSHOT, tracks: new Map([[burst.phone_id, burst]]) },
      window,
      [],
    );
    const source = '  20s |';
    const expected = '20s (x|)';

    const told$ = cold<never>(source).pipe(
      flushes(counting(), { window, movement }, memory, env),
      map(({ events, tracks }) => ({ events: events.length, phones: tracks.phones.size })),
    );
    expectObservable(told$).toBe(expected, { x: { events: 0, phones: 0 } });
  }),
);
