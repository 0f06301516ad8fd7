import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { defer, from } from 'rxjs';
import { Assignment } from '../model/assignment.ts';
import type { Deliver } from '../model/shapes.ts';
import { linesOf } from './lines.ts';
import { writePrivateFile } from './privateFile.ts';

/** Which line of zone_assignments.jsonl was settled last: a phone has one assignment at a time. */
const Cursor = t.strict({ phone_id: t.string, ts: t.number });
type Cursor = t.TypeOf<typeof Cursor>;

const FILE = 'upload_cursor.json';

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const readCursor = (dir: string): Cursor | undefined => {
  const path = join(dir, FILE);
  const cursor = Cursor.decode(existsSync(path) ? parse(readFileSync(path, 'utf8')) : undefined);
  return E.isRight(cursor) ? cursor.right : undefined;
};

/** Replaces the cursor in one step; its file holds an address and is private. */
export const saveCursor =
  (dir: string): Deliver<Assignment> =>
  ({ phone_id, ts }) =>
    defer(() => from(writePrivateFile(join(dir, FILE), `${JSON.stringify({ phone_id, ts })}\n`)));

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
    const decoded = Assignment.decode(parse(line));
    return E.isRight(decoded) ? [decoded.right] : [];
  });

/**
 * The saved assignments that come after the cursor: what a pipeline that was killed had not
 * settled. None without a cursor, for then nothing was ever uploaded from this directory. Looks
 * back through rotated files until it finds the cursor; sending too much again does no harm.
 */
export const unsettledAssignments = (dir: string): ReadonlyArray<Assignment> => {
  const cursor = readCursor(dir);
  if (cursor === undefined) return [];
  let after: ReadonlyArray<Assignment> = [];
  for (const path of [...assignmentFiles(dir)].reverse()) {
    const assignments = assignmentsOf(path);
    const at = assignments.findLastIndex(
      ({ phone_id, ts }) => phone_id === cursor.phone_id && ts === cursor.ts,
    );
    after = [...assignments.slice(at + 1), ...after];
    if (at >= 0) return after;
  }
  return after;
};
