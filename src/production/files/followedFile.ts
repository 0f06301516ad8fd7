import type { Place } from '../../model/journal.ts';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { DISK, type Disk } from './disk.ts';
import { ownFiles } from './ownFiles.ts';

/** A whole line and the place behind it. */
export interface Line {
  readonly text: string;
  readonly upTo: Place;
}

/** What is followed: the lines that this program wrote to a stream for one store. */
export interface Followed {
  readonly dir: string;
  readonly stream: JsonlFile;
  readonly store: string;
  readonly disk: Disk;
}

interface Part {
  readonly path: string;
  readonly file: string;
  /** So many are ours; what stands behind them is not read. */
  readonly bytes: number;
}

const CHUNK = 262_144;
const NEWLINE = 0x0a;

/** The inode: it stays when a file is rotated, and changes when it is written anew. */
const nameOf = ({ ino }: { readonly ino: number }): string => String(ino);

/** The files that hold them, oldest first. */
export const partsOf = ({ dir, stream, store, disk }: Followed): ReadonlyArray<Part> =>
  ownFiles(dir, stream, disk)
    .filter((file) => file.store === store)
    .map(({ path, ino, bytes }) => ({ path, file: nameOf({ ino }), bytes }));

/** The parts from a place on; all of them where its file is gone. */
const partsFrom = (followed: Followed, { file }: Place): ReadonlyArray<Part> => {
  const parts = partsOf(followed);
  const at = parts.findIndex((part) => part.file === file);
  return at < 0 ? parts : parts.slice(at);
};

/** The chunks of an open file between two offsets. */
function* chunksOf(handle: number, from: number, to: number, disk: Disk) {
  for (let at = from; at < to; ) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK, to - at));
    const read = disk.readSync(handle, chunk, 0, chunk.length, at);
    if (read === 0) return;
    at += read;
    yield chunk.subarray(0, read);
  }
}

/** The whole lines of an open file between two offsets, each with the offset behind it; a torn last one is left out. */
function* wholeLines(handle: number, from: number, to: number, disk: Disk) {
  let rest = Buffer.alloc(0);
  let offset = from;
  for (const chunk of chunksOf(handle, from, to, disk)) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE, start)) {
      offset += end + 1 - start;
      yield { text: rest.toString('utf8', start, end), offset };
      start = end + 1;
    }
    rest = rest.subarray(start);
  }
}

/** Opens a file for as long as it is read from. */
function* reading<A>(
  path: string,
  work: (handle: number) => Iterable<A>,
  disk: Disk,
): Generator<A> {
  const handle = disk.openSync(path, 'r');
  try {
    yield* work(handle);
  } finally {
    disk.closeSync(handle);
  }
}

/** The whole lines of a file from an offset on, each with the offset behind it. */
export const linesFrom = (path: string, from = 0, disk: Disk = DISK) =>
  reading(path, (handle) => wholeLines(handle, from, Number.POSITIVE_INFINITY, disk), disk);

/** What `work` makes of a part; nothing where another file has taken its name. */
const ofPart = <A>(
  { path, file }: Part,
  work: (handle: number) => Iterable<A>,
  disk: Disk,
): Generator<A> =>
  reading(path, (handle) => (nameOf(disk.fstatSync(handle)) === file ? work(handle) : []), disk);

function* linesOfPart(part: Part, from: number, disk: Disk): Generator<Line> {
  const { file, bytes } = part;
  const read = (handle: number) => wholeLines(handle, from, bytes, disk);
  for (const { text, offset } of ofPart(part, read, disk)) yield { text, upTo: { file, offset } };
}

/**
 * The lines of a stream behind a place, across rotated files, oldest first, read as they are asked
 * for. Synchronous, as appends are not: a line is there as a whole or not at all.
 */
export function* linesAfter(followed: Followed, after: Place): Generator<Line> {
  for (const part of partsFrom(followed, after))
    yield* linesOfPart(part, part.file === after.file ? after.offset : 0, followed.disk);
}

/** How many lines stand behind a place. */
export const countAfter = (followed: Followed, after: Place): number => {
  const { disk } = followed;
  let lines = 0;
  for (const part of partsFrom(followed, after)) {
    const from = part.file === after.file ? after.offset : 0;
    const read = (handle: number) => chunksOf(handle, from, part.bytes, disk);
    for (const chunk of ofPart(part, read, disk))
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1))
        lines += 1;
  }
  return lines;
};

/** Behind the last line there is; the beginning where there is none. */
export const endOf = (followed: Followed): Place => {
  const last = partsOf(followed).at(-1);
  return { file: last?.file ?? '', offset: last?.bytes ?? 0 };
};

const LOOK_BACK = 131_072;

/** The last whole lines before a place in its file, as far as one look back reaches. */
export const linesBefore = (followed: Followed, { file, offset }: Place): ReadonlyArray<string> => {
  const part = partsOf(followed).find((one) => one.file === file && one.bytes >= offset);
  const from = Math.max(0, offset - LOOK_BACK);
  const lines: string[] = [];
  for (const { text, upTo } of part ? linesOfPart(part, from, followed.disk) : []) {
    if (upTo.offset <= offset) lines.push(text);
    // A place that is not behind a whole line is in another file than it was.
    if (upTo.offset >= offset) return upTo.offset === offset ? lines.slice(from > 0 ? 1 : 0) : [];
  }
  return [];
};
