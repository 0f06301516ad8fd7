import * as t from 'io-ts';
import { AnyJson } from './json.ts';
import type { OutputFile } from './jsonlFile.ts';
import { OpenWindow } from './openWindow.ts';
import { Track } from './track.ts';

/**
 * A place between two lines of a stream of JSONL files: so many `bytes` into the file that begins
 * with the line whose hash is `segment`, whatever the file is called by now. `segment` is null
 * where no line has ever been written.
 */
export const Position = t.strict(
  { segment: t.union([t.string, t.null]), bytes: t.number },
  'Position',
);
export type Position = t.TypeOf<typeof Position>;

/** What is believed of one phone as of `ts`, Unix seconds; the classifier knows what it means. */
export const PhoneBelief = t.strict(
  { phone_id: t.string, ts: t.number, belief: AnyJson },
  'PhoneBelief',
);
export type PhoneBelief = t.TypeOf<typeof PhoneBelief>;

/** How one id has behaved: `[phone_id, firstTs, lastTs, isResident]`. There are many of them. */
const PhonePresence = t.tuple([t.string, t.number, t.number, t.boolean]);

/** What the operators remember from one flush to the next. */
export const Snapshot = t.strict(
  {
    windows: t.readonlyArray(OpenWindow),
    beliefs: t.readonlyArray(PhoneBelief),
    /** When each sensor last heard any phone, Unix seconds. */
    sensors: t.record(t.string, t.number),
    tracks: t.readonlyArray(Track),
    presences: t.readonlyArray(PhonePresence),
  },
  'Snapshot',
);
export type Snapshot = t.TypeOf<typeof Snapshot>;

export const EMPTY_SNAPSHOT: Snapshot = {
  windows: [],
  beliefs: [],
  sensors: {},
  tracks: [],
  presences: [],
};

/**
 * A consistent cut: the journal up to `journal` has become the lines of the outputs up to
 * `outputs`, and `state`.
 */
export const Checkpoint = t.strict(
  {
    version: t.literal(1),
    journal: Position,
    outputs: t.record(t.string, Position),
    state: Snapshot,
  },
  'Checkpoint',
);
export type Checkpoint = t.TypeOf<typeof Checkpoint>;

/** What one or several flushes change, all of it or nothing. */
export interface Commit {
  /** Whole lines, by file. */
  readonly lines: Readonly<Partial<Record<OutputFile, ReadonlyArray<string>>>>;
  readonly state: Snapshot;
}
