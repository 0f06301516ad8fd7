import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { Place } from '../../model/journal.ts';
import { parseJson } from '../../model/json.ts';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { DISK, type Disk } from './disk.ts';
import { endOf, linesAfter, linesBefore, partsOf } from './followedFile.ts';
import { writePrivateFile } from './privateFile.ts';

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

/** upload_cursor.json: up to where everything is settled, and for which store. */
const Cursors = t.strict({ store_id: t.string, assignments: Cursor, dwells: Cursor });
export type Cursors = t.TypeOf<typeof Cursors>;

const FILE = 'upload_cursor.json';
/** One phone may be forgotten: with so many lines, others remain to go by. */
export const LINES_KEPT = 64;

export const readCursors = (
  dir: string,
  { existsSync, readFileSync }: Disk = DISK,
): Cursors | undefined => {
  const path = join(dir, FILE);
  const cursors = Cursors.decode(
    existsSync(path) ? parseJson(readFileSync(path, 'utf8')) : undefined,
  );
  return E.isRight(cursors) ? cursors.right : undefined;
};

/** Replaces the cursors in one step. */
export const writeCursors = (dir: string, cursors: Cursors, disk: Disk = DISK): Promise<void> =>
  writePrivateFile(join(dir, FILE), `${JSON.stringify(cursors)}\n`, disk);

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
export const cursorAtEnd = (dir: string, stream: JsonlFile, disk: Disk = DISK): Cursor => {
  const place = endOf(dir, stream, disk);
  const lines = linesBefore(dir, stream, place, disk);
  return movedOn({ place, lines: [], ts: 0 }, place, lines);
};

/** Behind the newest of the known lines that is still there, newest file first. */
const byLine = (
  dir: string,
  stream: JsonlFile,
  { lines }: Cursor,
  disk: Disk,
): Place | undefined => {
  const known = new Map(lines.map((hash, age): [string, number] => [hash, age]));
  for (const { file } of [...partsOf(dir, stream, disk)].reverse()) {
    let best: { readonly age: number; readonly place: Place } | undefined;
    for (const { text, upTo } of linesAfter(dir, stream, { file, offset: 0 }, disk)) {
      if (upTo.file !== file) break;
      const age = known.get(hashOf(text));
      if (age !== undefined && (best === undefined || age <= best.age)) best = { age, place: upTo };
    }
    if (best) return best.place;
  }
  return undefined;
};

/** Before the first line that is younger: what is older may be sent again, nothing is left out. */
const byTime = (dir: string, stream: JsonlFile, { ts }: Cursor, disk: Disk): Place => {
  let before: Place = { file: '', offset: 0 };
  for (const { text, upTo } of linesAfter(dir, stream, before, disk)) {
    if (timeOf(text) > ts) return before;
    before = upTo;
  }
  return before;
};

/** A cursor's place in the files as they are now. */
export const locate = (
  dir: string,
  stream: JsonlFile,
  cursor: Cursor,
  disk: Disk = DISK,
): Place => {
  const [newest] = cursor.lines;
  const before = linesBefore(dir, stream, cursor.place, disk).at(-1);
  if (newest !== undefined && before !== undefined && hashOf(before) === newest)
    return cursor.place;
  return byLine(dir, stream, cursor, disk) ?? byTime(dir, stream, cursor, disk);
};
