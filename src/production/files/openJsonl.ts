import { join } from 'node:path';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import type { Env } from '../../model/shapes.ts';
import type { OneAtATime } from '../oneAtATime.ts';
import { bytesOf } from './bytes.ts';
import type { Disk, DiskFile } from './disk.ts';
import type { Note } from './intent.ts';
import { filesOf } from './ownFiles.ts';
import { dayOf, settlePresent } from './presentFiles.ts';
import { rotatedName, syncDirectory } from './segments.ts';
import { blank, writeAgain } from './tail.ts';

export interface JsonlOptions {
  readonly dir: string;
  /** The store that the lines are for; a file holds those of one store. */
  readonly store?: string;
  /** Whether uploads are to come by what is not deleted; true when left out. */
  readonly isUploading?: boolean;
  /** A file is rotated before a line that would make it larger. */
  readonly maxBytes: number;
  /** What all files may take together; beyond it nothing more is taken in. None when left out. */
  readonly maxTotalBytes?: number;
  /** Rotated files older than this are deleted where they are settled, but for dead letters. */
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
  readonly note: Note;
  /** Changes of the ledgers, one after the other. */
  readonly inTurn: OneAtATime;
}

export interface OpenFile {
  readonly handle: DiskFile;
  /** Within the directory. */
  readonly name: string;
  readonly inode: number;
  /** Bytes of whole lines that are safe. */
  readonly bytes: number;
  /** Null while the file has no safe line. */
  readonly segment: string | null;
  readonly store: string;
  /** UTC day of the first line, YYYY-MM-DD. */
  readonly day: string;
  /** Behind the safe lines there may be parts of a write that failed. */
  readonly torn: boolean;
}

/** The lines hold addresses of phones: nobody else on this machine needs them. */
const PRIVATE = 0o600;
const NOTHING = Buffer.alloc(0);

/** A disk that does not answer is no file that is gone. */
const unlessGone = (problem: unknown): undefined => {
  if (Object(problem).code !== 'ENOENT') throw problem;
};

const open = async (
  { dir, disk }: Options,
  file: Omit<OpenFile, 'handle' | 'inode' | 'torn'>,
  flags: 'a+' | 'ax+',
): Promise<OpenFile> => {
  const handle = await disk.promises.open(join(dir, file.name), flags, PRIVATE);
  try {
    if (file.bytes === 0) await syncDirectory(dir, disk);
    const { ino: inode } = await handle.stat();
    return { ...file, handle, inode, torn: false };
  } catch (problem) {
    await handle.close().catch(() => undefined);
    throw problem;
  }
};

/** `<stream>.jsonl`, or where somebody has a file of that name, one that nobody has. */
const create = async (stream: JsonlFile, options: Options): Promise<OpenFile> => {
  const { dir, disk, store, note, log } = options;
  const day = dayOf(options.now());
  const names = await disk.promises.readdir(dir);
  const usual = `${stream}.jsonl`;
  const name = names.includes(usual) ? rotatedName(stream, day, names) : usual;
  if (name !== usual)
    log({ level: 'error', event: 'file is not ours', file: usual, instead: name });
  // From here on an empty file of this name is ours: there was none.
  await note(stream, { name, segment: null, store, from: 0, data: NOTHING });
  return open(options, { name, bytes: 0, segment: null, store, day }, 'ax+');
};

/**
 * Opens the file that a stream is appended to, behind its last whole line, or behind byte `end`.
 * What is there is safe from then on. A file that is not ours is left alone, and another one begun.
 */
export const openFile = async (
  stream: JsonlFile,
  options: Options,
  end?: number,
): Promise<OpenFile> => {
  const { disk, dir, doubtful, log } = options;
  await disk.promises.mkdir(dir, { recursive: true, mode: 0o700 });
  const { present } = filesOf(dir, stream, disk);
  if (present === undefined) return create(stream, options);
  if (end === undefined) {
    if (doubtful.has(stream)) await writeAgain(present.path, present.claimed, disk);
    doubtful.add(stream);
  }
  const safe = await settlePresent(stream, present, options, end);
  doubtful.delete(stream);
  if (safe === undefined) return create(stream, options);
  const { name, bytes, segment, store, mtimeMs } = safe;
  if (end === undefined && bytes < present.size)
    log({ level: 'warn', event: 'torn line removed', file: name, bytes: present.size - bytes });
  const day = dayOf(bytes === 0 ? options.now() : mtimeMs);
  return open(options, { name, bytes, segment, store, day }, 'a+');
};

/**
 * Whether the file is still where it was opened, as long as it was left. Else somebody moved, deleted or
 * edited it, and what is written to it would be found by nobody.
 */
export const isInPlace = async (
  { name, inode, bytes, torn }: OpenFile,
  { dir, disk }: Options,
): Promise<boolean> => {
  const found = await disk.promises.stat(join(dir, name)).catch(unlessGone);
  return found?.ino === inode && (torn ? found.size >= bytes : found.size === bytes);
};

export const openAgain = async (
  stream: JsonlFile,
  lost: OpenFile,
  options: Options,
): Promise<OpenFile> => {
  options.log({
    level: 'error',
    event: 'file was changed by somebody else',
    file: lost.name,
    advice: 'stop the pipeline before you move, edit or delete what is in OUTPUT_DIR',
  });
  await lost.handle.close().catch(() => undefined);
  return openFile(stream, options);
};

/**
 * After a failed write or sync nobody knows what the disk holds behind the safe lines: the file is
 * opened anew, so that its next sync tells the truth, and what came after them is taken back.
 */
export const mend = async (
  stream: JsonlFile,
  broken: OpenFile,
  options: Options,
): Promise<OpenFile> => {
  const mended = await openFile(stream, options, broken.bytes);
  await broken.handle.close().catch(() => undefined);
  return mended.name === broken.name ? { ...mended, day: broken.day } : mended;
};

/**
 * Somebody else may have appended between our look at a file and our write: then ours stands behind,
 * where no reader would look for it. It is taken back, by its content.
 *
 * @throws where it was so: it is to be written again, to another file
 */
export const checkPlace = async (
  { name, handle, bytes }: OpenFile,
  data: Buffer,
  { dir, disk }: Options,
): Promise<void> => {
  const { size } = await handle.stat();
  const path = join(dir, name);
  if (size === bytes + data.length) return;
  const there = bytesOf(path, bytes, size, disk);
  const at = there.indexOf(data);
  if (at === 0) return;
  if (at > 0) {
    const writable = await disk.promises.open(path, 'r+');
    await blank(writable, bytes + at, bytes + at + data.length).finally(() => writable.close());
  }
  throw new Error(`another program wrote to ${name} at the same moment`);
};
