import type { UseQueryResult } from '@tanstack/react-query';
import type { Estimate } from '../model/estimate.ts';
import type { Bounds } from '../model/storeTime.ts';
import { callRpcForRow } from './client.ts';
import { useFigures } from './useFigures.ts';

/** Undefined where the phones heard do not allow an estimate. */
export interface People {
  /** There on average. */
  readonly present: Estimate | undefined;
  readonly came: Estimate | undefined;
}

type Figure = number | null;

const estimateOf = (likely: Figure, low: Figure, high: Figure): Estimate | undefined =>
  likely === null || low === null || high === null ? undefined : { likely, low, high };

/** People, not phones, estimated from bursts of random addresses: in a period, or now. */
export const usePeople = (bounds: Bounds | 'now' | undefined): UseQueryResult<People> => {
  const period = bounds === 'now' ? {} : bounds;
  return useFigures(
    'people',
    [bounds],
    async ({ client, storeId, signal }) => {
      const args = { store_id: storeId, ...period };
      const row = await callRpcForRow(client, 'kpi_people', args, signal);
      return {
        present: estimateOf(row.people, row.people_low, row.people_high),
        came: estimateOf(row.footfall, row.footfall_low, row.footfall_high),
      };
    },
    { enabled: period !== undefined },
  );
};
