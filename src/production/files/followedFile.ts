import { join } from 'node:path';
import type { Place } from '../../model/journal.ts';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { DISK, type Disk } from './disk.ts';

/** A whole line and the place behind it. */
export interface Line {
  readonly text: string;
  readonly upTo: Place;
}

interface Part {
  readonly path: string;
  readonly file: string;
  readonly bytes: number;
}

const CHUNK = 262_144;
const NEWLINE = 0x0a;

/** The inode: it stays when a file is rotated, and changes when it is written anew. */
const nameOf = ({ ino }: { readonly ino: number }): string => String(ino);

/** Rotated parts by day and number, then the present one; those that vanish meanwhile are left out. */
export const partsOf = (dir: string, stream: JsonlFile, disk: Disk = DISK): ReadonlyArray<Part> => {
  const order = (name: string): string => {
    const [, day = '~', number = '0'] = /\.(\d{4}-\d\d-\d\d)\.(\d+)\.jsonl$/.exec(name) ?? [];
    return `${day}.${number.padStart(9, '0')}`;
  };
  const isPart = new RegExp(`^${stream}(\\.\\d{4}-\\d\\d-\\d\\d\\.\\d+)?\\.jsonl$`);
  return (disk.existsSync(dir) ? disk.readdirSync(dir) : [])
    .filter((name) => isPart.test(name))
    .sort((a, b) => (order(a) < order(b) ? -1 : 1))
    .flatMap((name) => {
      const path = join(dir, name);
      const stat = disk.statSync(path, { throwIfNoEntry: false });
      return stat ? [{ path, file: nameOf(stat), bytes: stat.size }] : [];
    });
};

/** The parts from a place on; all of them where its file is gone. */
const partsFrom = (
  dir: string,
  stream: JsonlFile,
  { file }: Place,
  disk: Disk,
): ReadonlyArray<Part> => {
  const parts = partsOf(dir, stream, disk);
  const at = parts.findIndex((part) => part.file === file);
  return at < 0 ? parts : parts.slice(at);
};

/** The chunks of an open file from an offset on. */
function* chunksOf(handle: number, from: number, disk: Disk) {
  for (let at = from; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK);
    const read = disk.readSync(handle, chunk, 0, CHUNK, at);
    if (read === 0) return;
    at += read;
    yield chunk.subarray(0, read);
  }
}

/** The whole lines of an open file from an offset on, each with the offset behind it; a torn last one is left out. */
function* wholeLines(handle: number, from: number, disk: Disk) {
  let rest = Buffer.alloc(0);
  let offset = from;
  for (const chunk of chunksOf(handle, from, disk)) {
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
  reading(path, (handle) => wholeLines(handle, from, disk), disk);

/** What `work` makes of a part; nothing where another file has taken its name. */
const ofPart = <A>(
  { path, file }: Part,
  work: (handle: number) => Iterable<A>,
  disk: Disk,
): Generator<A> =>
  reading(path, (handle) => (nameOf(disk.fstatSync(handle)) === file ? work(handle) : []), disk);

function* linesOfPart(part: Part, from: number, disk: Disk): Generator<Line> {
  const { file } = part;
  for (const { text, offset } of ofPart(part, (handle) => wholeLines(handle, from, disk), disk))
    yield { text, upTo: { file, offset } };
}

/**
 * The lines of a stream behind a place, across rotated files, oldest first, read as they are asked
 * for. Synchronous, as appends are not: a line is there as a whole or not at all.
 */
export function* linesAfter(
  dir: string,
  stream: JsonlFile,
  after: Place,
  disk: Disk = DISK,
): Generator<Line> {
  for (const part of partsFrom(dir, stream, after, disk))
    yield* linesOfPart(part, part.file === after.file ? after.offset : 0, disk);
}

/** How many lines stand behind a place. */
export const countAfter = (
  dir: string,
  stream: JsonlFile,
  after: Place,
  disk: Disk = DISK,
): number => {
  let lines = 0;
  for (const part of partsFrom(dir, stream, after, disk)) {
    const from = part.file === after.file ? after.offset : 0;
    for (const chunk of ofPart(part, (handle) => chunksOf(handle, from, disk), disk))
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1))
        lines += 1;
  }
  return lines;
};

/** Behind the last line there is; the beginning where there is none. */
export const endOf = (dir: string, stream: JsonlFile, disk: Disk = DISK): Place => {
  const last = partsOf(dir, stream, disk).at(-1);
  let end: Place = { file: last?.file ?? '', offset: 0 };
  if (last) for (const { upTo } of linesOfPart(last, 0, disk)) end = upTo;
  return end;
};

const LOOK_BACK = 131_072;

/** The last whole lines before a place in its file, as far as one look back reaches. */
export const linesBefore = (
  dir: string,
  stream: JsonlFile,
  { file, offset }: Place,
  disk: Disk = DISK,
): ReadonlyArray<string> => {
  const part = partsOf(dir, stream, disk).find((one) => one.file === file && one.bytes >= offset);
  const from = Math.max(0, offset - LOOK_BACK);
  const lines: string[] = [];
  for (const { text, upTo } of part ? linesOfPart(part, from, disk) : []) {
    if (upTo.offset <= offset) lines.push(text);
    // A place that is not behind a whole line is in another file than it was.
    if (upTo.offset >= offset) return upTo.offset === offset ? lines.slice(from > 0 ? 1 : 0) : [];
  }
  return [];
};
