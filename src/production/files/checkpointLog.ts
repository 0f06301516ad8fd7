import { changeOf } from '../../model/change.ts';
import type { Checkpoint } from '../../model/checkpoint.ts';
import { jsonLine } from '../../model/json.ts';
import { replaceCheckpoint, writeAll } from './checkpointFile.ts';
import type { Disk, DiskFile } from './disk.ts';
import { syncDirectory } from './segments.ts';

/** The file as it was left: it ends with the line of `last`. */
interface Current {
  readonly path: string;
  readonly handle: DiskFile;
  readonly inode: number;
  readonly bytes: number;
  /** How many of them were a whole checkpoint once. */
  readonly wholeBytes: number;
  readonly last: Checkpoint;
}

/**
 * The checkpoint's file: a whole one, and behind it a line for each commit with what has changed since.
 * A commit counts when its line is synced. When the lines outweigh the whole it is written anew.
 *
 * @param smallBytes a file that is no larger is not worth it
 */
export const checkpointLog = (dir: string, smallBytes: number, disk: Disk) => {
  let current: Current | undefined;
  /** A line that failed could not be taken back: nobody knows whether a crash finds it. */
  let isDoubtful = false;
  /** The directory's sync failed: a loss of power may bring back the file before this one. */
  let isUnnamed = false;

  const name = async (): Promise<void> => {
    await syncDirectory(dir, disk);
    isUnnamed = false;
  };
  const forget = async (): Promise<void> => {
    const handle = current?.handle;
    current = undefined;
    await handle?.close().catch(() => undefined);
  };
  const replace = async (checkpoint: Checkpoint): Promise<void> => {
    const { path, bytes } = await replaceCheckpoint(dir, checkpoint, disk);
    isUnnamed = true;
    await forget();
    // It counts from the renaming on: to call a failure what a crash may find done would do it twice.
    const handle = await disk.promises.open(path, 'a').catch(() => undefined);
    const inode = (await handle?.stat().catch(() => undefined))?.ino;
    if (handle && inode !== undefined)
      current = { path, handle, inode, bytes, wholeBytes: bytes, last: checkpoint };
    else await handle?.close().catch(() => undefined);
  };

  const takeBack = ({ handle, bytes }: Current): Promise<boolean> =>
    handle
      .truncate(bytes)
      .then(() => handle.datasync())
      .then(
        () => true,
        () => false,
      );
  const append = async (before: Current, checkpoint: Checkpoint): Promise<void> => {
    const data = Buffer.from(jsonLine(changeOf(before.last.state, checkpoint)));
    try {
      await writeAll(before.handle, data);
      await before.handle.datasync();
    } catch (problem) {
      isDoubtful = !(await takeBack(before));
      throw problem;
    }
    current = { ...before, bytes: before.bytes + data.length, last: checkpoint };
  };

  /** Whether what we left is there, and short enough to be gone on with. */
  const goesOn = async ({ path, inode, bytes, wholeBytes }: Current): Promise<boolean> => {
    if (bytes > Math.max(2 * wholeBytes, smallBytes)) return false;
    const found = await disk.promises.stat(path).catch(() => undefined);
    return found?.ino === inode && found.size === bytes;
  };

  return {
    /**
     * To be called before anything is undone of a commit that failed: its line may be there, and must
     * not be found once the lines that it tells of are not.
     */
    settle: async (): Promise<void> => {
      if (!isDoubtful) return;
      if (current) await replace(current.last);
      await name();
      isDoubtful = false;
    },
    commit: async (checkpoint: Checkpoint): Promise<void> => {
      // What is appended to a file that is found by no name is lost with it.
      if (isUnnamed) await name();
      if (current && (await goesOn(current))) return append(current, checkpoint);
      await replace(checkpoint);
      await name().catch(() => undefined);
    },
    close: forget,
  };
};
