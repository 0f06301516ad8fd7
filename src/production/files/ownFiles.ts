import { join } from 'node:path';
import type { Position } from '../../model/checkpoint.ts';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { bytesOf } from './bytes.ts';
import { DISK, type Disk } from './disk.ts';
import { type Noted, readIntent } from './intent.ts';
import { type ClosedFile, readLedger } from './ledger.ts';
import { PACKED } from './packedDisk.ts';
import { segmentAt } from './segments.ts';

const NEWLINE = 0x0a;

/** A file, or its beginning, that this program wrote. */
export interface OwnFile {
  /** As it is on disk. */
  readonly name: string;
  readonly path: string;
  readonly segment: string | null;
  readonly store: string;
  /** Ours, in whole lines; what stands behind them is torn, or somebody else's. */
  readonly bytes: number;
  /** Of the whole file, unpacked. */
  readonly size: number;
  readonly ino: number;
}

/** A file that nothing is appended to any more. */
export interface OwnClosed extends OwnFile {
  /** As the ledger has it: without the ending of a packed one. */
  readonly ledgerName: string;
  /** When its last line was written, Unix ms. */
  readonly mtimeMs: number;
}

/** The file that is appended to. */
export interface PresentFile extends OwnFile {
  readonly intent: Noted;
  /**
   * Up to here it holds what was noted, torn or with the zeros that a loss of power leaves. Where
   * more follows, only the whole lines of it, `bytes`, are surely ours.
   */
  readonly claimed: number;
  readonly mtimeMs: number;
}

const commonLength = (a: Buffer, b: Buffer): number => {
  const most = Math.min(a.length, b.length);
  if (a.subarray(0, most).equals(b.subarray(0, most))) return most;
  let at = 0;
  while (a[at] === b[at]) at += 1;
  return at;
};

const zerosBehind = (bytes: Buffer, from: number): number => {
  let at = from;
  while (bytes[at] === 0) at += 1;
  return at;
};

/**
 * By its first line. One that has none yet is ours where it holds a whole line of what was noted, or
 * nothing else: a few characters of JSON begin many a line.
 */
const isOurs = (
  path: string,
  { segment, from }: Noted,
  { size, bytes, claimed }: Pick<PresentFile, 'size' | 'bytes' | 'claimed'>,
  disk: Disk,
): boolean =>
  segment === null
    ? size <= claimed || bytes > 0
    : size >= from && segmentAt(path, disk) === segment;

/** The file that a stream is appended to; undefined where there is none, or where it is not ours. */
export const presentFile = (
  dir: string,
  stream: JsonlFile,
  disk: Disk = DISK,
): PresentFile | undefined => {
  const intent = readIntent(dir, stream, disk);
  if (intent === undefined || intent.name === '') return undefined;
  const { name, store, from, data } = intent;
  const path = join(dir, name);
  const stat = disk.statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const there = bytesOf(path, from, from + data.length, disk);
  const common = commonLength(data, there);
  const claimed = from + zerosBehind(there, common);
  const bytes = from + data.subarray(0, common).lastIndexOf(NEWLINE) + 1;
  const { size, ino, mtimeMs } = stat;
  if (!isOurs(path, intent, { size, bytes, claimed }, disk)) return undefined;
  const segment = intent.segment ?? (bytes > 0 ? segmentAt(path, disk) : null);
  return { name, path, segment, store, bytes, size, ino, mtimeMs, intent, claimed };
};

/** First lines of closed files, which do not change, by all that is known of them without reading. */
const segments = new WeakMap<Disk, Map<string, string | null>>();

const closedAt = (path: string, key: string, disk: Disk): string | null => {
  const known = segments.get(disk) ?? new Map<string, string | null>();
  segments.set(disk, known);
  const segment = known.has(key) ? (known.get(key) ?? null) : segmentAt(path, disk);
  known.set(key, segment);
  return segment;
};

const closedFile = (dir: string, file: ClosedFile, disk: Disk): ReadonlyArray<OwnClosed> => {
  const { name: ledgerName, segment, store, bytes, packed } = file;
  const name = packed ? `${ledgerName}${PACKED}` : ledgerName;
  const path = join(dir, name);
  const stat = disk.statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || (!packed && stat.size < bytes)) return [];
  const { ino } = stat;
  const isSame = closedAt(path, `${path} ${ino} ${stat.size} ${stat.mtimeMs}`, disk) === segment;
  const own = { name, ledgerName, path, segment, store, bytes, ino };
  const { mtimeMs } = packed ?? stat;
  return isSame ? [{ ...own, size: packed ? bytes : stat.size, mtimeMs }] : [];
};

/**
 * The files of a stream that this program wrote, oldest first. Their names and first lines are in
 * the ledger; a file that merely has such a name is not among them.
 */
export const filesOf = (
  dir: string,
  stream: JsonlFile,
  disk: Disk = DISK,
): { readonly closed: ReadonlyArray<OwnClosed>; readonly present?: PresentFile } => {
  const entries = readLedger(dir, stream, disk).closed;
  const found = entries.map((file) => ({ seq: file.seq, own: closedFile(dir, file, disk) }));
  const present = presentFile(dir, stream, disk);
  // It was closed, and nothing has been noted since.
  const isClosed = found.some(({ seq, own }) => own.length > 0 && seq === present?.intent.seq);
  const closed = found.flatMap(({ own }) => own);
  return present && !isClosed ? { closed, present } : { closed };
};

/** All of {@link filesOf}, the one that is appended to last. */
export const ownFiles = (
  dir: string,
  stream: JsonlFile,
  disk: Disk = DISK,
): ReadonlyArray<OwnFile> => {
  const { closed, present } = filesOf(dir, stream, disk);
  return present ? [...closed, present] : closed;
};

/** Where a stream ends: behind the last line of the newest file that has one. */
export const endOf = (dir: string, file: JsonlFile, disk: Disk = DISK): Position => {
  const last = ownFiles(dir, file, disk).findLast(({ bytes }) => bytes > 0);
  return last ? { segment: last.segment, bytes: last.bytes } : { segment: null, bytes: 0 };
};
