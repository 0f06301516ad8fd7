import type { IngestResult } from '../../supabase/functions/_shared/contract.ts';
import type { Assignment } from './assignment.ts';
import type { Outcome } from './outcome.ts';
import type { Path } from './path.ts';
import type { Upload } from './upload.ts';

/** Rows that are read back from the files; nothing is behind where `done` is `total`. */
export interface Backlog {
  readonly done: number;
  readonly total: number;
}

/** What the pipeline tells of itself as it runs; statistics and the status line are made of it. */
export type Report =
  | { readonly _tag: 'Accepted' }
  | { readonly _tag: 'Rejected' }
  | { readonly _tag: 'Placed'; readonly assignment: Assignment }
  | { readonly _tag: 'Saved'; readonly outcome: Outcome<ReadonlyArray<unknown>> }
  | { readonly _tag: 'Uploaded'; readonly outcome: Outcome<Upload, IngestResult> }
  /** A dead letter was sent again. */
  | { readonly _tag: 'Redriven'; readonly outcome: Outcome<Upload, IngestResult> }
  | { readonly _tag: 'UploadPath'; readonly path: Path }
  | { readonly _tag: 'CatchingUp'; readonly backlog: Backlog };

export const accepted = (): Report => ({ _tag: 'Accepted' });
export const refused = (): Report => ({ _tag: 'Rejected' });
export const placed = (assignment: Assignment): Report => ({ _tag: 'Placed', assignment });
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
