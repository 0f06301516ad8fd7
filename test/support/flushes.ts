import type { Assignment } from '../../src/model/assignment.ts';
import type { RssiVector } from '../../src/model/rssiVector.ts';
import type { Classed } from '../../src/operators/classifyDevices.ts';
import { NO_BELIEFS } from '../../src/operators/classifyZones.ts';
import type { Windowed } from '../../src/operators/collectWindows.ts';

/** A flush in which these vectors closed; `nowMs` in Unix ms. */
export const windowed = (vectors: ReadonlyArray<RssiVector>, nowMs = 0): Windowed => ({
  readings: [],
  nowMs,
  windows: new Map(),
  vectors,
  closedUntilMs: nowMs,
  closedEarly: 0,
});

/** A flush in which these assignments were made. */
export const placedAt = (assignments: ReadonlyArray<Assignment>, nowMs: number): Classed => ({
  ...windowed([], nowMs),
  beliefs: NO_BELIEFS,
  assignments,
  presences: new Map(),
  unbelieved: 0,
  forgotten: 0,
  still: new Map(),
  found: [],
});
