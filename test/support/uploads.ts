import { of } from 'rxjs';
import type { Assignment } from '../../src/model/assignment.ts';
import type { Dwell } from '../../src/model/movement.ts';
import type { Upload } from '../../src/model/upload.ts';
import type { UploadStage } from '../../src/streams/uploads.ts';
import type { IngestResult, RowRejection } from '../../supabase/functions/_shared/contract.ts';
import { PHONE } from './readings.ts';

export const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

export const dwell = (enter_ts: number, exit_ts: number, changes: Partial<Dwell> = {}): Dwell => ({
  phone_id: PHONE,
  zone_id: 1,
  enter_ts,
  exit_ts,
  dwell_seconds: exit_ts - enter_ts,
  ...changes,
});

export const upload = (
  batch: number,
  assignments: ReadonlyArray<Assignment>,
  dwells: ReadonlyArray<Dwell> = [],
): Upload => ({ batch_id: uuid(batch), assignments, dwells });

/** What the function answers to `item`. */
export const ingested = (
  item: Pick<Upload, 'batch_id'>,
  rejections: ReadonlyArray<RowRejection> = [],
): IngestResult => ({
  batch_id: item.batch_id,
  run_id: uuid(999),
  duplicate: false,
  counts: {
    readings: 1,
    dwells: 0,
    zone_events: 1,
    visits: 1,
    visit_zone_events: 1,
    funnel_events: 1,
    rejected: rejections.length,
  },
  rejections,
});

/** Batch ids 1, 2, 3 … */
export const countingIds = (): (() => string) => {
  let made = 0;
  return () => {
    made += 1;
    return uuid(made);
  };
};

/** An upload stage over `deliver`, with nothing left over from before and a cursor nobody reads. */
export const stageOf = (deliver: UploadStage['deliver']): UploadStage => ({
  deliver,
  newBatchId: countingIds(),
  saveCursor: () => of(undefined),
  unsettled: [],
});
