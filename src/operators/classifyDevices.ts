import { scan } from 'rxjs';
import type { Assignment } from '../model/assignment.ts';
import type { Presence } from '../model/checkpoint.ts';
import type { Operator } from '../model/shapes.ts';
import {
  deviceClass,
  isForgettable,
  observePresence,
  PRESENCE_POLICY,
  type PresencePolicy,
} from '../positioning/deviceClass.ts';
import type { Placed } from './classifyZones.ts';
import { type CrowdPolicy, forgetPassing, isPassing, surplus } from './crowd.ts';

/** How each id has behaved so far. */
export type Presences = ReadonlyMap<string, Presence>;

export interface Known {
  readonly presences: Presences;
  /** Each with the class that its phone had by then. */
  readonly assignments: ReadonlyArray<Assignment>;
  /** How many ids are too many to be known. */
  readonly forgotten: number;
}

/** Long enough for a phone that is heard every two minutes to become a visitor. */
const PRESENCES: CrowdPolicy = { roomy: 10_000, gapSeconds: 180, most: 200_000 };

export type Classed = Placed & Known;

/**
 * Classes the phones of one flush; `nowTs` in Unix seconds. Time is what the phones say, as long as
 * it is not ahead of ours; in a flush without phones nothing is forgotten. In a crowd a burst of an
 * address that was not given for good is forgotten when it was silent for longer than its gap: heard
 * again later it is a burst once more.
 */
export const classDevices = (
  policy: PresencePolicy,
  before: Presences,
  assignments: ReadonlyArray<Assignment>,
  nowTs: number,
  crowd: CrowdPolicy = PRESENCES,
): Known => {
  const presences = new Map(before);
  const classed = assignments.map((assignment): Assignment => {
    const { phone_id, ts } = assignment;
    const presence = observePresence(policy, presences.get(phone_id), ts);
    presences.set(phone_id, presence);
    return { ...assignment, device_class: deviceClass(policy, phone_id, presence) };
  });
  const latestTs = assignments.reduce((latest, { ts }) => Math.max(latest, ts), 0);
  const untilTs = Math.min(latestTs, nowTs);
  for (const [phone, presence] of presences)
    if (isForgettable(policy, presence, untilTs)) presences.delete(phone);
  const kind = {
    isPassing: (of: Presence, phone: string) => isPassing(deviceClass(policy, phone, of)),
    heardTs: ({ lastTs }: Presence) => lastTs,
  };
  forgetPassing(presences, crowd, kind, untilTs);
  const going = surplus(presences, crowd, kind);
  for (const [phone] of going) presences.delete(phone);
  return { presences, assignments: classed, forgotten: going.length };
};

/**
 * Gives each assignment the class of its device: kind of address × behaviour so far.
 *
 * @param before how the ids had behaved when the process before this one ended
 */
export const classifyDevices =
  (before: Presences = new Map(), policy = PRESENCE_POLICY): Operator<Placed, Classed> =>
  (flushes$) =>
    flushes$.pipe(
      scan(
        ({ presences }, flush): Classed => ({
          ...flush,
          ...classDevices(policy, presences, flush.assignments, flush.nowMs / 1000),
        }),
        { presences: before } as Classed,
      ),
    );
