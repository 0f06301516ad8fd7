import { defer, map } from 'rxjs';
import type { ThinPolicy } from '../model/policies.ts';
import type { Identity } from '../model/reading.ts';
import type { Received } from '../model/received.ts';
import type { Operator } from '../model/shapes.ts';

/** Pairs of sensor and phone that are remembered at least, and at most twice as many. */
const REMEMBERED = 50_000;

/** Of two generations of a map the older one is forgotten when the newer one is full. */
const generations = (capacity: number) => {
  let newer = new Map<string, number>();
  let older = new Map<string, number>();
  return {
    get: (key: string): number | undefined => newer.get(key) ?? older.get(key),
    set: (key: string, value: number): void => {
      newer.set(key, value);
      if (newer.size < capacity) return;
      older = newer;
      newer = new Map();
    },
  };
};

/**
 * Says of each reading whether it is kept: a bucket of `readings` tokens for each sensor and phone that
 * fills up in `spanMs` of their own time (as the generic cell rate algorithm, ITU-T I.371). One that is
 * older than what was kept, of a backlog for example, says nothing of the bucket, nor the bucket of it:
 * of such, each span keeps as many by itself. It changes by what is kept alone, so that those that
 * were kept lead to the same bucket again.
 */
const bucket = ({ readings, spanMs }: ThinPolicy): ((reading: Identity) => boolean) => {
  const stepMs = spanMs / readings;
  const dueMs = generations(REMEMBERED);
  const latestMs = generations(REMEMBERED);
  const lateInSpan = generations(REMEMBERED);
  const isLateKept = (key: string, nowMs: number): boolean => {
    const span = `${key} ${Math.floor(nowMs / spanMs)}`;
    const before = lateInSpan.get(span) ?? 0;
    if (before < readings) lateInSpan.set(span, before + 1);
    return before < readings;
  };
  return ({ sensor_id, phone_id, ts }) => {
    const key = `${sensor_id} ${phone_id}`;
    const nowMs = ts * 1000;
    if (nowMs < (latestMs.get(key) ?? nowMs)) return isLateKept(key, nowMs);
    const from = Math.max(dueMs.get(key) ?? nowMs, nowMs);
    // Half a step for what floating point makes of the steps.
    if (from - nowMs > spanMs - stepMs / 2) return false;
    dueMs.set(key, from + stepMs);
    latestMs.set(key, nowMs);
    return true;
  };
};

/**
 * Counts only, of what one sensor says of one phone, all beyond `readings` in `spanMs` of its own time,
 * evenly: a phone that is heard all the time keeps that many in each span, spread over it, and so the
 * median of what it was heard with; one that was silent before keeps up to twice as many.
 *
 * @param known what was kept before, oldest first
 */
export const thinReadings =
  (policy: ThinPolicy, known: Iterable<Identity> = []): Operator<Received, Received> =>
  (received$) =>
    defer(() => {
      const isKept = bucket(policy);
      for (const identity of known) isKept(identity);
      return received$.pipe(
        map((one): Received => {
          if (one._tag !== 'Reading' || isKept(one.value)) return one;
          const { acknowledge } = one;
          return { _tag: 'Thinned', ...(acknowledge && { acknowledge }) };
        }),
      );
    });
