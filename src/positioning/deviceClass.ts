import type { DeviceClass } from '../../supabase/functions/_shared/contract.ts';
import type { Presence } from '../model/checkpoint.ts';
import { addressKind } from '../model/phoneId.ts';

export interface PresencePolicy {
  /** What lasts no longer is one burst: a phone's probes on all channels take a second or two. */
  readonly burstSeconds: number;
  /** Silence that ends a stay. */
  readonly stayGapSeconds: number;
  /** A stay of this length makes a resident. */
  readonly residentAfterSeconds: number;
  /** A resident stays one until it was away for this long. */
  readonly residentForSeconds: number;
}

export const PRESENCE_POLICY: PresencePolicy = {
  burstSeconds: 10,
  stayGapSeconds: 1_800,
  residentAfterSeconds: 2 * 3_600,
  residentForSeconds: 7 * 86_400,
};

const isOver = (policy: PresencePolicy, { lastTs }: Presence, ts: number): boolean =>
  ts - lastTs > policy.stayGapSeconds;

/** What is known of an id once it was heard at `ts`; a straggler from the past moves nothing back. */
export const observePresence = (
  policy: PresencePolicy,
  before: Presence | undefined,
  ts: number,
): Presence => {
  if (before === undefined) return { firstTs: ts, lastTs: ts, isResident: false };
  const wasResident = before.isResident && ts - before.lastTs <= policy.residentForSeconds;
  if (isOver(policy, before, ts)) return { firstTs: ts, lastTs: ts, isResident: wasResident };
  const isEarlier = ts < before.firstTs && before.firstTs - ts <= policy.stayGapSeconds;
  const firstTs = isEarlier ? ts : before.firstTs;
  const lastTs = Math.max(before.lastTs, ts);
  return {
    firstTs,
    lastTs,
    isResident: wasResident || lastTs - firstTs >= policy.residentAfterSeconds,
  };
};

/** Whether nothing is lost when an id is forgotten at `ts`: it would count as new anyway. */
export const isForgettable = (policy: PresencePolicy, presence: Presence, ts: number): boolean =>
  presence.isResident
    ? ts - presence.lastTs > policy.residentForSeconds
    : isOver(policy, presence, ts);

/** Kind of address × behaviour so far: an id is a burst until it was heard for longer than one. */
export const deviceClass = (
  policy: PresencePolicy,
  phoneId: string,
  { firstTs, lastTs, isResident }: Presence,
): DeviceClass => {
  const stayed = lastTs - firstTs > policy.burstSeconds ? 'visitor' : 'burst';
  return `${addressKind(phoneId)}_${isResident ? 'resident' : stayed}`;
};

/** Bursts are no people, residents no customers. */
export const isVisitor = (of: DeviceClass): boolean => of.endsWith('_visitor');

/** Staff, tills, access points; what was heard for a moment may yet be a visitor. */
export const isResident = (of: DeviceClass | undefined): boolean =>
  of?.endsWith('_resident') === true;
