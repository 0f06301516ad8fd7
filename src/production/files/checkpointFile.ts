import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import { taking, wholeOf } from '../../model/change.ts';
import { Change, type Checkpoint } from '../../model/checkpoint.ts';
import { jsonLine, parseJson } from '../../model/json.ts';
import { DISK, type Disk, type DiskFile } from './disk.ts';
import { linesOf } from './lines.ts';
import { syncDirectory } from './segments.ts';

export const CHECKPOINT = 'checkpoint.json';

/** So much of a whole checkpoint is made text at a time: others have to be served meanwhile. */
const ENTRIES_A_LINE = 2_000;

const complaintOf = (line: unknown): string => {
  const version = Object(line).version;
  return version === undefined || version === 1
    ? `${CHECKPOINT} cannot be read`
    : `${CHECKPOINT} is of version ${version}, this pipeline knows version 1`;
};

/**
 * Undefined where there is none; Left where it cannot be read, or not by this version. The cut of its
 * last whole line: a line that a crash has left torn never counted.
 */
export const readCheckpoint = (
  dir: string,
  disk: Disk = DISK,
): E.Either<string, Checkpoint> | undefined => {
  const path = join(dir, CHECKPOINT);
  if (!disk.existsSync(path)) return undefined;
  const take = taking();
  let checkpoint: Checkpoint | undefined;
  for (const line of linesOf(path, () => {}, 0, disk)) {
    const read = parseJson(line);
    const change = Change.decode(read);
    if (E.isRight(change)) checkpoint = take(change.right);
    else if (checkpoint === undefined) return E.left(complaintOf(read));
    else break;
  }
  return checkpoint === undefined ? E.left(complaintOf(undefined)) : E.right(checkpoint);
};

/** Writes all of it, to the end of the file. */
export const writeAll = async (handle: DiskFile, data: Buffer): Promise<void> => {
  for (let written = 0; written < data.length; )
    written += (await handle.write(data, written)).bytesWritten;
};

const writeLines = async (path: string, checkpoint: Checkpoint, { promises }: Disk) => {
  // To the end: what cannot be written in one piece goes on there.
  const draft = await promises.open(path, 'ax', 0o600);
  try {
    let bytes = 0;
    for (const change of wholeOf(checkpoint, ENTRIES_A_LINE)) {
      const data = Buffer.from(jsonLine(change));
      await writeAll(draft, data);
      bytes += data.length;
    }
    await draft.sync();
    return bytes;
  } finally {
    await draft.close();
  }
};

/**
 * Replaces the checkpoint's file in one step: a reader, or a crash, finds the old one or the new one.
 * Returns its bytes. Its name may not survive a loss of power before the directory is synced.
 */
export const replaceCheckpoint = async (
  dir: string,
  checkpoint: Checkpoint,
  disk: Disk,
): Promise<number> => {
  const path = join(dir, CHECKPOINT);
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    const bytes = await writeLines(draft, checkpoint, disk);
    await disk.promises.rename(draft, path);
    return bytes;
  } catch (problem) {
    await disk.promises.rm(draft, { force: true });
    throw problem;
  }
};

/** Replaces the checkpoint in one step, for whoever does not go on with it. */
export const writeCheckpoint = async (
  dir: string,
  checkpoint: Checkpoint,
  disk: Disk = DISK,
): Promise<void> => {
  await replaceCheckpoint(dir, checkpoint, disk);
  // It counts from here on: to call a failure what a crash may find done would do it twice.
  await syncDirectory(dir, disk).catch(() => undefined);
};

/** Whether `name` is of a checkpoint that was never finished. */
export const isDraft = (name: string): boolean => /^checkpoint\.json\.[0-9a-f]{8}$/.test(name);

/** Removes what a process that was killed while it replaced the checkpoint has left. */
export const sweepDrafts = async (
  dir: string,
  { existsSync, promises }: Disk = DISK,
): Promise<void> => {
  for (const name of existsSync(dir) ? await promises.readdir(dir) : [])
    if (isDraft(name)) await promises.rm(join(dir, name));
};
