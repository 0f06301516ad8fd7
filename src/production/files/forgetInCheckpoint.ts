import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import type { Checkpoint, Position } from '../../model/checkpoint.ts';
import { type JsonlFile, OUTPUT_FILES } from '../../model/jsonlFile.ts';
import { CHECKPOINT, readCheckpoint, sweepDrafts, writeCheckpoint } from './checkpointFile.ts';
import { linesOf } from './lines.ts';
import { segmentAt, segmentsOf } from './segments.ts';

type Keep = (line: string) => string | undefined;
type IsGone = (phoneId: string) => boolean;

/** Where a position will be: so many bytes of kept lines into the file at `path`. */
interface Moved {
  readonly file: JsonlFile;
  readonly path: string;
  readonly bytes: number;
}

const STREAMS: ReadonlyArray<JsonlFile> = ['rssi_readings', ...OUTPUT_FILES];

const positionIn = ({ journal, outputs }: Checkpoint, file: JsonlFile): Position | undefined =>
  file === 'rssi_readings' ? journal : outputs[file];

const keptBytes = (path: string, bytes: number, keep: Keep): number => {
  let [before, kept] = [0, 0];
  for (const line of linesOf(path)) {
    if (before >= bytes) break;
    before += Buffer.byteLength(line) + 1;
    const left = keep(line);
    if (left !== undefined) kept += Buffer.byteLength(left) + 1;
  }
  return kept;
};

const move = async (
  dir: string,
  file: JsonlFile,
  position: Position | undefined,
  keep: Keep,
): Promise<ReadonlyArray<Moved>> => {
  if (position === undefined || position.segment === null) return [];
  const paths = await segmentsOf(dir, file);
  const path = paths.findLast((one) => segmentAt(one) === position.segment);
  return path === undefined ? [] : [{ file, path, bytes: keptBytes(path, position.bytes, keep) }];
};

/** A file without lines has no name any more: then its place is the end of the one before. */
const arrive = async (dir: string, { file, path, bytes }: Moved): Promise<Position> => {
  const paths = await segmentsOf(dir, file);
  const earlier = paths.slice(0, paths.indexOf(path)).reverse();
  if ((await stat(path)).size > 0) return { segment: segmentAt(path), bytes };
  for (const one of earlier) {
    const { size } = await stat(one);
    if (size > 0) return { segment: segmentAt(one), bytes: size };
  }
  return { segment: null, bytes: 0 };
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
  const moved: Moved[] = [];
  for (const file of before ? STREAMS : [])
    if (before)
      moved.push(...(await move(dir, file, positionIn(before, file), keepIn(`${file}.jsonl`))));
  await rm(join(dir, CHECKPOINT), { force: true });
  await rewrite();
  if (before === undefined) return;
  const places = new Map<JsonlFile, Position>();
  for (const one of moved) places.set(one.file, await arrive(dir, one));
  await writeCheckpoint(dir, {
    ...before,
    journal: places.get('rssi_readings') ?? before.journal,
    outputs: { ...before.outputs, ...Object.fromEntries(places) },
    state: stateWithout(before, isGone),
  });
};
