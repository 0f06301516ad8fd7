import {
  concat,
  concatMap,
  connect,
  defer,
  endWith,
  identity,
  ignoreElements,
  map,
  merge,
  of,
  repeat,
  takeUntil,
  timer,
} from 'rxjs';
import type { Assignment } from '../model/assignment.ts';
import type { MovementPolicy } from '../model/policies.ts';
import type { Env, Operator } from '../model/shapes.ts';
import type { Movement } from '../model/shopEvent.ts';
import { expire, observe, type Track, type Tracked } from '../positioning/track.ts';

/** The tracks of all phones in the store, and what seeing one or sweeping all of them ends. */
const trackPhones = (policy: MovementPolicy) => {
  const tracks = new Map<string, Track>();
  let latestTs = 0;
  let seenSinceSweep = false;
  const keep = (phone: string, { track, movements }: Tracked): ReadonlyArray<Movement> => {
    if (track === undefined) tracks.delete(phone);
    else tracks.set(phone, track);
    return movements;
  };
  return {
    see: (assignment: Assignment): ReadonlyArray<Movement> => {
      latestTs = Math.max(latestTs, assignment.ts);
      seenSinceSweep = true;
      const { phone_id } = assignment;
      return keep(phone_id, observe(policy, tracks.get(phone_id), assignment));
    },
    /** While phones are seen, time is theirs (a backlog ends no visit); in silence it is `nowTs`. */
    sweep: (nowTs: number): ReadonlyArray<Movement> => {
      const untilTs = seenSinceSweep ? Math.min(latestTs, nowTs) : nowTs;
      seenSinceSweep = false;
      return [...tracks].flatMap(([phone, track]) => keep(phone, expire(policy, track, untilTs)));
    },
    end: (): ReadonlyArray<Movement> =>
      [...tracks].flatMap(([phone, track]) =>
        keep(phone, expire(policy, track, Number.POSITIVE_INFINITY)),
      ),
  };
};

/**
 * Assignments → transitions, dwells and visits, each when it is certain: a transition when the new
 * zone is confirmed, a dwell when its phone moved on or fell silent, a visit when it left.
 * On completion all open stays and visits end where their phones were last heard.
 */
export const trackMovement =
  (policy: MovementPolicy, env: Pick<Env, 'scheduler'>): Operator<Assignment, Movement> =>
  (assignments$) =>
    defer(() => {
      const phones = trackPhones(policy);
      return assignments$.pipe(
        connect((seen$) =>
          merge(
            seen$.pipe(map(phones.see)),
            // Not interval: in virtual time each of its ticks would nest in the one before.
            timer(policy.sweepMs, env.scheduler).pipe(
              repeat(),
              map(() => phones.sweep(env.scheduler.now() / 1000)),
              takeUntil(seen$.pipe(ignoreElements(), endWith(true))),
            ),
          ),
        ),
        (movements$) =>
          concat(
            movements$,
            defer(() => of(phones.end())),
          ),
        concatMap(identity),
      );
    });
