import type { IngestResult } from '../../supabase/functions/_shared/contract.ts';
import type { Assignment } from './assignment.ts';
import type { Outcome } from './outcome.ts';
import type { Path } from './path.ts';
import type { Received } from './received.ts';
import { addUp, type Counted } from './rejectionCounts.ts';
import type { Upload } from './upload.ts';

/** Rows that are read back from the files; nothing is behind where `done` is `total`. */
export interface Backlog {
  readonly done: number;
  readonly total: number;
}

/** What the pipeline tells of itself as it runs; statistics and the status line are made of it. */
export type Report =
  | {
      readonly _tag: 'Journalled';
      readonly readings: number;
      readonly rejected: number;
      /** The rejected by their causes. */
      readonly causes: ReadonlyArray<Counted>;
      readonly repeated: number;
      readonly nonPhones: number;
      readonly thinned: number;
    }
  | {
      readonly _tag: 'Placed';
      readonly assignments: ReadonlyArray<Assignment>;
      /** How many ids were found to be infrastructure. */
      readonly infrastructure: number;
    }
  | { readonly _tag: 'Saved'; readonly outcome: Outcome<ReadonlyArray<unknown>> }
  | { readonly _tag: 'Uploaded'; readonly outcome: Outcome<Upload, IngestResult> }
  /** A dead letter was sent again. */
  | { readonly _tag: 'Redriven'; readonly outcome: Outcome<Upload, IngestResult> }
  | { readonly _tag: 'UploadPath'; readonly path: Path }
  | { readonly _tag: 'CatchingUp'; readonly backlog: Backlog }
  /** Saving has begun to fail, with the reason, or works again. */
  | { readonly _tag: 'Saving'; readonly problem?: string }
  /** There was no room for a message that no broker delivers again. */
  | { readonly _tag: 'Dropped' };

export const journalled = (received: ReadonlyArray<Received>): Report => {
  let [readings, repeated, nonPhones, thinned] = [0, 0, 0, 0];
  const refused: Counted[] = [];
  for (const one of received) {
    if (one._tag === 'Reading') readings += 1;
    else if (one._tag === 'Rejected') refused.push({ cause: one.value.cause, count: 1 });
    else if (one._tag === 'Unkept') refused.push({ cause: one.cause, count: 1 });
    else if (one._tag === 'Repeated') repeated += 1;
    else if (one._tag === 'NonPhone') nonPhones += 1;
    else if (one._tag === 'Thinned') thinned += 1;
  }
  const causes = addUp(refused);
  const rejected = refused.length;
  return { _tag: 'Journalled', readings, rejected, causes, repeated, nonPhones, thinned };
};
export const placed = (assignments: ReadonlyArray<Assignment>, infrastructure = 0): Report => ({
  _tag: 'Placed',
  assignments,
  infrastructure,
});
export const saved = (outcome: Outcome<ReadonlyArray<unknown>>): Report => ({
  _tag: 'Saved',
  outcome,
});
export const uploaded = (outcome: Outcome<Upload, IngestResult>): Report => ({
  _tag: 'Uploaded',
  outcome,
});
export const redriven = (outcome: Outcome<Upload, IngestResult>): Report => ({
  _tag: 'Redriven',
  outcome,
});
export const uploadPath = (path: Path): Report => ({ _tag: 'UploadPath', path });
export const catchingUp = (backlog: Backlog): Report => ({ _tag: 'CatchingUp', backlog });
export const dropped = (): Report => ({ _tag: 'Dropped' });
