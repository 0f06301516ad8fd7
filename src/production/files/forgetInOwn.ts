import { type FileHandle, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { overwrite } from './bytes.ts';
import { linesFrom } from './followedFile.ts';
import { intentLog } from './intent.ts';
import { readLedger, writeLedger } from './ledger.ts';
import { linesOf } from './lines.ts';
import { filesOf, type OwnFile } from './ownFiles.ts';
import { segmentAt, syncDirectory } from './segments.ts';

/** What is left of a line; undefined for nothing. */
export type Keep = (line: string) => string | undefined;

const DRAFT = '.forgetting';
const CHUNK_CHARS = 1_000_000;

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
export const replaceWithout = async (dir: string, file: string, keep: Keep): Promise<void> => {
  const path = join(dir, file);
  const { atime, mtime } = await stat(path);
  await withFile(`${path}${DRAFT}`, 'w', async (draft) => {
    await writeKept(draft, path, keep);
    await draft.utimes(atime, mtime);
    await draft.sync();
  });
  await rename(`${path}${DRAFT}`, path);
  await syncDirectory(dir);
};

/** Each line in its place, which is filled up with empty ones: what follows does not move. */
const blankIn = ({ path, bytes }: OwnFile, keep: Keep): Promise<void> =>
  withFile(path, 'r+', async (file) => {
    let start = 0;
    for (const { text, offset } of linesFrom(path)) {
      if (offset > bytes) break;
      const kept = keep(text);
      const left = Buffer.from(kept === undefined ? '' : `${kept}\n`);
      const place = Buffer.alloc(offset - start, '\n');
      if (left.length <= place.length) left.copy(place);
      if (kept !== text) await overwrite(file, place, start);
      start = offset;
    }
    await file.sync();
  });

/** The ledger says what a file has become, so that it is still known to be ours. */
const enter = async (dir: string, stream: JsonlFile, name: string, size: number): Promise<void> => {
  const ledger = readLedger(dir, stream);
  const segment = segmentAt(join(dir, name));
  const closed = ledger.closed.flatMap((file) => {
    if (file.name !== name) return [file];
    return segment === null ? [] : [{ ...file, segment, bytes: size }];
  });
  await writeLedger(dir, stream, { ...ledger, closed });
};

/**
 * Takes lines out of a file that this program wrote. Where lines of somebody else stand in it
 * behind ours, ours are made empty; else the file is replaced.
 */
export const forgetInOwn = async (
  dir: string,
  stream: JsonlFile,
  file: OwnFile,
  keep: Keep,
): Promise<void> => {
  const { name, path, store } = file;
  const isPresent = filesOf(dir, stream).present?.name === name;
  if (file.size > file.bytes) await blankIn(file, keep);
  else await replaceWithout(dir, name, keep);
  const size = file.size > file.bytes ? file.bytes : (await stat(path)).size;
  if (!isPresent) return enter(dir, stream, name, size);
  await intentLog(dir).clear(stream, { name, segment: segmentAt(path), store, from: size });
};
