import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { overwrite } from './bytes.ts';
import { linesFrom } from './followedFile.ts';
import { intentLog } from './intent.ts';
import { readLedger, writeLedger } from './ledger.ts';
import { linesOf } from './lines.ts';
import { filesOf, type OwnFile } from './ownFiles.ts';
import { isPacked } from './packedDisk.ts';
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

/** Returns how many bytes were kept, before they are packed where the file is. */
const writeKept = async (draft: FileHandle, path: string, keep: Keep): Promise<number> => {
  let [chunk, bytes] = ['', 0];
  const flush = async (): Promise<void> => {
    const data = Buffer.from(chunk);
    bytes += data.length;
    chunk = '';
    if (data.length > 0) await draft.appendFile(isPacked(path) ? gzipSync(data) : data);
  };
  for (const line of linesOf(path)) {
    const kept = keep(line);
    if (kept !== undefined) chunk += `${kept}\n`;
    if (chunk.length > CHUNK_CHARS) await flush();
  }
  await flush();
  return bytes;
};

/**
 * A reader sees the old file or the new one; its time, which decides when it expires, stays. Returns
 * the bytes of what was kept.
 */
export const replaceWithout = async (dir: string, file: string, keep: Keep): Promise<number> => {
  const path = join(dir, file);
  const { atime, mtime } = await stat(path);
  const bytes = await withFile(`${path}${DRAFT}`, 'w', async (draft) => {
    const kept = await writeKept(draft, path, keep);
    await draft.utimes(atime, mtime);
    await draft.sync();
    return kept;
  });
  await rename(`${path}${DRAFT}`, path);
  await syncDirectory(dir);
  return bytes;
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
const enter = async (
  dir: string,
  stream: JsonlFile,
  { path, name: onDisk }: OwnFile,
  size: number,
): Promise<void> => {
  const ledger = readLedger(dir, stream);
  const segment = size === 0 ? null : segmentAt(path);
  const name = onDisk.replace(/\.gz$/, '');
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
  const isShared = file.size > file.bytes;
  if (isShared) await blankIn(file, keep);
  const size = isShared ? file.bytes : await replaceWithout(dir, name, keep);
  if (!isPresent) {
    await enter(dir, stream, file, size);
    // Nothing, packed, is not nothing.
    if (size === 0 && isPacked(path)) await rm(path);
    return;
  }
  await intentLog(dir).clear(stream, { name, segment: segmentAt(path), store, from: size });
};
