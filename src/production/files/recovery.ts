import { join } from 'node:path';
import { either as E } from 'fp-ts';
import { EMPTY_SNAPSHOT, type Position, type Snapshot } from '../../model/checkpoint.ts';
import { parseJson } from '../../model/json.ts';
import { type JsonlFile, OUTPUT_FILES } from '../../model/jsonlFile.ts';
import { type Identity, isIdentity, type Reading, SavedReading } from '../../model/reading.ts';
import type { Env } from '../../model/shapes.ts';
import { readCheckpoint, sweepDrafts } from './checkpointFile.ts';
import { DISK, type Disk } from './disk.ts';
import { repairTail } from './jsonlTail.ts';
import { linesOf } from './lines.ts';
import { segmentAt, segmentsOf } from './segments.ts';

/** What the process before this one has left in the files. */
export interface Recovery {
  /** As of the last checkpoint. */
  readonly state: Snapshot;
  /** Journalled after it: to be counted. */
  readonly later: ReadonlyArray<Reading>;
  /** The newest readings of the journal, oldest first; read from it each time that they are asked for. */
  readonly known: Iterable<Identity>;
  /** Lines of a flush that was never finished. */
  readonly linesTakenBack: number;
}

/** A part of a file, from a line's beginning to the end. */
interface Part {
  readonly path: string;
  readonly from: number;
}

/** What the pipeline itself appends to: where it was killed amid a line, a start begins with whole ones. */
const PIPELINE_FILES = [
  'rssi_readings',
  'rejected_messages',
  ...OUTPUT_FILES,
  'failed_uploads',
  'redriven_uploads',
] as const;

/** How much of the journal is read to know what may be delivered again: more than was ever owed. */
export const KNOWN_BYTES = 24_000_000;

const repair = async (
  dir: string,
  file: JsonlFile,
  log: Env['log'],
  { existsSync, promises }: Disk,
): Promise<void> => {
  const path = join(dir, `${file}.jsonl`);
  if (!existsSync(path)) return;
  const handle = await promises.open(path, 'r+');
  try {
    const { size } = await handle.stat();
    const bytes = size - (await repairTail(handle, size));
    if (bytes > 0) log({ level: 'warn', event: 'torn line removed', file, bytes });
  } finally {
    await handle.close();
  }
};

/** What a stream holds behind a position, oldest first; undefined where the position is no more. */
const partsAfter = async (
  dir: string,
  file: JsonlFile,
  { segment, bytes }: Position,
  disk: Disk,
): Promise<ReadonlyArray<Part> | undefined> => {
  const paths = await segmentsOf(dir, file, disk);
  if (segment === null) return paths.map((path) => ({ path, from: 0 }));
  const at = paths.findLastIndex((path) => segmentAt(path, disk) === segment);
  const path = paths[at];
  if (path === undefined || (await disk.promises.stat(path)).size < bytes) return undefined;
  return [{ path, from: bytes }, ...paths.slice(at + 1).map((later) => ({ path: later, from: 0 }))];
};

function* linesIn(parts: ReadonlyArray<Part>, disk: Disk) {
  for (const { path, from } of parts) yield* linesOf(path, () => {}, from, disk);
}

const readingsIn = (parts: ReadonlyArray<Part>, disk: Disk): ReadonlyArray<Reading> =>
  [...linesIn(parts, disk)].flatMap((line) => {
    const reading = SavedReading.decode(parseJson(line));
    return E.isRight(reading) ? [reading.right] : [];
  });

const identitiesIn = (parts: ReadonlyArray<Part>, disk: Disk): Iterable<Identity> => ({
  *[Symbol.iterator]() {
    for (const line of linesIn(parts, disk)) {
      const read = parseJson(line);
      if (isIdentity(read)) yield read;
    }
  },
});

/** Shortens a file, so that a loss of power does not bring back what it loses. */
const cut = async (path: string, bytes: number, { promises }: Disk): Promise<void> => {
  const handle = await promises.open(path, 'r+');
  try {
    await handle.truncate(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
};

/** Removes the lines behind a position; returns how many. */
const takeBack = async (
  dir: string,
  file: JsonlFile,
  position: Position,
  log: Env['log'],
  disk: Disk,
): Promise<number> => {
  const parts = await partsAfter(dir, file, position, disk);
  if (parts === undefined) {
    log({ level: 'warn', event: 'checkpoint does not fit', file });
    return 0;
  }
  const lines = [...linesIn(parts, disk)].length;
  for (const { path, from } of [...parts].reverse())
    await (from === 0 ? disk.promises.rm(path) : cut(path, from, disk));
  return lines;
};

/** The last {@link KNOWN_BYTES} of a stream, about. */
const tailOf = async (dir: string, file: JsonlFile, disk: Disk): Promise<ReadonlyArray<Part>> => {
  const parts: Part[] = [];
  let wanted = KNOWN_BYTES;
  for (const path of [...(await segmentsOf(dir, file, disk))].reverse()) {
    if (wanted <= 0) break;
    const { size } = await disk.promises.stat(path);
    parts.unshift({ path, from: Math.max(0, size - wanted) });
    wanted -= size;
  }
  return parts;
};

/**
 * Puts the files of `dir` back to where they agree with each other, and reads what the process
 * before this one knew. To be called with the directory locked, before anything is written. Without
 * a usable checkpoint it begins afresh behind what is there, and says why. Harmless to repeat.
 */
export const recover = async (
  dir: string,
  log: Env['log'],
  disk: Disk = DISK,
): Promise<Recovery> => {
  await sweepDrafts(dir, disk);
  for (const file of PIPELINE_FILES) await repair(dir, file, log, disk);
  const known = identitiesIn(await tailOf(dir, 'rssi_readings', disk), disk);
  const checkpoint = readCheckpoint(dir, disk);
  if (checkpoint === undefined || E.isLeft(checkpoint)) {
    if (checkpoint)
      log({ level: 'error', event: 'checkpoint not usable', reason: checkpoint.left });
    return { state: EMPTY_SNAPSHOT, later: [], known, linesTakenBack: 0 };
  }
  const { journal, outputs, state } = checkpoint.right;
  const unread = await partsAfter(dir, 'rssi_readings', journal, disk);
  if (unread === undefined)
    log({ level: 'warn', event: 'checkpoint does not fit', file: 'rssi_readings' });
  let linesTakenBack = 0;
  for (const file of OUTPUT_FILES) {
    const position = outputs[file];
    if (position) linesTakenBack += await takeBack(dir, file, position, log, disk);
  }
  return { state, later: readingsIn(unread ?? [], disk), known, linesTakenBack };
};
