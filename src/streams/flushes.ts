import { concatMap, defer, type MonoTypeOperatorFunction, pipe, scan, tap } from 'rxjs';
import type { Policies } from '../model/policies.ts';
import type { Reading } from '../model/reading.ts';
import type { SensorStatus } from '../model/sensorStatus.ts';
import type { Env, Operator } from '../model/shapes.ts';
import { classifyDevices } from '../operators/classifyDevices.ts';
import { classifyZones } from '../operators/classifyZones.ts';
import { collectWindows } from '../operators/collectWindows.ts';
import { flushEvery } from '../operators/flushEvery.ts';
import { type Tracking, trackMovement } from '../operators/trackMovement.ts';
import type { Classifier } from '../positioning/classifier.ts';
import type { Memory } from './memory.ts';

const ADVICE =
  'those heard longest ago begin anew when they are heard again: see docs/operating.md';

interface Told {
  readonly phones: number;
  readonly news: ReadonlyArray<Tracking>;
}

/** Says once that there were too many ids, and what that costs. */
const tellCrowd =
  ({ log }: Pick<Env, 'log'>): MonoTypeOperatorFunction<Tracking> =>
  (flushes$) =>
    defer(() => {
      let isTold = false;
      return flushes$.pipe(
        tap(({ closedEarly, unbelieved, forgotten, unfollowed }) => {
          if (isTold || closedEarly + unbelieved + forgotten + unfollowed === 0) return;
          isTold = true;
          const counts = { closedEarly, unbelieved, forgotten, unfollowed };
          log({ level: 'warn', event: 'too many ids to remember', ...counts, advice: ADVICE });
        }),
      );
    });

const isNews = ({ readings, vectors, events }: Tracking): boolean =>
  readings.length + vectors.length + events.length > 0;

/**
 * Readings → every 5 s, what they tell: vectors, zones, movements, and what is remembered behind
 * them. A flush that brings nothing and changes nothing is left out; that somebody is no longer there
 * is a change, for a start after a stop in order has nothing to recover.
 */
export const flushes = (
  classifier: Classifier,
  policies: Pick<Policies, 'window' | 'movement' | 'infrastructure'>,
  memory: Memory,
  env: Pick<Env, 'scheduler' | 'log'>,
): Operator<Reading | SensorStatus, Tracking> =>
  pipe(
    flushEvery(policies.window.spanMs, env, policies.window.beatMs),
    collectWindows(policies.window, memory.windows),
    classifyZones(classifier, memory.beliefs),
    classifyDevices(memory.presences, policies.infrastructure),
    trackMovement(policies.movement, memory.tracks),
    tellCrowd(env),
    scan(
      ({ phones }, flush) => ({
        phones: flush.tracks.phones.size,
        news: isNews(flush) || flush.tracks.phones.size !== phones ? [flush] : [],
      }),
      { phones: memory.tracks.phones.size, news: [] } as Told,
    ),
    concatMap(({ news }) => news),
  );
