import { constants, gunzipSync } from 'node:zlib';
import type { Disk } from './disk.ts';

/** The ending of a file that is packed: gzip, in as many members as there were pieces. */
export const PACKED = '.gz';

export const isPacked = (path: string): boolean => path.endsWith(PACKED);

/** Of the packed bytes; first lines are found in what they hold. */
const HEAD_BYTES = 65_536;

interface Opened {
  /** What the first {@link HEAD_BYTES} hold. */
  readonly head: Buffer;
  /** All of it, once somebody asks for more. */
  whole?: Buffer;
}

/**
 * A disk on which files that are packed read as they were before: for who reads lines there is no
 * difference. They are unpacked in memory, as a whole where more than their beginning is asked for.
 *
 * @throws where a packed file is damaged, as for any that cannot be read
 */
export const packedDisk = <D extends Disk>(disk: D): D => {
  const opened = new Map<number, Opened>();
  const packedBytes = (handle: number, most: number): Buffer => {
    const parts: Buffer[] = [];
    for (let at = 0; at < most; ) {
      const part = Buffer.alloc(Math.min(most - at, HEAD_BYTES));
      const read = disk.readSync(handle, part, 0, part.length, at);
      if (read === 0) break;
      at += read;
      parts.push(part.subarray(0, read));
    }
    return Buffer.concat(parts);
  };
  const textOf = (handle: number, packed: Opened, upTo: number): Buffer => {
    if (upTo <= packed.head.length) return packed.head;
    packed.whole ??= gunzipSync(packedBytes(handle, Number.POSITIVE_INFINITY));
    return packed.whole;
  };
  const openSync: Disk['openSync'] = (path, flags) => {
    const handle = disk.openSync(path, flags);
    if (!isPacked(path)) return handle;
    // A beginning that ends within a member is no error.
    const options = { finishFlush: constants.Z_SYNC_FLUSH };
    opened.set(handle, { head: gunzipSync(packedBytes(handle, HEAD_BYTES), options) });
    return handle;
  };
  const readSync: Disk['readSync'] = (handle, into, offset, length, position) => {
    const packed = opened.get(handle);
    if (packed === undefined) return disk.readSync(handle, into, offset, length, position);
    const text = textOf(handle, packed, position + length);
    return text.copy(into, offset, position, position + length);
  };
  const closeSync: Disk['closeSync'] = (handle) => {
    opened.delete(handle);
    disk.closeSync(handle);
  };
  return { ...disk, openSync, readSync, closeSync };
};
