import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import type { Checkpoint, Position } from '../../model/checkpoint.ts';
import { type JsonlFile, OUTPUT_FILES } from '../../model/jsonlFile.ts';
import { checkpointName, readCheckpoint, sweepDrafts, writeCheckpoint } from './checkpointFile.ts';
import { linesOf } from './lines.ts';
import { type OwnFile, ownFiles } from './ownFiles.ts';

type Keep = (line: string) => string | undefined;
type IsGone = (phoneId: string) => boolean;

/** Where a position will be: so many bytes of kept lines into the file of that name. */
interface Moved {
  readonly file: JsonlFile;
  readonly name: string;
  readonly bytes: number;
}

const STREAMS: ReadonlyArray<JsonlFile> = ['rssi_readings', ...OUTPUT_FILES];

const positionIn = ({ journal, outputs }: Checkpoint, file: JsonlFile): Position | undefined =>
  file === 'rssi_readings' ? journal : outputs[file];

/** Lines that somebody else's stand behind are blanked, and nothing moves. */
const keptBytes = ({ path, size, bytes: own }: OwnFile, bytes: number, keep: Keep): number => {
  if (size > own) return bytes;
  let [before, kept] = [0, 0];
  for (const line of linesOf(path)) {
    if (before >= bytes) break;
    before += Buffer.byteLength(line) + 1;
    const left = keep(line);
    if (left !== undefined) kept += Buffer.byteLength(left) + 1;
  }
  return kept;
};

const move = (
  dir: string,
  file: JsonlFile,
  position: Position | undefined,
  keep: Keep,
): ReadonlyArray<Moved> => {
  if (position === undefined || position.segment === null) return [];
  const own = ownFiles(dir, file).findLast(({ segment }) => segment === position.segment);
  return own ? [{ file, name: own.name, bytes: keptBytes(own, position.bytes, keep) }] : [];
};

/** A file without lines has no first line any more: then its place is the end of the one before. */
const arrive = (dir: string, { file, bytes }: Moved, before: ReadonlyArray<string>): Position => {
  const files = new Map(ownFiles(dir, file).map((own) => [own.name, own]));
  const [name = '', ...earlier] = before;
  const at = files.get(name);
  if (at && at.bytes > 0) return { segment: at.segment, bytes };
  const end = earlier.map((one) => files.get(one)).find((own) => own && own.bytes > 0);
  return end ? { segment: end.segment, bytes: end.bytes } : { segment: null, bytes: 0 };
};

/** The name and those of the files before it, newest first. */
const namesUpTo = (dir: string, { file, name }: Moved): ReadonlyArray<string> => {
  const names = ownFiles(dir, file).map((own) => own.name);
  return names.slice(0, names.indexOf(name) + 1).reverse();
};

const without = <A>(entries: ReadonlyMap<string, A>, isGone: (key: string, value: A) => boolean) =>
  new Map([...entries].filter(([key, value]) => !isGone(key, value)));

const stateWithout = ({ state }: Checkpoint, isGone: IsGone): Checkpoint['state'] => ({
  ...state,
  windows: without(state.windows, (_key, { phone_id }) => isGone(phone_id)),
  beliefs: without(state.beliefs, isGone),
  tracks: without(state.tracks, isGone),
  presences: without(state.presences, isGone),
});

/**
 * Keeps the checkpoint true while `rewrite` takes lines out of the files, and takes the phone out of
 * it. Where the rewriting is cut short there is none left: a wrong one would cost lines.
 */
export const forgetInCheckpoint = async (
  dir: string,
  keepIn: (file: string) => Keep,
  isGone: IsGone,
  rewrite: () => Promise<void>,
): Promise<void> => {
  await sweepDrafts(dir);
  const read = readCheckpoint(dir);
  const before = read !== undefined && E.isRight(read) ? read.right : undefined;
  const moved = STREAMS.flatMap((file) =>
    before ? move(dir, file, positionIn(before, file), keepIn(`${file}.jsonl`)) : [],
  ).map((one) => ({ ...one, names: namesUpTo(dir, one) }));
  await rm(join(dir, checkpointName(dir)), { force: true });
  await rewrite();
  if (before === undefined) return;
  const places = new Map<JsonlFile, Position>();
  for (const one of moved) places.set(one.file, arrive(dir, one, one.names));
  await writeCheckpoint(dir, {
    ...before,
    journal: places.get('rssi_readings') ?? before.journal,
    outputs: { ...before.outputs, ...Object.fromEntries(places) },
    state: stateWithout(before, isGone),
  });
};
