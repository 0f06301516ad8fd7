import { scan } from 'rxjs';
import type { Assignment } from '../model/assignment.ts';
import type { MovementPolicy } from '../model/policies.ts';
import type { Operator } from '../model/shapes.ts';
import type { ShopEvent } from '../model/shopEvent.ts';
import type { Track } from '../model/track.ts';
import { endAhead, expire, observe, over, type Tracked } from '../positioning/track.ts';
import type { Classed } from './classifyDevices.ts';
import { type CrowdPolicy, forgetPassing, isPassing, surplus } from './crowd.ts';

/** The phones in the store. */
export interface Tracks {
  readonly phones: ReadonlyMap<string, Track>;
  /** The latest time that any phone told, Unix seconds. */
  readonly latestTs: number;
  /** When a phone was last seen, Unix ms of the machine's clock; undefined before the first flush. */
  readonly seenAtMs?: number;
}

export const NO_TRACKS: Tracks = { phones: new Map(), latestTs: 0 };

export interface Followed {
  readonly tracks: Tracks;
  /**
   * First what a clock that was set back has ended; then every assignment, and behind it what it began
   * or ended; last what silence has ended.
   */
  readonly events: ReadonlyArray<ShopEvent>;
  /** How many phones are too many to be followed: their visits end where they were last heard. */
  readonly unfollowed: number;
}

/** A burst is told of in no dwell and no visit: heard again it begins anew. */
const TRACKS: CrowdPolicy = { roomy: 10_000, gapSeconds: 60, most: 100_000 };
const FOLLOWED = {
  isPassing: ({ device_class }: Track): boolean => isPassing(device_class),
  heardTs: ({ heard_ts }: Track): number => heard_ts,
};

export type Tracking = Classed & Followed;

/**
 * Follows the phones through one flush; times in Unix ms. While phones are seen, time is theirs
 * (a backlog ends no visit); when all have been silent for `quietMs` it is the machine's, as far as
 * windows are closed: who was heard since is no longer silent. A window closes behind the machine's
 * clock, so that what lies ahead of it was told before it was set back.
 */
export const follow = (
  policy: MovementPolicy,
  before: Tracks,
  assignments: ReadonlyArray<Assignment>,
  nowMs: number,
  closedUntilMs: number = nowMs,
  crowd: CrowdPolicy = TRACKS,
): Followed => {
  const phones = new Map(before.phones);
  const keep = (phone: string, { track, movements }: Tracked): ReadonlyArray<ShopEvent> => {
    if (track === undefined) phones.delete(phone);
    else phones.set(phone, track);
    return movements;
  };
  const clockTs = nowMs / 1000;
  const ahead = [...phones].flatMap(([phone, track]) =>
    keep(phone, endAhead(policy, track, clockTs)),
  );
  const seen = assignments.flatMap(
    (value): ReadonlyArray<ShopEvent> => [
      { _tag: 'Assignment', value },
      ...keep(value.phone_id, observe(policy, phones.get(value.phone_id), value)),
    ],
  );
  const latestTs = assignments.reduce(
    (latest, { ts }) => Math.max(latest, ts),
    Math.min(before.latestTs, clockTs),
  );
  const seenAtMs = assignments.length > 0 ? nowMs : Math.min(before.seenAtMs ?? nowMs, nowMs);
  const isOver = nowMs === Number.POSITIVE_INFINITY;
  const isQuiet = isOver || nowMs - seenAtMs >= policy.quietMs;
  const untilTs = isQuiet ? closedUntilMs / 1000 : Math.min(latestTs, clockTs);
  const ended = [...phones].flatMap(([phone, track]) =>
    keep(phone, expire(policy, track, untilTs)),
  );
  forgetPassing(phones, crowd, FOLLOWED, untilTs);
  const going = surplus(phones, crowd, FOLLOWED);
  const left = going.flatMap(([phone, track]) => keep(phone, over(track)));
  return {
    tracks: { phones, latestTs, seenAtMs },
    events: [...ahead, ...seen, ...ended, ...left],
    unfollowed: going.length,
  };
};

const withFound = (found: Classed['found'], followed: Followed): Followed => ({
  ...followed,
  events: [
    ...found.map((value): ShopEvent => ({ _tag: 'Infrastructure', value })),
    ...followed.events,
  ],
});

/**
 * Assignments → shop events: what was found to be infrastructure, the assignments themselves, and
 * transitions, dwells and visits, each when it is certain: a transition when the new zone is
 * confirmed, a dwell when its phone moved on or fell silent, a visit when it left. At the end of the stream all open stays and visits end where
 * their phones were last heard.
 *
 * @param before the phones that were in the store when the process before this one ended
 */
export const trackMovement =
  (policy: MovementPolicy, before: Tracks = NO_TRACKS): Operator<Classed, Tracking> =>
  (flushes$) =>
    flushes$.pipe(
      scan(
        ({ tracks }, flush): Tracking => ({
          ...flush,
          ...withFound(
            flush.found,
            follow(policy, tracks, flush.assignments, flush.nowMs, flush.closedUntilMs),
          ),
        }),
        { tracks: before } as Tracking,
      ),
    );
