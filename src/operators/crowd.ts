import type { DeviceClass } from '../../supabase/functions/_shared/contract.ts';

/**
 * How many ids are remembered. Phones give themselves a new address for each burst: where every frame
 * is published, hundreds a second that are never heard again.
 */
export interface CrowdPolicy {
  /** Up to so many nothing is forgotten before its time. */
  readonly roomy: number;
  /** Beyond them, who is passing is forgotten when it was silent for so long. */
  readonly gapSeconds: number;
  /** Beyond so many those who are passing go, and then the others, heard longest ago first. */
  readonly most: number;
}

/** Who is remembered, and what decides how long. */
interface Kind<A> {
  readonly isPassing: (value: A, key: string) => boolean;
  /** Unix seconds. */
  readonly heardTs: (value: A) => number;
}

/** A burst of an address that was not given for good: it will most likely never be heard again. */
export const isPassing = (of: DeviceClass | undefined): boolean =>
  of === 'randomised_burst' || of === 'unknown_burst';

/** Takes out of a crowd who is passing and silent; `nowTs` in Unix seconds. */
export const forgetPassing = <A>(
  all: Map<string, A>,
  { roomy, gapSeconds }: CrowdPolicy,
  { isPassing: isGoing, heardTs }: Kind<A>,
  nowTs: number,
): void => {
  if (all.size <= roomy) return;
  for (const [key, value] of all)
    if (nowTs - heardTs(value) > gapSeconds && isGoing(value, key)) all.delete(key);
};

/**
 * The last resort: who has to go so that a tenth below the most is left, and so that this is not to
 * be done with each flush; empty where there is room.
 */
export const surplus = <A>(
  all: ReadonlyMap<string, A>,
  { most }: CrowdPolicy,
  { isPassing: isGoing, heardTs }: Kind<A>,
): ReadonlyArray<readonly [string, A]> =>
  all.size <= most
    ? []
    : [...all]
        .map((entry) => ({ entry, goes: isGoing(entry[1], entry[0]), ts: heardTs(entry[1]) }))
        .sort((a, b) => Number(b.goes) - Number(a.goes) || a.ts - b.ts)
        .slice(0, all.size - Math.floor(most * 0.9))
        .map(({ entry }) => entry);
