import { existsSync, statSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { JSONL_FILES, type JsonlFile } from '../../model/jsonlFile.ts';
import type { Env } from '../../model/shapes.ts';
import { checkpointName, isDraft } from './checkpointFile.ts';
import { DISK } from './disk.ts';
import { forgetInCheckpoint } from './forgetInCheckpoint.ts';
import { forgetInOwn, type Keep, replaceWithout } from './forgetInOwn.ts';
import { intentLog, notedText, readIntent } from './intent.ts';
import { linesOf } from './lines.ts';
import { filesOf, type OwnFile, ownFiles } from './ownFiles.ts';
import { isPacked } from './packedDisk.ts';
import { lineWithout } from './phoneLines.ts';
import { settlePresent } from './presentFiles.ts';

/** A file, and how many of its lines speak of a phone. */
export interface Traces {
  readonly file: string;
  readonly lines: number;
}

/** What speaks of a phone: in lines that this program wrote, and in those of somebody else. */
export interface AllTraces {
  readonly own: ReadonlyArray<Traces>;
  /** Nobody but their owner may change them. */
  readonly foreign: ReadonlyArray<Traces>;
}

const DRAFT = '.forgetting';

/** JSONL, JSON, and JSON that was being replaced when its writer was killed. */
const HELD = /\.json(l(\.gz)?|\.[0-9a-f]{8})?$/;

/** What is known by its name alone; so is the checkpoint, where it can be read. */
const IS_OURS = /^(upload_cursor|simulated_truth)\./;

const filesIn = async (dir: string): Promise<ReadonlyArray<string>> =>
  existsSync(dir) ? (await readdir(dir)).filter((name) => HELD.test(name)).sort() : [];

const ownIn = (dir: string): ReadonlyMap<string, OwnFile & { readonly stream: JsonlFile }> =>
  new Map(
    JSONL_FILES.flatMap((stream) =>
      ownFiles(dir, stream).map((file) => [file.name, { ...file, stream }] as const),
    ),
  );

const linesToChange = (path: string, keep: Keep, from: number, to: number): number => {
  let count = 0;
  if (from < to)
    for (const line of linesOf(path, () => {}, from, DISK, to)) if (keep(line) !== line) count += 1;
  return count;
};

/** The files of `dir`, rotated ones included, in which one of `names` stands. Changes nothing. */
export const tracesInFiles = async (
  dir: string,
  names: ReadonlyArray<string>,
): Promise<AllTraces> => {
  const own = ownIn(dir);
  const checkpoint = checkpointName(dir);
  const isOurs = (file: string): boolean =>
    IS_OURS.test(file) || file === checkpoint || isDraft(file);
  const all = (await filesIn(dir)).map((file) => {
    const path = join(dir, file);
    const size = isPacked(file) ? Number.POSITIVE_INFINITY : statSync(path).size;
    const ours = own.get(file)?.bytes ?? (isOurs(file) ? size : 0);
    const count = (from: number, to: number): Traces => ({
      file,
      lines: linesToChange(path, lineWithout(names, file), from, to),
    });
    const isAll = isPacked(file) && ours > 0;
    return { own: count(0, ours), foreign: count(isAll ? size : ours, size) };
  });
  const found = (traces: ReadonlyArray<Traces>) => traces.filter(({ lines }) => lines > 0);
  return {
    own: found(all.map((one) => one.own)),
    foreign: found(all.map((one) => one.foreign)),
  };
};

/** Ends what a process that was killed had begun in these files, so that whole lines are left. */
const settle = async (dir: string, files: ReadonlySet<string>, log: Env['log']): Promise<void> => {
  for (const stream of JSONL_FILES) {
    const { present } = filesOf(dir, stream);
    if (!files.has(present?.name ?? '')) continue;
    if (present) await settlePresent(stream, present, { dir, log, disk: DISK });
  }
};

/** The notes of what was about to be written, without what speaks of the phone. */
const clearNotes = async (dir: string, names: ReadonlyArray<string>): Promise<void> => {
  const { clear } = intentLog(dir);
  for (const stream of JSONL_FILES) {
    const text = notedText(dir, stream);
    const isClean = text.split('\n').every((line) => lineWithout(names, '.jsonl')(line) === line);
    if (isClean || readIntent(dir, stream) === undefined) continue;
    const { present } = filesOf(dir, stream);
    const none = { name: '', segment: null, store: '', bytes: 0 };
    const { name, segment, store, bytes } = present ?? none;
    await clear(stream, { name, segment, store, from: bytes });
  }
};

/**
 * Removes from what this program wrote to `dir` every line in which one of `names` stands; dead
 * letters keep their other phones, the checkpoint stays true, and in JSON files the names are
 * overwritten. Lines of somebody else are left as they are. Answers with what it removed. Lock the
 * directory first: a pipeline would go on writing to the old files.
 */
export const forgetInFiles = async (
  dir: string,
  names: ReadonlyArray<string>,
  log: Env['log'] = () => undefined,
): Promise<ReadonlyArray<Traces>> => {
  const { own: traces } = await tracesInFiles(dir, names);
  if (traces.length > 0) {
    await settle(dir, new Set(traces.map(({ file }) => file)), log);
    const own = ownIn(dir);
    await forgetInCheckpoint(
      dir,
      (file) => lineWithout(names, file),
      (phone) => lineWithout(names, '.jsonl')(phone) === undefined,
      async () => {
        for (const { file } of traces) {
          const keep = lineWithout(names, file);
          const known = own.get(file);
          if (known) await forgetInOwn(dir, known.stream, known, keep);
          else if (IS_OURS.test(file)) await replaceWithout(dir, file, keep);
        }
      },
    );
  }
  await clearNotes(dir, names);
  // What a forgetting that was killed has left behind.
  for (const name of existsSync(dir) ? await readdir(dir) : [])
    if (name.endsWith(DRAFT)) await rm(join(dir, name));
  return traces;
};
