import type { UseQueryResult } from '@tanstack/react-query';
import { countIn, useLiveOccupancy } from '../../hooks/useLiveOccupancy.ts';
import { useZones, type Zone } from '../../hooks/useStore.ts';
import { useZoneMetrics } from '../../hooks/useZoneMetrics.ts';
import type { Bounds } from '../../model/storeTime.ts';
import type { ZoneFigures } from '../../model/zoneLevels.ts';

export interface ZoneWithFigures extends Zone, ZoneFigures {}

interface Answer {
  readonly data: ReadonlyArray<ZoneWithFigures> | undefined;
  readonly error: unknown;
  readonly isBusy: boolean;
  readonly refetch: () => void;
  readonly dataUpdatedAt: number | undefined;
}

/** Every zone in use with its figures of an interval, and with its people now. */
export const useZoneFigures = (bounds: Bounds | undefined): Answer => {
  const zones = useZones();
  const metrics = useZoneMetrics(bounds);
  const occupancy = useLiveOccupancy();
  const asked: ReadonlyArray<UseQueryResult<unknown>> = [zones, metrics];
  const isThere = zones.data !== undefined && metrics.data !== undefined;
  return {
    error: asked.find(({ error }) => error)?.error,
    // Where zones alone were asked for in vain, the figures are of this moment all the same.
    dataUpdatedAt: metrics.error ? metrics.dataUpdatedAt : undefined,
    isBusy: metrics.isPlaceholderData,
    refetch: () => {
      for (const query of asked) void query.refetch();
    },
    data: isThere
      ? zones.data.map((zone) => {
          const row = metrics.data.find(({ zone_id }) => zone_id === zone.id);
          return {
            ...zone,
            zoneId: zone.id,
            visits: row?.entrants ?? 0,
            reach: row?.reach ?? 0,
            meanDwellSeconds: row?.mean_dwell_seconds ?? 0,
            occupancy: countIn(occupancy, zone.id),
          };
        })
      : undefined,
  };
};
