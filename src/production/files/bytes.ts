import { DISK, type Disk, type DiskFile } from './disk.ts';

/** The bytes of a file between two places; fewer where it ends before. */
export const bytesOf = (
  path: string,
  from: number,
  to: number,
  { openSync, readSync, closeSync }: Disk = DISK,
): Buffer => {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  const file = openSync(path, 'r');
  try {
    let read = 0;
    for (let n = -1; read < bytes.length && n !== 0; read += n)
      n = readSync(file, bytes, read, bytes.length - read, from + read);
    return bytes.subarray(0, read);
  } finally {
    closeSync(file);
  }
};

/** Writes all of `data` over what stands from `position` on; a file opened for appending would not. */
export const overwrite = async (
  handle: Pick<DiskFile, 'write'>,
  data: Buffer,
  position: number,
): Promise<void> => {
  for (let done = 0; done < data.length; )
    done += (await handle.write(data, done, data.length - done, position + done)).bytesWritten;
};
