import { either as E } from 'fp-ts';
import { EMPTY_SNAPSHOT, type Position, type Snapshot } from '../../model/checkpoint.ts';
import { parseJson } from '../../model/json.ts';
import { type JsonlFile, OUTPUT_FILES } from '../../model/jsonlFile.ts';
import { type Identity, isIdentity, type Reading, SavedReading } from '../../model/reading.ts';
import type { Env } from '../../model/shapes.ts';
import { bytesOf } from './bytes.ts';
import { readCheckpoint, sweepDrafts } from './checkpointFile.ts';
import { DISK, type Disk } from './disk.ts';
import { type Foreign, foreignIn } from './foreign.ts';
import { intentLog } from './intent.ts';
import { linesOf } from './lines.ts';
import { filesOf, type OwnFile, ownFiles } from './ownFiles.ts';
import { settlePresent } from './presentFiles.ts';
import { KNOWN_BYTES } from './settled.ts';
import { blank } from './tail.ts';

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
  /** Files under our names that are somebody else's, or go on with somebody else's lines. */
  readonly foreign: ReadonlyArray<Foreign>;
}

/** What is ours of a file, from a line's beginning on. */
interface Part extends OwnFile {
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

const repair = async (dir: string, file: JsonlFile, log: Env['log'], disk: Disk): Promise<void> => {
  const { present } = filesOf(dir, file, disk);
  const safe = present && (await settlePresent(file, present, { dir, log, disk }));
  if (present && safe && safe.bytes < present.size)
    log({ level: 'warn', event: 'torn line removed', file, bytes: present.size - safe.bytes });
};

/** What a stream holds behind a position, oldest first; undefined where the position is no more. */
const partsAfter = (
  dir: string,
  file: JsonlFile,
  { segment, bytes }: Position,
  disk: Disk,
): ReadonlyArray<Part> | undefined => {
  const files = ownFiles(dir, file, disk);
  if (segment === null) return files.map((own) => ({ ...own, from: 0 }));
  const at = files.findLastIndex((own) => own.segment === segment);
  const own = files[at];
  if (own === undefined || own.bytes < bytes) return undefined;
  return [{ ...own, from: bytes }, ...files.slice(at + 1).map((one) => ({ ...one, from: 0 }))];
};

function* linesIn(parts: ReadonlyArray<Part>, disk: Disk) {
  for (const { path, from, bytes } of parts) yield* linesOf(path, () => {}, from, disk, bytes);
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

/** Takes back what is ours of a file from `from` on; lines of somebody else stay where they are. */
const takePart = async (
  dir: string,
  file: JsonlFile,
  { from, ...own }: Part,
  log: Env['log'],
  disk: Disk,
): Promise<void> => {
  const { name, path, store, bytes } = own;
  const isPresent = filesOf(dir, file, disk).present?.name === name;
  if (isPresent) {
    // What a start that is killed in between finds is known to be ours still.
    const data = bytesOf(path, from, bytes, disk);
    const segment = from === 0 ? null : own.segment;
    await intentLog(dir, disk).note(file, { name, segment, store, from, data });
    const { present } = filesOf(dir, file, disk);
    if (present) await settlePresent(file, present, { dir, log, disk }, from);
    return;
  }
  if (from === 0 && own.size === bytes) return disk.promises.rm(path);
  const handle = await disk.promises.open(path, 'r+');
  try {
    await blank(handle, from, bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
};

/** Takes back the lines behind a position; returns how many. */
const takeBack = async (
  dir: string,
  file: JsonlFile,
  position: Position,
  log: Env['log'],
  disk: Disk,
): Promise<number> => {
  const parts = partsAfter(dir, file, position, disk);
  if (parts === undefined) {
    log({ level: 'warn', event: 'checkpoint does not fit', file });
    return 0;
  }
  const lines = [...linesIn(parts, disk)].filter((line) => line !== '').length;
  for (const part of [...parts].reverse())
    if (part.from < part.bytes) await takePart(dir, file, part, log, disk);
  return lines;
};

/** The last {@link KNOWN_BYTES} of a stream, about. */
const tailOf = (dir: string, file: JsonlFile, disk: Disk): ReadonlyArray<Part> => {
  const parts: Part[] = [];
  let wanted = KNOWN_BYTES;
  for (const own of [...ownFiles(dir, file, disk)].reverse()) {
    if (wanted <= 0) break;
    parts.unshift({ ...own, from: Math.max(0, own.bytes - wanted) });
    wanted -= own.bytes;
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
  const foreign = foreignIn(dir, disk);
  const known = identitiesIn(tailOf(dir, 'rssi_readings', disk), disk);
  const checkpoint = readCheckpoint(dir, disk);
  if (checkpoint === undefined || E.isLeft(checkpoint)) {
    if (checkpoint)
      log({ level: 'error', event: 'checkpoint not usable', reason: checkpoint.left });
    return { state: EMPTY_SNAPSHOT, later: [], known, linesTakenBack: 0, foreign };
  }
  const { journal, outputs, state } = checkpoint.right;
  const unread = partsAfter(dir, 'rssi_readings', journal, disk);
  if (unread === undefined)
    log({ level: 'warn', event: 'checkpoint does not fit', file: 'rssi_readings' });
  let linesTakenBack = 0;
  for (const file of OUTPUT_FILES) {
    const position = outputs[file];
    if (position) linesTakenBack += await takeBack(dir, file, position, log, disk);
  }
  return { state, later: readingsIn(unread ?? [], disk), known, linesTakenBack, foreign };
};
