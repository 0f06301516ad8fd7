import { existsSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKPOINT, isDraft } from './checkpointFile.ts';
import { forgetInCheckpoint } from './forgetInCheckpoint.ts';
import { repairTail } from './jsonlTail.ts';
import { linesOf } from './lines.ts';
import { lineWithout } from './phoneLines.ts';

/** A file, and how many of its lines speak of a phone. */
export interface Traces {
  readonly file: string;
  readonly lines: number;
}

type Keep = (line: string) => string | undefined;

const DRAFT = '.forgetting';
const CHUNK_CHARS = 1_000_000;

/** JSONL, JSON, and JSON that was being replaced when its writer was killed. */
const HELD = /\.json(l|\.[0-9a-f]{8})?$/;

const filesIn = async (dir: string): Promise<ReadonlyArray<string>> =>
  existsSync(dir) ? (await readdir(dir)).filter((name) => HELD.test(name)).sort() : [];

const linesToChange = (path: string, keep: Keep): number => {
  let count = 0;
  for (const line of linesOf(path)) if (keep(line) !== line) count += 1;
  return count;
};

/** The files of `dir`, rotated ones included, in which one of `names` stands. Changes nothing. */
export const tracesInFiles = async (
  dir: string,
  names: ReadonlyArray<string>,
): Promise<ReadonlyArray<Traces>> =>
  (await filesIn(dir))
    .map((file) => ({ file, lines: linesToChange(join(dir, file), lineWithout(names, file)) }))
    .filter(({ lines }) => lines > 0);

const withFile = async <A>(path: string, flags: string, work: (file: FileHandle) => Promise<A>) => {
  const file = await open(path, flags, 0o600);
  try {
    return await work(file);
  } finally {
    await file.close();
  }
};

const writeKept = async (draft: FileHandle, path: string, keep: Keep): Promise<void> => {
  let chunk = '';
  for (const line of linesOf(path)) {
    const kept = keep(line);
    if (kept !== undefined) chunk += `${kept}\n`;
    if (chunk.length > CHUNK_CHARS) {
      await draft.appendFile(chunk);
      chunk = '';
    }
  }
  await draft.appendFile(chunk);
};

/** A reader sees the old file or the new one; its time, which decides when it expires, stays. */
const rewrite = async (dir: string, file: string, keep: Keep): Promise<void> => {
  const path = join(dir, file);
  const { size, atime, mtime } = await stat(path);
  if (file.endsWith('.jsonl')) await withFile(path, 'r+', (whole) => repairTail(whole, size));
  await withFile(`${path}${DRAFT}`, 'w', async (draft) => {
    await writeKept(draft, path, keep);
    await draft.utimes(atime, mtime);
    await draft.sync();
  });
  await rename(`${path}${DRAFT}`, path);
  await withFile(dir, 'r', (folder) => folder.sync());
};

/**
 * Removes from the JSONL files of `dir` every line in which one of `names` stands; dead letters
 * keep their other phones, the checkpoint stays true, and in other JSON files the names are
 * overwritten. Answers with what it removed. Lock the directory first: a pipeline would go on writing
 * to the old files.
 */
export const forgetInFiles = async (
  dir: string,
  names: ReadonlyArray<string>,
): Promise<ReadonlyArray<Traces>> => {
  const traces = await tracesInFiles(dir, names);
  if (traces.length > 0)
    await forgetInCheckpoint(
      dir,
      (file) => lineWithout(names, file),
      (phone) => lineWithout(names, '.jsonl')(phone) === undefined,
      async () => {
        for (const { file } of traces)
          if (file !== CHECKPOINT && !isDraft(file))
            await rewrite(dir, file, lineWithout(names, file));
      },
    );
  // What a forgetting that was killed has left behind.
  for (const name of existsSync(dir) ? await readdir(dir) : [])
    if (name.endsWith(DRAFT)) await rm(join(dir, name));
  return traces;
};
