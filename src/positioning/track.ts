import type { Assignment } from '../model/assignment.ts';
import type { MovementPolicy } from '../model/policies.ts';
import type { Movement } from '../model/shopEvent.ts';
import type { Candidate, Track } from '../model/track.ts';
import { isVisitor } from './deviceClass.ts';

/** A phone's track after something happened, and what that ended or began. */
export interface Tracked {
  readonly track?: Track;
  readonly movements: ReadonlyArray<Movement>;
}

const seconds = (from: number, to: number): number => Math.round((to - from) * 1000) / 1000;

/** Bursts are no people and residents no customers: neither has stays or visits to tell of. */
const isCounted = ({ device_class }: Track): boolean =>
  device_class === undefined || isVisitor(device_class);

const dwellOf = (track: Track): ReadonlyArray<Movement> => {
  const { phone_id, stay } = track;
  if (stay === undefined || !isCounted(track)) return [];
  const { zone_id, enter_ts, last_ts } = stay;
  const dwell_seconds = seconds(enter_ts, last_ts);
  return [
    { _tag: 'Dwell', value: { phone_id, zone_id, enter_ts, exit_ts: last_ts, dwell_seconds } },
  ];
};

const visitOf = (track: Track): ReadonlyArray<Movement> => {
  if (!isCounted(track)) return [];
  const { phone_id, enter_ts, heard_ts, zones } = track;
  const duration_seconds = seconds(enter_ts, heard_ts);
  return [
    {
      _tag: 'Visit',
      value: { phone_id, enter_ts, exit_ts: heard_ts, duration_seconds, zones_visited: zones },
    },
  ];
};

const transition = ({ phone_id, zone_id }: Track, to: Candidate): Movement => ({
  _tag: 'Transition',
  value: { phone_id, from_zone_id: zone_id, to_zone_id: to.zone_id, ts: to.since_ts },
});

const withZone = (zones: ReadonlyArray<number>, zone_id: number): ReadonlyArray<number> =>
  zones.includes(zone_id) ? zones : [...zones, zone_id];

/** Moves a phone into a zone: ends the stay it was in, tells the transition, opens the next stay. */
const enter = (track: Track, to: Candidate, lastTs: number): Tracked => {
  const { stay, candidate, ...rest } = track;
  const moved = track.zone_id !== to.zone_id;
  return {
    track: {
      ...rest,
      zone_id: to.zone_id,
      zones: withZone(track.zones, to.zone_id),
      stay: { zone_id: to.zone_id, enter_ts: to.since_ts, last_ts: lastTs },
    },
    movements: [...dwellOf(track), ...(moved ? [transition(track, to)] : [])],
  };
};

/** Ends the stay and the visit where the phone was last heard. */
export const over = (track: Track): Tracked => ({
  movements: [...dwellOf(track), ...visitOf(track)],
});

/**
 * Ends a track that was heard more than `visitGapSeconds` ahead of `clockTs`, the machine's time: the
 * clock has been set back since. Until it had caught up, all that the phone does would count as older
 * than the last, and its silence would not show. What is merely old is no such sign: a straggler of
 * a backlog follows what was heard by the same clock.
 */
export const endAhead = (policy: MovementPolicy, track: Track, clockTs: number): Tracked =>
  track.heard_ts - clockTs > policy.visitGapSeconds ? over(track) : { track, movements: [] };

/**
 * Ends what silence has ended by `nowTs`: the stay after `dwellGapSeconds`, the visit after
 * `visitGapSeconds`. Both end when the phone was last heard there, not when we gave up.
 */
export const expire = (policy: MovementPolicy, track: Track, nowTs: number): Tracked => {
  const silent = nowTs - track.heard_ts;
  if (silent > policy.visitGapSeconds) return over(track);
  const { stay, candidate, ...rest } = track;
  // What does not change stays the same object: it is not to be written down again.
  if (silent <= policy.dwellGapSeconds || (stay ?? candidate) === undefined)
    return { track, movements: [] };
  return { track: rest, movements: dwellOf(track) };
};

const inside = (policy: MovementPolicy, track: Track, assignment: Assignment): Tracked => {
  const { zone_id, ts, device_class } = assignment;
  const { stay, candidate, ...rest } = track;
  const heard = { ...rest, heard_ts: ts, ...(device_class && { device_class }) };
  if (stay === undefined) return enter(heard, { zone_id, since_ts: ts, count: 1 }, ts);
  if (stay.zone_id === zone_id)
    return { track: { ...heard, stay: { ...stay, last_ts: ts } }, movements: [] };
  const next =
    candidate?.zone_id === zone_id
      ? { ...candidate, count: candidate.count + 1 }
      : { zone_id, since_ts: ts, count: 1 };
  return next.count >= policy.confirmAssignments
    ? enter({ ...heard, stay }, next, ts)
    : { track: { ...heard, stay, candidate: next }, movements: [] };
};

/**
 * Takes one assignment into a phone's track. A new zone needs `confirmAssignments` in a row before
 * the phone counts as having moved, and then counts from the first of them. An assignment older
 * than what was heard last changes nothing: dwells are told in order. Stays and visits are told of
 * visitors alone, by what their device has turned out to be when they end.
 */
export const observe = (
  policy: MovementPolicy,
  before: Track | undefined,
  assignment: Assignment,
): Tracked => {
  const { phone_id, ts } = assignment;
  if (before !== undefined && ts < before.heard_ts) return { track: before, movements: [] };
  const expired: Tracked = before === undefined ? { movements: [] } : expire(policy, before, ts);
  const track = expired.track ?? { phone_id, enter_ts: ts, heard_ts: ts, zones: [], zone_id: null };
  const moved = inside(policy, track, assignment);
  return { ...moved, movements: [...expired.movements, ...moved.movements] };
};
