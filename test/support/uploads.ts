import { defer, EMPTY, of } from 'rxjs';
import type { Sighting } from '../../src/model/assignment.ts';
import type { Journal, Mark, Page, Place } from '../../src/model/journal.ts';
import type { Dwell } from '../../src/model/movement.ts';
import type { UploadPolicy } from '../../src/model/policies.ts';
import type { Upload, UploadItem } from '../../src/model/upload.ts';
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
  assignments: ReadonlyArray<Sighting>,
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

/** Breaker, catching up and redriving as they are live, around a batch and a retry of the test's own. */
export const uploadPolicy = (
  own: Pick<UploadPolicy, 'batch' | 'retry'> & Partial<UploadPolicy>,
): UploadPolicy => ({
  breaker: { failures: 4, initialDelayMs: 1_000, maxDelayMs: 60_000, parkedMs: 60_000 },
  catchUp: {
    waitingItems: 5_000,
    previewItems: 500,
    pageItems: 500,
    concurrency: 8,
    previewEvery: 4,
  },
  redrive: { intervalMs: 1_000, restMs: 60_000, triesToBlame: 8 },
  ...own,
});

/** The journal's two streams in memory; `open` is what a new process finds. */
export const memoryJournal = (...before: ReadonlyArray<UploadItem>) => {
  const lines: Record<'assignments' | 'dwells', UploadItem[]> = { assignments: [], dwells: [] };
  const save = (item: UploadItem): void =>
    void lines[item._tag === 'Assignment' ? 'assignments' : 'dwells'].push(item);
  before.forEach(save);
  const place = (offset: number): Place => ({ file: 'memory', offset });
  let settled: Mark = { assignments: place(0), dwells: place(0) };
  const moves: Mark[] = [];

  const read = (after: Mark, maxItems: number): Page => {
    const a = lines.assignments.slice(after.assignments.offset).slice(0, maxItems);
    const d = lines.dwells.slice(after.dwells.offset).slice(0, maxItems - a.length);
    return {
      items: [...a, ...d],
      upTo: {
        assignments: place(after.assignments.offset + a.length),
        dwells: place(after.dwells.offset + d.length),
      },
      unreadable: 0,
    };
  };
  const behind = (name: 'assignments' | 'dwells', after: Place, value: unknown): Place => {
    const at = lines[name].findIndex(
      (item, index) =>
        index >= after.offset && JSON.stringify(item.value) === JSON.stringify(value),
    );
    return at < 0 ? after : place(at + 1);
  };
  const open = (): Journal => ({
    settled,
    behind:
      lines.assignments.length -
      settled.assignments.offset +
      lines.dwells.length -
      settled.dwells.offset,
    read: (after, maxItems) => defer(() => of(read(after, maxItems))),
    find: (after, { assignments, dwells }) =>
      defer(() =>
        of({
          assignments: behind('assignments', after.assignments, assignments.at(-1)),
          dwells: behind('dwells', after.dwells, dwells.at(-1)),
        }),
      ),
    settle: (mark) =>
      defer(() => {
        settled = mark;
        moves.push(mark);
        return of(undefined);
      }),
  });
  return { save, open, lines, moves, settled: () => settled };
};

/** Dead letters that are never looked at. */
export const noLetters: UploadStage['letters'] = {
  letters$: of([]),
  load: () => EMPTY,
  appendRedriven: () => of(undefined),
};

/** An upload stage over `deliver`, with nothing left over from before and a cursor nobody reads. */
export const stageOf = (
  deliver: UploadStage['deliver'],
  change: Partial<UploadStage> = {},
): UploadStage => ({
  deliver,
  probe: of(true),
  newBatchId: countingIds(),
  journal: memoryJournal().open(),
  letters: noLetters,
  ...change,
});
