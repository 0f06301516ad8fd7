import { join } from 'node:path';
import { either as E } from 'fp-ts';
import { Checkpoint } from '../../model/checkpoint.ts';
import { parseJson } from '../../model/json.ts';
import { DISK, type Disk } from './disk.ts';
import { writePrivateFile } from './privateFile.ts';
import { syncDirectory } from './segments.ts';

export const CHECKPOINT = 'checkpoint.json';

/** Undefined where there is none; Left where it cannot be read, or not by this version. */
export const readCheckpoint = (
  dir: string,
  { existsSync, readFileSync }: Disk = DISK,
): E.Either<string, Checkpoint> | undefined => {
  const path = join(dir, CHECKPOINT);
  if (!existsSync(path)) return undefined;
  const read = parseJson(readFileSync(path, 'utf8'));
  return E.mapLeft(() => {
    const version = Object(read).version;
    return version === undefined || version === 1
      ? `${CHECKPOINT} cannot be read`
      : `${CHECKPOINT} is of version ${version}, this pipeline knows version 1`;
  })(Checkpoint.decode(read));
};

/** Replaces the checkpoint in one step: a reader, or a crash, finds the old one or the new one. */
export const writeCheckpoint = async (
  dir: string,
  checkpoint: Checkpoint,
  disk: Disk = DISK,
): Promise<void> => {
  await writePrivateFile(
    join(dir, CHECKPOINT),
    `${JSON.stringify(Checkpoint.encode(checkpoint))}\n`,
    disk,
  );
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
