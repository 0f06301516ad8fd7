import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { defer, from } from 'rxjs';
import { Assignment } from '../model/assignment.ts';
import { parseJson } from '../model/json.ts';
import type { Deliver } from '../model/shapes.ts';
import { linesOf } from './lines.ts';
import { writePrivateFile } from './privateFile.ts';

/**
 * Which line of zone_assignments.jsonl was settled last, and for which store: a phone has one
 * assignment at a time. Where the line is gone, what is younger than it counts as after it.
 */
const Cursor = t.strict({ store_id: t.string, phone_id: t.string, ts: t.number });
type Cursor = t.TypeOf<typeof Cursor>;

const FILE = 'upload_cursor.json';

const readCursor = (dir: string): Cursor | undefined => {
  const path = join(dir, FILE);
  const cursor = Cursor.decode(
    existsSync(path) ? parseJson(readFileSync(path, 'utf8')) : undefined,
  );
  return E.isRight(cursor) ? cursor.right : undefined;
};

const write = (dir: string, cursor: Cursor): Promise<void> =>
  writePrivateFile(join(dir, FILE), `${JSON.stringify(cursor)}\n`);

/** Replaces the cursor in one step; its file holds an address and is private. */
export const saveCursor =
  (dir: string, store_id: string): Deliver<Assignment> =>
  ({ phone_id, ts }) =>
    defer(() => from(write(dir, { store_id, phone_id, ts })));

/** Rotated files of assignments by day and number, then the present one. */
const assignmentFiles = (dir: string): ReadonlyArray<string> => {
  const order = (name: string): string => {
    const [, day = '~', number = '0'] = /\.(\d{4}-\d\d-\d\d)\.(\d+)\./.exec(name) ?? [];
    return `${day}.${number.padStart(9, '0')}`;
  };
  return (existsSync(dir) ? readdirSync(dir) : [])
    .filter((name) => /^zone_assignments\.(.*\.)?jsonl$/.test(name))
    .sort((a, b) => (order(a) < order(b) ? -1 : 1))
    .map((name) => join(dir, name));
};

const assignmentsOf = (path: string): ReadonlyArray<Assignment> =>
  [...linesOf(path)].flatMap((line) => {
    const decoded = Assignment.decode(parseJson(line));
    return E.isRight(decoded) ? [decoded.right] : [];
  });

/** What comes after the cursor, looking back through rotated files until its line is found. */
const after = (dir: string, cursor: Cursor): ReadonlyArray<Assignment> => {
  let later: ReadonlyArray<Assignment> = [];
  for (const path of [...assignmentFiles(dir)].reverse()) {
    const assignments = assignmentsOf(path);
    const at = assignments.findLastIndex(
      ({ phone_id, ts }) => phone_id === cursor.phone_id && ts === cursor.ts,
    );
    later = [...assignments.slice(at + 1), ...later];
    if (at >= 0) return later;
  }
  return later.filter(({ ts }) => ts > cursor.ts);
};

/**
 * The saved assignments that are not settled yet: what a pipeline that was killed left behind. A
 * directory from which nothing was ever uploaded to this store, or last to another one, begins
 * with what is saved from now on: its history is not sent unasked.
 */
export const unsettledAssignments = async (
  dir: string,
  store_id: string,
): Promise<ReadonlyArray<Assignment>> => {
  const cursor = readCursor(dir);
  if (cursor?.store_id === store_id) return after(dir, cursor);
  const newest = assignmentFiles(dir).at(-1);
  const last = newest === undefined ? undefined : assignmentsOf(newest).at(-1);
  await write(dir, { store_id, phone_id: last?.phone_id ?? '', ts: last?.ts ?? 0 });
  return [];
};
