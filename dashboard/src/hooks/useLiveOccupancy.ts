import { useSyncExternalStore } from 'react';
import { type LivePoint, type Occupancy, parseOccupancy } from '../model/live.ts';
import type { ZoneChange } from '../model/liveChanges.ts';
import { callRpc } from './client.ts';
import { useNeuralSense } from './context.tsx';
import type { Connection, LiveState } from './live/liveStore.ts';
import { type Ask, useFigures } from './useFigures.ts';

const POLL_LIVE_MS = 60_000;
const POLL_LOST_MS = 10_000;
/** A count from the channel is believed this long; then the polled one stands in. */
const FRESH_MS = 40_000;

export interface LiveOccupancy {
  readonly connection: Connection;
  /** Phones in the store; undefined until they were counted once. */
  readonly total: number | undefined;
  /** By zone id. */
  readonly zones: Readonly<Record<string, number>>;
  /** The last quarter of an hour, as far as it was seen live. */
  readonly points: ReadonlyArray<LivePoint>;
  /** In which zones the number has changed of late, newest first. */
  readonly changes: ReadonlyArray<ZoneChange>;
  /** When the count came, by this machine's clock, Unix milliseconds. */
  readonly countedAt: number | undefined;
}

/** Phones in one zone; undefined until they were counted once. */
export const countIn = (
  { total, zones }: Pick<LiveOccupancy, 'total' | 'zones'>,
  zoneId: string,
): number | undefined => (total === undefined ? undefined : (zones[zoneId] ?? 0));

type Count = Pick<Occupancy, 'total' | 'zones'>;

/** What the store's gateway told last, where that is not long ago. */
const toldLast = async ({ client, storeId, signal }: Ask): Promise<Count | undefined> => {
  const [told] = await callRpc(client, 'kpi_live', { store_id: storeId }, signal);
  return told && told.seconds_since * 1000 < FRESH_MS ? parseOccupancy(told) : undefined;
};

/** What the stored readings say: half a minute behind. */
const counted = async ({ client, storeId, signal }: Ask): Promise<Count> => {
  const rows = await callRpc(client, 'kpi_occupancy', { store_id: storeId }, signal);
  const zones = rows.filter(({ scope }) => scope === 'zone');
  return {
    total: rows.find(({ scope }) => scope === 'store')?.visitors ?? 0,
    zones: Object.fromEntries(zones.map((zone) => [zone.zone_id, zone.visitors])),
  };
};

export const useLiveState = (): LiveState => {
  const { live } = useNeuralSense();
  return useSyncExternalStore(live.subscribe, live.read);
};

/** Phones in each zone now: from the live channel, or polled where the channel is silent. */
export const useLiveOccupancy = (): LiveOccupancy => {
  const { connection, occupancy, points, changes, countedAt } = useLiveState();
  const seen = { connection, points, changes };
  const isFresh = connection === 'live' && occupancy !== undefined;
  const polled = useFigures(
    'occupancy',
    [],
    async (ask) => (await toldLast(ask)) ?? (await counted(ask)),
    { pollMs: isFresh ? POLL_LIVE_MS : POLL_LOST_MS },
  );
  const polledAt = polled.dataUpdatedAt;
  const isPolledNewer = polledAt - (countedAt ?? 0) > FRESH_MS;
  if (occupancy && countedAt && !isPolledNewer)
    return {
      ...seen,
      total: occupancy.total,
      zones: occupancy.zones,
      countedAt,
    };
  return {
    ...seen,
    total: polled.data?.total,
    zones: polled.data?.zones ?? {},
    countedAt: polled.data && polledAt,
  };
};
