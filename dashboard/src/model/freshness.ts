/** How far the picture can be believed. */
export type Freshness =
  | { readonly kind: 'fresh' | 'none' }
  | { readonly kind: 'offline' | 'lost' | 'stale'; readonly seconds: number };

export interface Signs {
  /** All instants are of this machine's clock, Unix milliseconds. */
  readonly now: number;
  readonly isOnline: boolean;
  readonly isLost: boolean;
  /** When the channel last said something. */
  readonly heardAt: number | undefined;
  /** When the health of the ingestion was last asked for. */
  readonly askedAt: number | undefined;
  /** How old the latest stored batch was then; null where there is none. */
  readonly successAgeSeconds: number | null | undefined;
  /** When the channel last said that a batch was stored. */
  readonly toldStoredAt: number | undefined;
}

/** A batch comes every half minute; three of them missing are no coincidence. */
export const STALE_AFTER_SECONDS = 90;

const secondsSince = (now: number, at: number): number =>
  Math.max(0, Math.round((now - at) / 1000));

/** Counts that are told live say nothing of it: nobody need have stored what they came from. */
const storedAtBy = ({ askedAt, successAgeSeconds, toldStoredAt }: Signs): number | undefined =>
  askedAt === undefined || typeof successAgeSeconds !== 'number'
    ? toldStoredAt
    : Math.max(toldStoredAt ?? Number.NEGATIVE_INFINITY, askedAt - successAgeSeconds * 1000);

/** The worst that is the matter: no network, no channel, nothing stored of late. */
export const freshnessOf = (signs: Signs): Freshness => {
  const { now, isOnline, isLost, heardAt = 0, askedAt } = signs;
  if (askedAt === undefined) return { kind: 'fresh' };
  const sinceUpdate = secondsSince(now, Math.max(heardAt, askedAt));
  if (!isOnline) return { kind: 'offline', seconds: sinceUpdate };
  if (isLost) return { kind: 'lost', seconds: sinceUpdate };
  const storedAt = storedAtBy(signs);
  if (storedAt === undefined) return { kind: 'none' };
  const sinceStored = secondsSince(now, storedAt);
  return sinceStored > STALE_AFTER_SECONDS
    ? { kind: 'stale', seconds: sinceStored }
    : { kind: 'fresh' };
};
