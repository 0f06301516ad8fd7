import {
  catchError,
  connect,
  defer,
  EMPTY,
  exhaustMap,
  ignoreElements,
  map,
  type Observable,
  switchMap,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import {
  type LiveOccupancy,
  type LiveReceipt,
  SCHEMA_VERSION,
} from '../../supabase/functions/_shared/contract.ts';
import { patienceMs } from '../model/backoff.ts';
import { type DeliveryError, toDeliveryError } from '../model/outcome.ts';
import { arrivals, isSamePresence, type Presence, presenceAt } from '../model/presence.ts';
import type { Deliver, Env, Operator } from '../model/shapes.ts';
import type { Track } from '../model/track.ts';
import { completion } from '../operators/lifetime.ts';

/** By phone. */
export type Phones = ReadonlyMap<string, Track>;

export interface LivePorts {
  readonly storeId: string;
  readonly send: Deliver<LiveOccupancy, LiveReceipt>;
}

/** What is told when nothing has changed, so that a page knows that somebody still counts. */
const UNCHANGED_MS = 15_000;
/** Until the store has said how long a phone counts: the default of its settings. */
const WINDOW_SECONDS = 600;
const PAUSE = { initialDelayMs: 5_000, maxDelayMs: 60_000 };
/** What only a person can mend is not worth asking more often. */
const LONG_PAUSE_MS = 300_000;

const encode = (
  storeId: string,
  nowMs: number,
  now: Presence,
  before: Presence = now,
): LiveOccupancy => ({
  schema_version: SCHEMA_VERSION,
  store_id: storeId,
  at: new Date(nowMs).toISOString(),
  entries: arrivals(before, now),
  exits: arrivals(now, before),
  zones: [...now.zones]
    .sort(([a], [b]) => a - b)
    .map(([zone, visitors]) => ({ zone_code: String(zone), visitors })),
});

/** Tells what is known at the moment of subscription, if it is news; emits and errors nothing. */
const teller = ({ storeId, send }: LivePorts, env: Env) => {
  let windowSeconds = WINDOW_SECONDS;
  let told: { readonly presence: Presence; readonly atMs: number } | undefined;
  let failures = 0;
  const pause = (thrown: unknown): Observable<unknown> => {
    const error: DeliveryError = toDeliveryError(thrown);
    failures += 1;
    const level = failures === 1 ? 'warn' : 'debug';
    env.log({ level, event: 'live count not told', reason: error.reason, failures });
    const asked = error._tag === 'Transient' ? error.retryAfterMs : LONG_PAUSE_MS;
    return timer(patienceMs(PAUSE, failures, asked, env.random), env.scheduler);
  };
  return (tracks: Phones): Observable<never> =>
    defer(() => {
      const nowMs = env.scheduler.now();
      const presence = presenceAt(tracks.values(), nowMs / 1000, windowSeconds);
      const isKnown = told !== undefined && isSamePresence(told.presence, presence);
      if (told && isKnown && nowMs - told.atMs < UNCHANGED_MS) return EMPTY;
      return send(encode(storeId, nowMs, presence, told?.presence)).pipe(
        tap((receipt) => {
          [told, failures] = [{ presence, atMs: nowMs }, 0];
          windowSeconds = receipt.live_window_seconds;
        }),
      );
    }).pipe(catchError(pause), ignoreElements());
};

/**
 * Tells, as soon as tracks are known and every `everyMs` from then on, how many phones are in each
 * zone and how many came and went since it was told last. Best effort: one message at a time; what
 * is on its way when the next is due, or pauses after a failure, has the next one left out, for the
 * one after it says all that is still true. Never errors; completes with its source, at once, also
 * in a pause.
 */
export const liveSink =
  (ports: LivePorts, everyMs: number, env: Env): Operator<Phones, never> =>
  (tracks$) =>
    defer(() => {
      const tell = teller(ports, env);
      return tracks$.pipe(
        connect((latest$) =>
          latest$.pipe(
            switchMap((tracks) => timer(0, everyMs, env.scheduler).pipe(map(() => tracks))),
            exhaustMap(tell),
            takeUntil(completion(latest$)),
          ),
        ),
      );
    });
