import { either as E } from 'fp-ts';
import { defer, from, map, of } from 'rxjs';
import { Assignment } from '../../model/assignment.ts';
import type { Journal, Mark, Page, Place } from '../../model/journal.ts';
import { parseJson } from '../../model/json.ts';
import { Dwell } from '../../model/movement.ts';
import type { Env } from '../../model/shapes.ts';
import { itemsOf, keyOf, type UploadItem } from '../../model/upload.ts';
import { DISK, type Disk } from './disk.ts';
import { countAfter, type Followed, type Line, linesAfter } from './followedFile.ts';
import {
  type Cursor,
  type CursorState,
  cursorAtEnd,
  LINES_KEPT,
  locate,
  movedOn,
  readBeginnings,
  readCursors,
  type StoreCursors,
  writeBeginnings,
  writeCursors,
} from './uploadCursor.ts';

/** The streams that are uploaded, for one store. */
interface Streams {
  readonly assignments: Followed;
  readonly dwells: Followed;
}

interface Read extends Line {
  /** Undefined where the line cannot be read. */
  readonly item: UploadItem | undefined;
  /** Unix seconds. */
  readonly at: number;
}

function* assignmentsAfter({ assignments }: Streams, after: Place): Generator<Read> {
  for (const line of linesAfter(assignments, after)) {
    const decoded = Assignment.decode(parseJson(line.text));
    yield E.isRight(decoded)
      ? { ...line, item: { _tag: 'Assignment', value: decoded.right }, at: decoded.right.ts }
      : { ...line, item: undefined, at: 0 };
  }
}

function* dwellsAfter({ dwells }: Streams, after: Place): Generator<Read> {
  for (const line of linesAfter(dwells, after)) {
    const decoded = Dwell.decode(parseJson(line.text));
    yield E.isRight(decoded)
      ? { ...line, item: { _tag: 'Dwell', value: decoded.right }, at: decoded.right.exit_ts }
      : { ...line, item: undefined, at: 0 };
  }
}

/** Both streams, each in its own order, the older line first. */
const readPage = (followed: Streams, after: Mark, maxItems: number): Page => {
  const streams = {
    assignments: assignmentsAfter(followed, after.assignments),
    dwells: dwellsAfter(followed, after.dwells),
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
const follow = (followed: Followed, cursor: Cursor, to: Place): Cursor => {
  const { file, offset } = cursor.place;
  if (file === to.file && offset === to.offset) return cursor;
  const lines: string[] = [];
  for (const { text, upTo } of linesAfter(followed, cursor.place)) {
    lines.push(text);
    if (lines.length > 2 * LINES_KEPT) lines.splice(0, LINES_KEPT);
    if (upTo.file === to.file && upTo.offset >= to.offset) break;
  }
  return movedOn(cursor, to, lines);
};

/**
 * The cursor of a store: the one that is kept; where it was lost, where uploads to the store began;
 * where nothing was ever uploaded to it, behind everything that is there.
 */
const begin = async (
  dir: string,
  store: string,
  streams: Streams,
  { cursors, unreadable }: CursorState,
  log: Env['log'],
  disk: Disk,
): Promise<{ readonly cursor: StoreCursors; readonly isLost: boolean }> => {
  const known = cursors[store];
  if (known) return { cursor: known, isLost: false };
  const beginnings = readBeginnings(dir, disk);
  const beginning = beginnings[store];
  if (beginning) {
    log({
      level: 'error',
      event: 'upload cursor lost',
      reason: unreadable.length > 0 ? `${unreadable.join(', ')} cannot be read` : 'it is gone',
      advice: 'all that was saved for this store is sent again, which adds nothing twice',
    });
    return { cursor: beginning, isLost: true };
  }
  const cursor = {
    assignments: cursorAtEnd(streams.assignments),
    dwells: cursorAtEnd(streams.dwells),
  };
  await writeBeginnings(dir, { ...beginnings, [store]: cursor }, disk);
  return { cursor, isLost: false };
};

/**
 * The journal of a directory, for one store: the lines that were saved for it. A directory from which
 * nothing was ever uploaded to this store begins with what is saved from now on: its history is not
 * sent unasked. A cursor that is lost begins anew, and says so.
 */
export const openJournal = async (
  dir: string,
  store: string,
  log: Env['log'] = () => undefined,
  disk: Disk = DISK,
): Promise<Journal> => {
  const streams: Streams = {
    assignments: { dir, stream: 'zone_assignments', store, disk },
    dwells: { dir, stream: 'dwells', store, disk },
  };
  const state = readCursors(dir, disk);
  const { cursor, isLost } = await begin(dir, store, streams, state, log, disk);
  const settled: Mark = {
    assignments: locate(streams.assignments, cursor.assignments),
    dwells: locate(streams.dwells, cursor.dwells),
  };
  let cursors: StoreCursors = {
    assignments: { ...cursor.assignments, place: settled.assignments },
    dwells: { ...cursor.dwells, place: settled.dwells },
  };
  const write = (next: StoreCursors): Promise<void> =>
    writeCursors(dir, state.name, { ...state.cursors, [store]: next }, disk);
  // Retention goes by it.
  await write(cursors);
  const behind =
    countAfter(streams.assignments, settled.assignments) +
    countAfter(streams.dwells, settled.dwells);
  return {
    settled,
    behind,
    isLost,
    read: (after, maxItems) => defer(() => of(readPage(streams, after, maxItems))),
    find: (after, upload) =>
      defer(() => {
        const items = itemsOf(upload);
        const last = (tag: UploadItem['_tag']) => items.findLast(({ _tag }) => _tag === tag);
        const { assignments: a, dwells: d } = after;
        return of({
          assignments: placeOf(assignmentsAfter(streams, a), last('Assignment'), a),
          dwells: placeOf(dwellsAfter(streams, d), last('Dwell'), d),
        });
      }),
    settle: (mark) =>
      defer(() => {
        const next: StoreCursors = {
          assignments: follow(streams.assignments, cursors.assignments, mark.assignments),
          dwells: follow(streams.dwells, cursors.dwells, mark.dwells),
        };
        return from(write(next)).pipe(
          map(() => {
            cursors = next;
          }),
        );
      }),
  };
};
