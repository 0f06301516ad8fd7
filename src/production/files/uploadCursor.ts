import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { Place } from '../../model/journal.ts';
import { parseJson } from '../../model/json.ts';
import { DISK, type Disk } from './disk.ts';
import { endOf, type Followed, linesAfter, linesBefore, partsOf } from './followedFile.ts';
import { LEDGER } from './intent.ts';
import { writePrivateFile } from './privateFile.ts';
import { syncDirectory } from './segments.ts';

/**
 * Where uploads stand in one stream. Lines are known by their hashes, newest first, so that the
 * place is found again when a file was written anew, without the lines of a phone that was forgotten.
 */
export const Cursor = t.strict({
  place: Place,
  lines: t.readonlyArray(t.string),
  /** Time of the last line, Unix seconds. */
  ts: t.number,
});
export type Cursor = t.TypeOf<typeof Cursor>;

/** Where uploads to one store stand. */
const StoreCursors = t.strict({ assignments: Cursor, dwells: Cursor });
export type StoreCursors = t.TypeOf<typeof StoreCursors>;

/** By store: up to where everything is settled. */
const Cursors = t.record(t.string, StoreCursors);
export type Cursors = t.TypeOf<typeof Cursors>;

const CursorFile = t.strict({ stores: Cursors });

/** The streams that are uploaded, by what a cursor calls them. */
export const UPLOADED = { zone_assignments: 'assignments', dwells: 'dwells' } as const;

/** One phone may be forgotten: with so many lines, others remain to go by. */
export const LINES_KEPT = 64;

const IS_CURSOR = /^upload_cursor(\.\d+)?\.json$/;
const nth = (n: number): string => `upload_cursor${n === 1 ? '' : `.${n}`}.json`;
const numberOf = (name: string): number => Number(name.split('.').at(-2)) || 1;

/** A directory of that name holds no cursor; whatever else keeps a file from being read is thrown. */
const textOf = (path: string, { existsSync, readFileSync }: Disk): string => {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'EISDIR') return '';
    throw problem;
  }
};

const readFile = (path: string, disk: Disk): Cursors | undefined => {
  const read = parseJson(textOf(path, disk));
  const file = CursorFile.decode(read);
  return E.isRight(file) ? file.right.stores : undefined;
};

/** upload_cursor.json, or where that cannot be read, which nobody else's may be, the next one. */
export interface CursorState {
  readonly cursors: Cursors;
  /** Where they are written. */
  readonly name: string;
  /** Files of that name that cannot be read; they are left alone. */
  readonly unreadable: ReadonlyArray<string>;
}

export const readCursors = (dir: string, disk: Disk = DISK): CursorState => {
  const names = (disk.existsSync(dir) ? disk.readdirSync(dir) : [])
    .filter((name) => IS_CURSOR.test(name))
    .sort((a, b) => numberOf(b) - numberOf(a));
  const read = names.map((name) => ({ name, cursors: readFile(join(dir, name), disk) }));
  const unreadable = read.filter(({ cursors }) => !cursors).map(({ name }) => name);
  const newest = read.find(({ cursors }) => cursors);
  const name = newest?.name ?? nth(names[0] === undefined ? 1 : numberOf(names[0]) + 1);
  return { cursors: newest?.cursors ?? {}, name, unreadable };
};

/** Replaces the cursors in one step. */
export const writeCursors = (
  dir: string,
  name: string,
  stores: Cursors,
  disk: Disk = DISK,
): Promise<void> => writePrivateFile(join(dir, name), `${JSON.stringify({ stores })}\n`, disk);

const BEGINNINGS = 'uploads.json';

/**
 * Where uploads to each store began: where they begin again when a cursor is lost. Without an entry
 * nothing was ever uploaded to a store.
 */
export const readBeginnings = (dir: string, disk: Disk = DISK): Cursors =>
  readFile(join(dir, LEDGER, BEGINNINGS), disk) ?? {};

export const writeBeginnings = async (
  dir: string,
  stores: Cursors,
  disk: Disk = DISK,
): Promise<void> => {
  const ledger = join(dir, LEDGER);
  await disk.promises.mkdir(ledger, { recursive: true, mode: 0o700 });
  await writePrivateFile(join(ledger, BEGINNINGS), `${JSON.stringify({ stores })}\n`, disk);
  await syncDirectory(ledger, disk);
};

const hashOf = (line: string): string =>
  createHash('sha256').update(line).digest('base64url').slice(0, 12);

const timeOf = (line: string): number => {
  const value = parseJson(line);
  const { ts, exit_ts } = Object(value);
  return Number(ts ?? exit_ts ?? 0);
};

/** The cursor behind lines that follow on it. */
export const movedOn = (cursor: Cursor, place: Place, lines: ReadonlyArray<string>): Cursor => {
  const last = lines.at(-1);
  const newest = lines.slice(-LINES_KEPT).reverse().map(hashOf);
  return {
    place,
    lines: [...newest, ...cursor.lines].slice(0, LINES_KEPT),
    ts: last === undefined ? cursor.ts : timeOf(last),
  };
};

/** Behind everything that stands there now. */
export const cursorAtEnd = (followed: Followed): Cursor => {
  const place = endOf(followed);
  return movedOn({ place, lines: [], ts: 0 }, place, linesBefore(followed, place));
};

/** Behind the newest of the known lines that is still there, newest file first. */
const byLine = (followed: Followed, { lines }: Cursor): Place | undefined => {
  const known = new Map(lines.map((hash, age): [string, number] => [hash, age]));
  for (const { file } of [...partsOf(followed)].reverse()) {
    let best: { readonly age: number; readonly place: Place } | undefined;
    for (const { text, upTo } of linesAfter(followed, { file, offset: 0 })) {
      if (upTo.file !== file) break;
      const age = known.get(hashOf(text));
      if (age !== undefined && (best === undefined || age <= best.age)) best = { age, place: upTo };
    }
    if (best) return best.place;
  }
  return undefined;
};

/** Before the first line that is younger: what is older may be sent again, nothing is left out. */
const byTime = (followed: Followed, { ts }: Cursor): Place => {
  let before: Place = { file: '', offset: 0 };
  for (const { text, upTo } of linesAfter(followed, before)) {
    if (timeOf(text) > ts) return before;
    before = upTo;
  }
  return before;
};

/** A cursor's place in the files as they are now. */
export const locate = (followed: Followed, cursor: Cursor): Place => {
  const [newest] = cursor.lines;
  const before = linesBefore(followed, cursor.place).at(-1);
  if (newest !== undefined && before !== undefined && hashOf(before) === newest)
    return cursor.place;
  return byLine(followed, cursor) ?? byTime(followed, cursor);
};
