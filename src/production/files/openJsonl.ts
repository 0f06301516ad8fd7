import { join } from 'node:path';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import type { Env } from '../../model/shapes.ts';
import type { Disk, DiskFile } from './disk.ts';
import { repairTail, writeAgain } from './jsonlTail.ts';
import { segmentAt, syncDirectory } from './segments.ts';

export interface JsonlOptions {
  readonly dir: string;
  /** A file is rotated before a line that would make it larger. */
  readonly maxBytes: number;
  /** Rotated files older than this are deleted, but for dead letters. */
  readonly retentionDays: number;
  /** Unix ms. */
  readonly now: () => number;
  readonly log: Env['log'];
  /** The machine's own when left out. */
  readonly disk?: Disk;
}

export interface Options extends Required<JsonlOptions> {
  /** Files that were not synced when they were opened: the disk may lack what readers see. */
  readonly doubtful: Set<JsonlFile>;
}

export interface OpenFile {
  readonly handle: DiskFile;
  readonly inode: number;
  /** Bytes of whole lines that are safe. */
  readonly bytes: number;
  /** Null while the file has no safe line. */
  readonly segment: string | null;
  /** UTC day of the first line, YYYY-MM-DD. */
  readonly day: string;
  /** Behind the safe lines there may be parts of a write that failed. */
  readonly torn: boolean;
}

/** The lines hold addresses of phones: nobody else on this machine needs them. */
const PRIVATE = 0o600;

export const dayOf = (unixMs: number): string => new Date(unixMs).toISOString().slice(0, 10);

export const pathOf = (file: JsonlFile, { dir }: Options): string => join(dir, `${file}.jsonl`);

/** A disk that does not answer is no file that is gone. */
const unlessGone = (problem: unknown): undefined => {
  if (Object(problem).code !== 'ENOENT') throw problem;
};

/** Opens a file behind its last whole line, which is safe from then on. */
export const openFile = async (file: JsonlFile, options: Options): Promise<OpenFile> => {
  const { disk, dir, doubtful } = options;
  await disk.promises.mkdir(dir, { recursive: true, mode: 0o700 });
  const path = pathOf(file, options);
  const handle = await disk.promises.open(path, 'a+', PRIVATE);
  try {
    const { size, mtimeMs, ino: inode } = await handle.stat();
    if (doubtful.has(file)) await writeAgain(path, size, disk);
    doubtful.add(file);
    const bytes = await repairTail(handle, size);
    doubtful.delete(file);
    if (bytes < size)
      options.log({ level: 'warn', event: 'torn line removed', file, bytes: size - bytes });
    if (bytes === 0) await syncDirectory(dir, disk);
    const day = dayOf(bytes === 0 ? options.now() : mtimeMs);
    const segment = bytes === 0 ? null : segmentAt(path, disk);
    return { handle, inode, bytes, segment, day, torn: false };
  } catch (problem) {
    await handle.close().catch(() => undefined);
    throw problem;
  }
};

/**
 * Whether the file is still where it was opened, as long as it was left. Else somebody moved, deleted or
 * edited it, and what is written to it would be found by nobody.
 */
export const isInPlace = async (
  file: JsonlFile,
  { inode, bytes, torn }: OpenFile,
  options: Options,
): Promise<boolean> => {
  const found = await options.disk.promises.stat(pathOf(file, options)).catch(unlessGone);
  return found?.ino === inode && (torn ? found.size >= bytes : found.size === bytes);
};

export const openAgain = async (
  file: JsonlFile,
  lost: OpenFile,
  options: Options,
): Promise<OpenFile> => {
  options.log({
    level: 'error',
    event: 'file was changed by somebody else',
    file,
    advice: 'stop the pipeline before you move, edit or delete what is in OUTPUT_DIR',
  });
  await lost.handle.close().catch(() => undefined);
  return openFile(file, options);
};

/**
 * After a failed write or sync nobody knows what the disk holds behind the safe lines: the file is
 * opened anew, so that its next sync tells the truth, and what came after them is taken back.
 */
export const mend = async (
  file: JsonlFile,
  broken: OpenFile,
  options: Options,
): Promise<OpenFile> => {
  const handle = await options.disk.promises.open(pathOf(file, options), 'a+', PRIVATE);
  try {
    await handle.truncate(broken.bytes);
    // Else a loss of power brings it back, into a file that may be rotated by then.
    await handle.datasync();
  } catch (problem) {
    await handle.close();
    throw problem;
  }
  await broken.handle.close().catch(() => undefined);
  return { ...broken, handle, torn: false };
};
