import * as t from 'io-ts';
import { AnyJson, type Json } from './json.ts';
import type { OutputFile } from './jsonlFile.ts';
import { OpenWindow, type OpenWindows } from './openWindow.ts';
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
export interface Believed {
  readonly ts: number;
  readonly belief: Json;
  /** It was placed once. */
  readonly isFirst?: true;
}

/** How one id has behaved so far; Unix seconds. */
export interface Presence {
  readonly firstTs: number;
  readonly lastTs: number;
  /** It once stayed for hours: staff, a till, the PC in the office. */
  readonly isResident: boolean;
}

/**
 * What the operators remember from one flush to the next. Neither the maps nor their values ever
 * change: what is new is another object, and by that it is found.
 */
export interface Snapshot {
  readonly windows: OpenWindows;
  /** By phone, as are tracks and presences. */
  readonly beliefs: ReadonlyMap<string, Believed>;
  /** When each sensor last heard any phone, Unix seconds. */
  readonly sensors: ReadonlyMap<string, number>;
  readonly tracks: ReadonlyMap<string, Track>;
  readonly presences: ReadonlyMap<string, Presence>;
}

export const EMPTY_SNAPSHOT: Snapshot = {
  windows: new Map(),
  beliefs: new Map(),
  sensors: new Map(),
  tracks: new Map(),
  presences: new Map(),
};

/**
 * A consistent cut: the journal up to `journal` has become the lines of the outputs up to
 * `outputs`, and `state`.
 */
export interface Checkpoint {
  readonly version: 1;
  readonly journal: Position;
  readonly outputs: Readonly<Record<string, Position>>;
  readonly state: Snapshot;
}

const PhoneBelief = t.exact(
  t.intersection([
    t.type({ phone_id: t.string, ts: t.number, belief: AnyJson }),
    t.partial({ isFirst: t.literal(true) }),
  ]),
);

/** `[phone_id, firstTs, lastTs, isResident]`: there are many of them. */
const PhonePresence = t.tuple([t.string, t.number, t.number, t.boolean]);

const Keys = t.readonlyArray(t.string);

/**
 * A cut as a line of the checkpoint's file: `state` holds what is new or has changed since the line
 * before it (all of `sensors`, which are few), `gone` the keys of what is no longer there.
 */
export const Change = t.exact(
  t.intersection([
    t.type({
      version: t.literal(1),
      journal: Position,
      outputs: t.record(t.string, Position),
      state: t.strict({
        windows: t.readonlyArray(OpenWindow),
        beliefs: t.readonlyArray(PhoneBelief),
        sensors: t.record(t.string, t.number),
        tracks: t.readonlyArray(Track),
        presences: t.readonlyArray(PhonePresence),
      }),
    }),
    t.partial({
      gone: t.strict({ windows: Keys, beliefs: Keys, tracks: Keys, presences: Keys }),
    }),
  ]),
  'Change',
);
export type Change = Readonly<t.TypeOf<typeof Change>>;

/** What one or several flushes change, all of it or nothing. */
export interface Commit {
  /** Whole lines, by file. */
  readonly lines: Readonly<Partial<Record<OutputFile, ReadonlyArray<string>>>>;
  readonly state: Snapshot;
}
