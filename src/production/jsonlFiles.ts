import { join } from 'node:path';
import { defer, from } from 'rxjs';
import type { Commit, Position } from '../model/checkpoint.ts';
import { type JsonlFile, OUTPUT_FILES } from '../model/jsonlFile.ts';
import type { Deliver, Env } from '../model/shapes.ts';
import { writeCheckpoint } from './checkpointFile.ts';
import { DISK, type Disk, type DiskFile } from './disk.ts';
import { repairTail } from './jsonlTail.ts';
import { endOf, isRotated, segmentAt, segmentOf, syncDirectory } from './segments.ts';

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

type Options = Required<JsonlOptions>;

interface OpenFile {
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

const DAY_MS = 86_400_000;
/** The lines hold addresses of phones: nobody else on this machine needs them. */
const PRIVATE = 0o600;

const dayOf = (unixMs: number): string => new Date(unixMs).toISOString().slice(0, 10);

const pathOf = (file: JsonlFile, { dir }: Options): string => join(dir, `${file}.jsonl`);

/** A disk that does not answer is no file that is gone. */
const unlessGone = (problem: unknown): undefined => {
  if (Object(problem).code !== 'ENOENT') throw problem;
};

const openFile = async (file: JsonlFile, options: Options): Promise<OpenFile> => {
  const { disk, dir } = options;
  await disk.promises.mkdir(dir, { recursive: true, mode: 0o700 });
  const path = pathOf(file, options);
  const handle = await disk.promises.open(path, 'a+', PRIVATE);
  const { size, mtimeMs, ino: inode } = await handle.stat();
  const bytes = await repairTail(handle, size);
  if (bytes < size)
    options.log({ level: 'warn', event: 'torn line removed', file, bytes: size - bytes });
  if (bytes === 0) await syncDirectory(dir, disk);
  const day = dayOf(bytes === 0 ? options.now() : mtimeMs);
  return {
    handle,
    inode,
    bytes,
    segment: bytes === 0 ? null : segmentAt(path, disk),
    day,
    torn: false,
  };
};

/**
 * Whether the file is still where it was opened, as long as it was left. Else somebody moved, deleted or
 * edited it, and what is written to it would be found by nobody.
 */
const isInPlace = async (
  file: JsonlFile,
  { inode, bytes, torn }: OpenFile,
  options: Options,
): Promise<boolean> => {
  const found = await options.disk.promises.stat(pathOf(file, options)).catch(unlessGone);
  return found?.ino === inode && (torn ? found.size >= bytes : found.size === bytes);
};

const openAgain = async (file: JsonlFile, lost: OpenFile, options: Options): Promise<OpenFile> => {
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
const mend = async (file: JsonlFile, broken: OpenFile, options: Options): Promise<OpenFile> => {
  const handle = await options.disk.promises.open(pathOf(file, options), 'a+', PRIVATE);
  try {
    await handle.truncate(broken.bytes);
  } catch (problem) {
    await handle.close();
    throw problem;
  }
  await broken.handle.close().catch(() => undefined);
  return { ...broken, handle, torn: false };
};

/** Dead letters wait for a redrive, however long. */
const KEPT: ReadonlySet<JsonlFile> = new Set([
  'failed_uploads',
  'failed_uploads.redrive',
  'redriven_uploads',
  'redriven_uploads.redrive',
]);

const deleteOld = async (file: JsonlFile, options: Options) => {
  const { dir, retentionDays, now } = options;
  const { readdir, rm, stat } = options.disk.promises;
  if (KEPT.has(file)) return;
  const oldest = now() - retentionDays * DAY_MS;
  const rotated = (await readdir(dir)).filter((name) => isRotated(file, name));
  for (const name of rotated) {
    const path = join(dir, name);
    if ((await stat(path)).mtimeMs < oldest) await rm(path);
  }
};

/** `dwells.jsonl` becomes `dwells.2026-03-01.1.jsonl`, numbered from 1 within its day. */
const rotate = async (file: JsonlFile, { handle, day }: OpenFile, options: Options) => {
  const { dir, disk } = options;
  await handle.close();
  const names = await disk.promises.readdir(dir);
  const used = names
    .filter((name) => isRotated(file, name) && name.includes(`.${day}.`))
    .map((name) => Number(name.split('.').at(-2)));
  const number = Math.max(0, ...used) + 1;
  const path = join(dir, `${file}.${day}.${number}.jsonl`);
  await disk.promises.rename(pathOf(file, options), path);
  await syncDirectory(dir, disk);
  await deleteOld(file, options);
};

const writeAll = async (handle: DiskFile, data: Buffer): Promise<void> => {
  for (let written = 0; written < data.length; )
    written += (await handle.write(data, written)).bytesWritten;
};

/**
 * The files of a directory, each `<name>.jsonl`, append-only, rotated by size and by UTC day.
 * `append` and `commit` write all or nothing, to last, and error where the disk fails; at one time
 * only one of them may be under way for a file.
 */
export const jsonlFiles = (given: JsonlOptions) => {
  const options = { disk: DISK, ...given };
  const opened = new Map<JsonlFile, OpenFile>();
  const ends = new Map<JsonlFile, Position>();

  const ready = async (file: JsonlFile, bytes: number): Promise<OpenFile> => {
    const known = opened.get(file) ?? (await openFile(file, options));
    const ours = (await isInPlace(file, known, options))
      ? known
      : await openAgain(file, known, options);
    const current = ours.torn ? await mend(file, ours, options) : ours;
    opened.set(file, current);
    const fits = current.bytes + bytes <= options.maxBytes && current.day === dayOf(options.now());
    if (fits || current.bytes === 0) return current;
    ends.set(file, { segment: current.segment, bytes: current.bytes });
    opened.delete(file);
    await rotate(file, current, options);
    return ready(file, bytes);
  };

  /** Writes and syncs; the file after it, which counts from {@link keep} on. */
  const write = async (file: JsonlFile, lines: ReadonlyArray<string>): Promise<OpenFile> => {
    const data = Buffer.from(lines.join(''));
    const target = await ready(file, data.length);
    opened.set(file, { ...target, torn: true });
    await writeAll(target.handle, data);
    await target.handle.datasync();
    const [first = ''] = lines;
    const segment = target.segment ?? segmentOf(first.trimEnd());
    return { ...target, segment, bytes: target.bytes + data.length };
  };

  const keep = (file: JsonlFile, after: OpenFile): void => {
    opened.set(file, after);
    ends.set(file, { segment: after.segment, bytes: after.bytes });
  };

  const append =
    (file: JsonlFile): Deliver<ReadonlyArray<string>> =>
    (lines) =>
      defer(() => from(write(file, lines).then((after) => keep(file, after))));

  const end = async (file: JsonlFile): Promise<Position> => {
    const known = ends.get(file) ?? (await endOf(options.dir, file, options.disk));
    ends.set(file, known);
    return known;
  };

  const commitAll = async ({ lines, state }: Commit): Promise<void> => {
    const files = OUTPUT_FILES.filter((file) => (lines[file] ?? []).length > 0);
    // One after another: that they all fail for one reason is told once.
    const written = new Map<JsonlFile, OpenFile>();
    for (const file of files) written.set(file, await write(file, lines[file] ?? []));
    const outputs: Record<string, Position> = {};
    for (const file of OUTPUT_FILES) {
      const after = written.get(file);
      outputs[file] = after ? { segment: after.segment, bytes: after.bytes } : await end(file);
    }
    const journal = await end('rssi_readings');
    const checkpoint = { version: 1, journal, outputs, state } as const;
    await writeCheckpoint(options.dir, checkpoint, options.disk);
    for (const [file, after] of written) keep(file, after);
  };
  const commit: Deliver<Commit> = (change) => defer(() => from(commitAll(change)));

  const close = async (): Promise<void> => {
    await Promise.all([...opened.values()].map(({ handle }) => handle.close()));
    opened.clear();
  };
  return { append, commit, close };
};
