import type { Disk, DiskFile } from './disk.ts';

const BLOCK = 65_536;
const NEWLINE = 0x0a;

/**
 * Where the last whole line of a file of `size` bytes ends. A process that was killed while it
 * wrote leaves a line without its end.
 */
export const endOfLastLine = async (
  handle: Pick<DiskFile, 'read'>,
  size: number,
): Promise<number> => {
  for (let end = size; end > 0; end -= BLOCK) {
    const start = Math.max(0, end - BLOCK);
    const block = Buffer.alloc(end - start);
    await handle.read(block, 0, block.length, start);
    const newline = block.lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
  }
  return 0;
};

/**
 * Cuts off a torn last line, so that the next one stands on its own, and makes safe what is left: a
 * process that was killed may not have come to that. Returns the bytes kept.
 */
export const repairTail = async (
  handle: Pick<DiskFile, 'read' | 'truncate' | 'datasync'>,
  size: number,
): Promise<number> => {
  const whole = await endOfLastLine(handle, size);
  if (whole < size) await handle.truncate(whole);
  await handle.datasync();
  return whole;
};

/**
 * Writes what readers see in a file of `size` bytes to where it stands. A sync that failed may have
 * dropped it, and the next one would call it safe all the same.
 */
export const writeAgain = async (path: string, size: number, { promises }: Disk): Promise<void> => {
  const handle = await promises.open(path, 'r+');
  try {
    for (let at = 0; at < size; ) {
      const block = Buffer.alloc(Math.min(BLOCK, size - at));
      await handle.read(block, 0, block.length, at);
      at += (await handle.write(block, 0, block.length, at)).bytesWritten;
    }
  } finally {
    await handle.close();
  }
};
