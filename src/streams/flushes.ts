import { filter, pipe } from 'rxjs';
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

/**
 * Readings → every 5 s, what they tell: vectors, zones, movements, and what is remembered behind
 * them. A flush that brings nothing and changes nothing is left out.
 */
export const flushes = (
  classifier: Classifier,
  policies: Pick<Policies, 'window' | 'movement'>,
  memory: Memory,
  env: Pick<Env, 'scheduler'>,
): Operator<Reading | SensorStatus, Tracking> =>
  pipe(
    flushEvery(policies.window.spanMs, env, policies.window.beatMs),
    collectWindows(policies.window, memory.windows),
    classifyZones(classifier, memory.beliefs),
    classifyDevices(memory.presences),
    trackMovement(policies.movement, memory.tracks),
    filter(({ readings, events }) => readings.length + events.length > 0),
  );
