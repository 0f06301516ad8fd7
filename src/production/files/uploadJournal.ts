import { either as E } from 'fp-ts';
import { defer, from, map, of } from 'rxjs';
import { Assignment } from '../../model/assignment.ts';
import type { Journal, Mark, Page, Place } from '../../model/journal.ts';
import { parseJson } from '../../model/json.ts';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { Dwell } from '../../model/movement.ts';
import { itemsOf, keyOf, type UploadItem } from '../../model/upload.ts';
import { DISK, type Disk } from './disk.ts';
import { countAfter, type Line, linesAfter } from './followedFile.ts';
import {
  type Cursor,
  type Cursors,
  cursorAtEnd,
  LINES_KEPT,
  locate,
  movedOn,
  readCursors,
  writeCursors,
} from './uploadCursor.ts';

const ASSIGNMENTS: JsonlFile = 'zone_assignments';
const DWELLS: JsonlFile = 'dwells';

interface Read extends Line {
  /** Undefined where the line cannot be read. */
  readonly item: UploadItem | undefined;
  /** Unix seconds. */
  readonly at: number;
}

function* assignmentsAfter(dir: string, after: Place, disk: Disk): Generator<Read> {
  for (const line of linesAfter(dir, ASSIGNMENTS, after, disk)) {
    const decoded = Assignment.decode(parseJson(line.text));
    yield E.isRight(decoded)
      ? { ...line, item: { _tag: 'Assignment', value: decoded.right }, at: decoded.right.ts }
      : { ...line, item: undefined, at: 0 };
  }
}

function* dwellsAfter(dir: string, after: Place, disk: Disk): Generator<Read> {
  for (const line of linesAfter(dir, DWELLS, after, disk)) {
    const decoded = Dwell.decode(parseJson(line.text));
    yield E.isRight(decoded)
      ? { ...line, item: { _tag: 'Dwell', value: decoded.right }, at: decoded.right.exit_ts }
      : { ...line, item: undefined, at: 0 };
  }
}

/** Both streams, each in its own order, the older line first. */
const readPage = (dir: string, after: Mark, maxItems: number, disk: Disk): Page => {
  const streams = {
    assignments: assignmentsAfter(dir, after.assignments, disk),
    dwells: dwellsAfter(dir, after.dwells, disk),
  };
  const items: UploadItem[] = [];
  let upTo = after;
  let unreadable = 0;
  try {
    let heads = { assignments: streams.assignments.next(), dwells: streams.dwells.next() };
    while (items.length < maxItems && !(heads.assignments.done && heads.dwells.done)) {
      const { assignments: a, dwells: d } = heads;
      const name = d.done || (!a.done && a.value.at <= d.value.at) ? 'assignments' : 'dwells';
      const { value } = heads[name];
      if (value.item) items.push(value.item);
      else unreadable += 1;
      upTo = { ...upTo, [name]: value.upTo };
      heads = { ...heads, [name]: streams[name].next() };
    }
  } finally {
    streams.assignments.return(undefined);
    streams.dwells.return(undefined);
  }
  return { items, upTo, unreadable };
};

/** Behind the first line from `after` on that is this one, by what identifies it. */
const placeOf = (lines: Iterable<Read>, one: UploadItem | undefined, after: Place): Place => {
  if (one === undefined) return after;
  for (const { item, upTo } of lines) if (item && keyOf(item) === keyOf(one)) return upTo;
  return after;
};

/** What was settled between two places: so many lines are read again, and no others. */
const follow = (dir: string, stream: JsonlFile, cursor: Cursor, to: Place, disk: Disk): Cursor => {
  const { file, offset } = cursor.place;
  if (file === to.file && offset === to.offset) return cursor;
  const lines: string[] = [];
  for (const { text, upTo } of linesAfter(dir, stream, cursor.place, disk)) {
    lines.push(text);
    if (lines.length > 2 * LINES_KEPT) lines.splice(0, LINES_KEPT);
    if (upTo.file === to.file && upTo.offset >= to.offset) break;
  }
  return movedOn(cursor, to, lines);
};

/**
 * The journal of a directory, for one store. A directory from which nothing was ever uploaded to
 * this store, or last to another one, begins with what is saved from now on: its history is not
 * sent unasked.
 */
export const openJournal = async (
  dir: string,
  store_id: string,
  disk: Disk = DISK,
): Promise<Journal> => {
  const known = readCursors(dir, disk);
  const isOurs = known?.store_id === store_id;
  let cursors: Cursors = isOurs
    ? known
    : {
        store_id,
        assignments: cursorAtEnd(dir, ASSIGNMENTS, disk),
        dwells: cursorAtEnd(dir, DWELLS, disk),
      };
  if (!isOurs) await writeCursors(dir, cursors, disk);
  const settled: Mark = {
    assignments: locate(dir, ASSIGNMENTS, cursors.assignments, disk),
    dwells: locate(dir, DWELLS, cursors.dwells, disk),
  };
  cursors = {
    store_id,
    assignments: { ...cursors.assignments, place: settled.assignments },
    dwells: { ...cursors.dwells, place: settled.dwells },
  };
  const behind =
    countAfter(dir, ASSIGNMENTS, settled.assignments, disk) +
    countAfter(dir, DWELLS, settled.dwells, disk);
  return {
    settled,
    behind,
    read: (after, maxItems) => defer(() => of(readPage(dir, after, maxItems, disk))),
    find: (after, upload) =>
      defer(() => {
        const items = itemsOf(upload);
        const last = (tag: UploadItem['_tag']) => items.findLast(({ _tag }) => _tag === tag);
        const { assignments: a, dwells: d } = after;
        return of({
          assignments: placeOf(assignmentsAfter(dir, a, disk), last('Assignment'), a),
          dwells: placeOf(dwellsAfter(dir, d, disk), last('Dwell'), d),
        });
      }),
    settle: (mark) =>
      defer(() => {
        const next: Cursors = {
          store_id,
          assignments: follow(dir, ASSIGNMENTS, cursors.assignments, mark.assignments, disk),
          dwells: follow(dir, DWELLS, cursors.dwells, mark.dwells, disk),
        };
        return from(writeCursors(dir, next, disk)).pipe(
          map(() => {
            cursors = next;
          }),
        );
      }),
  };
};
