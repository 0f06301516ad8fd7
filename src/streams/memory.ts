import type { Snapshot } from '../model/checkpoint.ts';
import type { OpenWindows } from '../model/openWindow.ts';
import type { WindowPolicy } from '../model/policies.ts';
import type { Reading } from '../model/reading.ts';
import type { Presences } from '../operators/classifyDevices.ts';
import { type Beliefs, NO_BELIEFS } from '../operators/classifyZones.ts';
import { collect } from '../operators/collectWindows.ts';
import { NO_TRACKS, type Tracks } from '../operators/trackMovement.ts';

/** What the operators remember from one flush to the next. */
export interface Memory {
  readonly windows: OpenWindows;
  readonly beliefs: Beliefs;
  readonly tracks: Tracks;
  readonly presences: Presences;
}

export const NO_MEMORY: Memory = {
  windows: new Map(),
  beliefs: NO_BELIEFS,
  tracks: NO_TRACKS,
  presences: new Map(),
};

export const snapshotOf = ({ windows, beliefs, tracks, presences }: Memory): Snapshot => ({
  windows,
  beliefs: beliefs.phones,
  sensors: beliefs.sensors,
  tracks: tracks.phones,
  presences,
});

/** What a snapshot remembers; `later` are the readings that it does not contain yet. */
export const memoryOf = (
  { windows, beliefs, sensors, tracks, presences }: Snapshot,
  policy: WindowPolicy,
  later: ReadonlyArray<Reading>,
): Memory => ({
  // None may close here: its vector would be nobody's.
  windows: collect(
    policy,
    windows,
    { readings: later, nowMs: Number.NEGATIVE_INFINITY },
    Number.POSITIVE_INFINITY,
  ).windows,
  // Last wills are retained: the broker says them again.
  beliefs: { phones: beliefs, sensors, lost: new Map() },
  tracks: { phones: tracks, latestTs: 0 },
  presences,
});
