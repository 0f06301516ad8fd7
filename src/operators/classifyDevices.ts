import { scan } from 'rxjs';
import type { Assignment } from '../model/assignment.ts';
import type { Presence } from '../model/checkpoint.ts';
import type { Infrastructure, Listed } from '../model/infrastructure.ts';
import { addressKind } from '../model/phoneId.ts';
import type { Operator } from '../model/shapes.ts';
import {
  deviceClass,
  isForgettable,
  observePresence,
  PRESENCE_POLICY,
  type PresencePolicy,
} from '../positioning/deviceClass.ts';
import {
  judgeStillness,
  observeStillness,
  STILLNESS_POLICY,
  type Stillness,
} from '../positioning/infrastructure.ts';
import { liveSensors, type Placed } from './classifyZones.ts';
import { type CrowdPolicy, forgetPassing, isPassing, surplus } from './crowd.ts';

/** How each id has behaved so far. */
export type Presences = ReadonlyMap<string, Presence>;

export interface Known {
  readonly presences: Presences;
  /** How ids stand still that may turn out to be infrastructure; a new process begins anew. */
  readonly still: ReadonlyMap<string, Stillness>;
  /** What turned out to be infrastructure in this flush. */
  readonly found: ReadonlyArray<Infrastructure>;
  /** Each with the class that its phone had by then. */
  readonly assignments: ReadonlyArray<Assignment>;
  /** How many ids are too many to be known. */
  readonly forgotten: number;
}

/** Long enough for a phone that is heard every two minutes to become a visitor. */
const PRESENCES: CrowdPolicy = { roomy: 10_000, gapSeconds: 180, most: 200_000 };

export type Classed = Placed & Known;

/** Who was there for so long has been watched, unless by a process before this one. */
const UNWATCHED_S = 60;

const NOBODY: Known['still'] = new Map();

/** What classing goes by beyond the ids' own past. */
export interface Surroundings {
  readonly listed?: Listed;
  /** When each sensor was last heard, Unix seconds. */
  readonly sensors?: ReadonlyMap<string, number>;
  readonly crowd?: CrowdPolicy;
}

/** Bursts are too short to watch, and phones that change their address stay under none for long. */
const mayBeInfrastructure = (
  policy: PresencePolicy,
  phoneId: string,
  { firstTs, lastTs, isResident }: Presence,
): boolean =>
  !isResident && lastTs - firstTs > policy.burstSeconds && addressKind(phoneId) !== 'randomised';

/** Watches one id; what it has turned out to be goes to `found`, and needs no watching any more. */
const watch = (
  still: Map<string, Stillness>,
  found: Infrastructure[],
  { phone_id, ts, vector }: Assignment,
  sensors: ReadonlyMap<string, number>,
  isKnown: boolean,
): boolean => {
  const seen = { ts, vector, liveSensors: liveSensors(sensors, ts) };
  const observed = observeStillness(STILLNESS_POLICY, still.get(phone_id), seen);
  // Nobody watched what it did before, of which it is known that it was there: it may have come in.
  const stillness = isKnown && !still.has(phone_id) ? { ...observed, hasMoved: true } : observed;
  const verdict = judgeStillness(STILLNESS_POLICY, stillness, seen);
  if (verdict === 'infrastructure') {
    found.push({ phone_id, since_ts: stillness.sinceTs, ts });
    still.delete(phone_id);
    return true;
  }
  const hasMoved = stillness.hasMoved || verdict === 'moved';
  still.set(
    phone_id,
    verdict === undefined
      ? stillness
      : { ...observeStillness(STILLNESS_POLICY, undefined, seen), hasMoved },
  );
  return false;
};

/**
 * Classes the phones of one flush; `nowTs` in Unix seconds. Time is what the phones say, as long as
 * it is not ahead of ours; in a flush without phones nothing is forgotten. In a crowd a burst of an
 * address that was not given for good is forgotten when it was silent for longer than its gap: heard
 * again later it is a burst once more.
 */
export const classDevices = (
  policy: PresencePolicy,
  before: Pick<Known, 'presences' | 'still'>,
  assignments: ReadonlyArray<Assignment>,
  nowTs: number,
  { listed = new Map(), sensors = new Map(), crowd = PRESENCES }: Surroundings = {},
): Known => {
  const presences = new Map(before.presences);
  const still = new Map(before.still);
  const found: Infrastructure[] = [];
  // What lies so far ahead was told before the clock was set back: nothing would move it until then.
  for (const [phone, { lastTs, isResident }] of presences) {
    if (lastTs - nowTs <= policy.stayGapSeconds) continue;
    still.delete(phone);
    if (isResident) presences.set(phone, { firstTs: nowTs, lastTs: nowTs, isResident });
    else presences.delete(phone);
  }
  const classed = assignments.map((assignment): Assignment => {
    const { phone_id, ts } = assignment;
    const observed = observePresence(policy, presences.get(phone_id), ts);
    const said = listed.get(phone_id);
    const isFound =
      said === undefined &&
      mayBeInfrastructure(policy, phone_id, observed) &&
      watch(still, found, assignment, sensors, ts - observed.firstTs > UNWATCHED_S);
    const presence = isFound ? { ...observed, isResident: true } : observed;
    presences.set(phone_id, presence);
    const classing = said === undefined ? presence : { ...presence, isResident: said };
    return { ...assignment, device_class: deviceClass(policy, phone_id, classing) };
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
  for (const phone of still.keys()) if (!presences.has(phone)) still.delete(phone);
  return { presences, still, found, assignments: classed, forgotten: going.length };
};

/**
 * Gives each assignment the class of its device: kind of address × behaviour so far.
 *
 * @param before how the ids had behaved when the process before this one ended
 * @param listed may change while it is in use
 */
export const classifyDevices =
  (
    before: Presences = new Map(),
    listed: Listed = new Map(),
    policy = PRESENCE_POLICY,
  ): Operator<Placed, Classed> =>
  (flushes$) =>
    flushes$.pipe(
      scan(
        (known, flush): Classed => ({
          ...flush,
          ...classDevices(policy, known, flush.assignments, flush.nowMs / 1000, {
            listed,
            sensors: flush.beliefs.sensors,
          }),
        }),
        { presences: before, still: NOBODY } as Pick<Known, 'presences' | 'still'> as Classed,
      ),
    );
