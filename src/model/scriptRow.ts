import type { UploadItem } from './upload.ts';

/** The two files of the script that are uploaded; `.jsonl` is appended. */
export const SCRIPT_FILES = ['zone_assignments', 'dwells'] as const;
export type ScriptFile = (typeof SCRIPT_FILES)[number];

/** A whole line of a file that the script writes, and where it stands. */
export interface ScriptLine {
  readonly file: ScriptFile;
  /** Which file of that name: another one once it was rotated or begun anew. */
  readonly part: string;
  /** From 1. */
  readonly number: number;
  /** Bytes from the beginning of the file to the line's first, and behind its end. */
  readonly begins: number;
  readonly ends: number;
  readonly text: string;
  /** An earlier run is done with it; it is read for what follows from it alone. */
  readonly isSettled: boolean;
}

/** What a line says. */
export interface ReadRow {
  readonly item: UploadItem;
  readonly line: ScriptLine;
}

/** What is uploaded of the lines. */
export interface ScriptRow extends ReadRow {
  /** Whoever reads from this line on makes the same of all that stands behind the row. */
  readonly since: ScriptLine;
}

/** A line of which nothing is uploaded, and why; lines of one kind are told together. */
export interface LeftOut {
  readonly kind: string;
  readonly line: ScriptLine;
}
