import { overwrite } from './bytes.ts';
import type { Disk, DiskFile } from './disk.ts';
import type { PresentFile } from './ownFiles.ts';

const BLOCK = 65_536;

/** What is ours between two places becomes empty lines, so that what stands behind it stays in place. */
export const blank = (handle: Pick<DiskFile, 'write'>, from: number, to: number): Promise<void> =>
  overwrite(handle, Buffer.alloc(Math.max(0, to - from), '\n'), from);

/**
 * Takes back what is ours behind byte `end`, and makes safe what is left. A file is shortened only
 * where nothing stands in it behind our own bytes; else our whole lines become empty ones. Answers whether the
 * file is ours alone.
 */
export const takeTail = async (
  { path, bytes, claimed }: Pick<PresentFile, 'path' | 'bytes' | 'claimed'>,
  end: number,
  { promises }: Disk,
): Promise<boolean> => {
  const handle = await promises.open(path, 'r+');
  try {
    const { size } = await handle.stat();
    if (size > claimed) await blank(handle, end, bytes);
    else if (size > end) await handle.truncate(end);
    // Else a loss of power brings it back, into a file that may be rotated by then.
    await handle.datasync();
    return size <= claimed;
  } finally {
    await handle.close();
  }
};

/**
 * Writes what readers see in the first `bytes` of a file to where it stands. A sync that failed may
 * have dropped it, and the next one would call it safe all the same.
 */
export const writeAgain = async (
  path: string,
  bytes: number,
  { promises }: Disk,
): Promise<void> => {
  const handle = await promises.open(path, 'r+');
  try {
    for (let at = 0; at < bytes; ) {
      const block = Buffer.alloc(Math.min(BLOCK, bytes - at));
      await handle.read(block, 0, block.length, at);
      at += (await handle.write(block, 0, block.length, at)).bytesWritten;
    }
  } finally {
    await handle.close();
  }
};
