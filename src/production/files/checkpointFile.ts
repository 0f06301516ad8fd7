import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import { taking, wholeOf } from '../../model/change.ts';
import { Change, type Checkpoint } from '../../model/checkpoint.ts';
import { jsonLine, parseJson } from '../../model/json.ts';
import { DISK, type Disk, type DiskFile } from './disk.ts';
import { linesOf } from './lines.ts';
import { syncDirectory } from './segments.ts';

const nth = (n: number): string => `checkpoint${n === 1 ? '' : `.${n}`}.json`;

const isCheckpoint = (path: string, disk: Disk): boolean => {
  for (const line of linesOf(path, () => {}, 0, disk))
    return E.isRight(Change.decode(parseJson(line)));
  return false;
};

/**
 * The name of the checkpoint's file: checkpoint.json, or where a file of that name cannot be read, and
 * so may be another program's, the next one. That is left alone.
 */
export const checkpointName = (dir: string, disk: Disk = DISK): string => {
  for (let n = 1; ; n += 1) {
    const path = join(dir, nth(n));
    if (!disk.existsSync(path) || isCheckpoint(path, disk)) return nth(n);
  }
};

/** So much of a whole checkpoint is made text at a time: others have to be served meanwhile. */
const ENTRIES_A_LINE = 2_000;

const complaintOf = (path: string, disk: Disk): string => {
  const [line = ''] = linesOf(path, () => {}, 0, disk);
  const version = Object(parseJson(line)).version;
  return version === undefined || version === 1
    ? `${nth(1)} cannot be read`
    : `${nth(1)} is of version ${version}, this pipeline knows version 1`;
};

/**
 * Undefined where there is none; Left where it cannot be read, or not by this version. The cut of its
 * last whole line: a line that a crash has left torn never counted.
 */
export const readCheckpoint = (
  dir: string,
  disk: Disk = DISK,
): E.Either<string, Checkpoint> | undefined => {
  const path = join(dir, checkpointName(dir, disk));
  const usual = join(dir, nth(1));
  if (!disk.existsSync(path)) return path === usual ? undefined : E.left(complaintOf(usual, disk));
  const take = taking();
  let checkpoint: Checkpoint | undefined;
  for (const line of linesOf(path, () => {}, 0, disk)) {
    const change = Change.decode(parseJson(line));
    if (E.isLeft(change)) break;
    checkpoint = take(change.right);
  }
  return checkpoint === undefined ? E.left(complaintOf(path, disk)) : E.right(checkpoint);
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
 * Returns where and how long it is. Its name may not survive a loss of power before the directory is synced.
 */
export const replaceCheckpoint = async (
  dir: string,
  checkpoint: Checkpoint,
  disk: Disk,
): Promise<{ readonly path: string; readonly bytes: number }> => {
  const path = join(dir, checkpointName(dir, disk));
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    const bytes = await writeLines(draft, checkpoint, disk);
    await disk.promises.rename(draft, path);
    return { path, bytes };
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
export const isDraft = (name: string): boolean =>
  /^checkpoint(\.\d+)?\.json\.[0-9a-f]{8}$/.test(name);

/** Removes what a process that was killed while it replaced the checkpoint has left. */
export const sweepDrafts = async (
  dir: string,
  { existsSync, promises }: Disk = DISK,
): Promise<void> => {
  for (const name of existsSync(dir) ? await promises.readdir(dir) : [])
    if (isDraft(name)) await promises.rm(join(dir, name));
};
