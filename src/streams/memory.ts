import type { Snapshot } from '../model/checkpoint.ts';
import { type OpenWindows, windowKey } from '../model/openWindow.ts';
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
  windows: [...windows.values()],
  beliefs: [...beliefs.phones].map(([phone_id, { belief, ts }]) => ({ phone_id, ts, belief })),
  sensors: Object.fromEntries(beliefs.sensors),
  tracks: [...tracks.phones.values()],
  presences: [...presences].map(([phone_id, { firstTs, lastTs, isResident }]) => [
    phone_id,
    firstTs,
    lastTs,
    isResident,
  ]),
});

/** What a snapshot remembers; `later` are the readings that it does not contain yet. */
export const memoryOf = (
  { windows, beliefs, sensors, tracks, presences }: Snapshot,
  policy: WindowPolicy,
  later: ReadonlyArray<Reading>,
): Memory => ({
  windows: collect(policy, new Map(windows.map((window) => [windowKey(window), window])), {
    readings: later,
    nowMs: Number.NEGATIVE_INFINITY,
  }).windows,
  beliefs: {
    phones: new Map(beliefs.map(({ phone_id, ...believed }) => [phone_id, believed])),
    sensors: new Map(Object.entries(sensors)),
    // Last wills are retained: the broker says them again.
    lost: new Map(),
  },
  tracks: { phones: new Map(tracks.map((track) => [track.phone_id, track])), latestTs: 0 },
  presences: new Map(
    presences.map(([phone_id, firstTs, lastTs, isResident]) => [
      phone_id,
      { firstTs, lastTs, isResident },
    ]),
  ),
});
