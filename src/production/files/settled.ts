import { either as E } from 'fp-ts';
import type { Checkpoint } from '../../model/checkpoint.ts';
import type { JsonlFile, OutputFile } from '../../model/jsonlFile.ts';
import { readCheckpoint } from './checkpointFile.ts';
import { DISK, type Disk } from './disk.ts';
import { filesOf, type OwnFile } from './ownFiles.ts';
import { type Cursors, readBeginnings, readCursors, UPLOADED } from './uploadCursor.ts';

/** Dead letters wait for a redrive, however long. */
const KEPT: ReadonlySet<JsonlFile> = new Set([
  'failed_uploads',
  'failed_uploads.redrive',
  'redriven_uploads',
  'redriven_uploads.redrive',
  'failed_uploads.import',
]);

/** How much of the journal is read to know what may be delivered again: more than was ever owed. */
export const KNOWN_BYTES = 24_000_000;

/** How many of the files, oldest first, lie wholly before what the checkpoint refers to. */
const beforeCheckpoint = (
  stream: JsonlFile,
  files: ReadonlyArray<OwnFile>,
  checkpoint: E.Either<string, Checkpoint> | undefined,
): number => {
  if (checkpoint === undefined) return files.length;
  if (E.isLeft(checkpoint)) return 0;
  const { journal, outputs } = checkpoint.right;
  const position = stream === 'rssi_readings' ? journal : outputs[stream as OutputFile];
  if (position === undefined) return files.length;
  return Math.max(
    0,
    files.findLastIndex(({ segment }) => segment === position.segment),
  );
};

/** How many come before what a broker may deliver again. */
const beforeKnown = (files: ReadonlyArray<OwnFile>): number => {
  let wanted = KNOWN_BYTES;
  return (
    files.findLastIndex(({ bytes }) => {
      wanted -= bytes;
      return wanted <= -bytes;
    }) + 1
  );
};

/**
 * Whether a file lies before that in which the cursor of its store stands, if the store has uploads.
 * That file itself stays: the cursor goes by its inode, which another file would take over.
 */
const isUploaded = (
  stream: keyof typeof UPLOADED,
  file: OwnFile,
  files: ReadonlyArray<OwnFile>,
  cursors: Cursors,
  beginnings: Cursors,
): boolean => {
  const cursor = cursors[file.store];
  if (cursor === undefined) return beginnings[file.store] === undefined;
  const { file: ino } = cursor[UPLOADED[stream]].place;
  const at = files.findIndex((one) => String(one.ino) === ino);
  return files.indexOf(file) < at;
};

/**
 * Which closed files of a stream nothing will be asked for any more: no start reads them to recover
 * or to tell what is delivered again, and every row of theirs is in the database or in a dead letter,
 * or for a store to which nothing was ever uploaded. Dead letters are never settled. With uploads
 * off, `isUploading` false, no upload is waited for.
 */
export const settledFiles = (
  dir: string,
  stream: JsonlFile,
  isUploading = true,
  disk: Disk = DISK,
): ReadonlySet<string> => {
  if (KEPT.has(stream)) return new Set();
  const { closed, present } = filesOf(dir, stream, disk);
  const files = present ? [...closed, present] : closed;
  const settled = Math.min(
    beforeCheckpoint(stream, files, readCheckpoint(dir, disk)),
    stream === 'rssi_readings' ? beforeKnown(files) : files.length,
  );
  const { cursors } = readCursors(dir, disk);
  const beginnings = readBeginnings(dir, disk);
  const isWaited = isUploading && (stream === 'zone_assignments' || stream === 'dwells');
  return new Set(
    closed
      .slice(0, settled)
      .filter((file) => !isWaited || isUploaded(stream, file, files, cursors, beginnings))
      .map(({ name }) => name),
  );
};
