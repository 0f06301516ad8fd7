import type { Assignment } from '../../src/model/assignment.ts';
import type { Heard } from '../../src/model/heard.ts';
import type { Reading } from '../../src/model/reading.ts';
import type { RssiVector } from '../../src/model/rssiVector.ts';

export const PHONE = 'a8:76:50:e9:28:20';
export const OTHER_PHONE = 'b2:00:00:00:00:01';

/** `ts` in Unix seconds; a virtual clock starts at 0. */
export const reading = (ts: number, changes: Partial<Reading> = {}): Reading => ({
  sensor_id: 'pi1',
  phone_id: PHONE,
  rssi: -60,
  ts,
  ...changes,
});

export const heard = (of: Reading, changes: Partial<Heard> = {}): Heard => ({
  reading: of,
  topic: 'neuralsense/rssi',
  receivedAt: of.ts,
  ...changes,
});

/** One reading of −60 dBm by pi1. */
export const vector = (ts: number, changes: Partial<RssiVector> = {}): RssiVector => ({
  phone_id: PHONE,
  window_start: Math.floor(ts / 5) * 5,
  ts,
  vector: { pi1: -60 },
  counts: { pi1: 1 },
  ...changes,
});

export const assignment = (
  ts: number,
  zone_id = 1,
  changes: Partial<Assignment> = {},
): Assignment => ({
  zone_id,
  phone_id: PHONE,
  ts,
  confidence: 0.85,
  margin: 0.23,
  sources: ['pi1'],
  vector: { pi1: -60 },
  x: 1,
  y: 2,
  runner_up: null,
  ...changes,
});
