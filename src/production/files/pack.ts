import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { bytesOf } from './bytes.ts';
import { writeAll } from './checkpointFile.ts';
import { type ClosedFile, readLedger, writeLedger } from './ledger.ts';
import type { Options } from './openJsonl.ts';
import { filesOf, type OwnClosed, type OwnFile } from './ownFiles.ts';
import { PACKED } from './packedDisk.ts';
import { segmentAt, syncDirectory } from './segments.ts';
import { settledFiles } from './settled.ts';

/** Packed at a time: others are served in between. */
const PIECE_BYTES = 1_048_576;

const DRAFT = '.packing';

/** Whether a file that nobody noted holds exactly what is to be packed: a start that was killed made it. */
const isSame = ({ path, bytes }: OwnFile, { disk }: Options): boolean => {
  for (let at = 0; at <= bytes; at += PIECE_BYTES) {
    const to = at + PIECE_BYTES;
    if (!bytesOf(path, at, to, disk).equals(bytesOf(`${path}${PACKED}`, at, to, disk)))
      return false;
  }
  return true;
};

/** Whether it still holds our bytes alone. */
const isWhole = ({ path, bytes }: OwnFile, { disk }: Options): boolean =>
  disk.statSync(path, { throwIfNoEntry: false })?.size === bytes;

const writePacked = async ({ path, bytes }: OwnFile, { dir, disk }: Options): Promise<void> => {
  const draft = `${path}${DRAFT}`;
  await disk.promises.rm(draft, { force: true });
  const handle = await disk.promises.open(draft, 'ax', 0o600);
  try {
    for (let at = 0; at < bytes; at += PIECE_BYTES)
      await writeAll(handle, gzipSync(bytesOf(path, at, at + PIECE_BYTES, disk)));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await disk.promises.rename(draft, `${path}${PACKED}`);
  await syncDirectory(dir, disk);
};

/** Notes that a file is packed; false where it was deleted, or appended to, meanwhile. */
const note = (stream: JsonlFile, file: OwnClosed, options: Options): Promise<boolean> =>
  options.inTurn(async () => {
    const { dir, disk } = options;
    if (!isWhole(file, options)) return false;
    const { mtimeMs } = file;
    const ledger = readLedger(dir, stream, disk);
    const closed = ledger.closed.map((one) =>
      one.name === file.name ? { ...one, packed: { mtimeMs } } : one,
    );
    await writeLedger(dir, stream, { ...ledger, closed }, disk);
    return true;
  });

/** The unpacked file of one that is packed, which a process that was killed had not removed. */
const removeLeftOver = async ({ name, segment, bytes }: ClosedFile, { dir, disk }: Options) => {
  const path = join(dir, name);
  const left = disk.statSync(path, { throwIfNoEntry: false });
  if (left?.size === bytes && segmentAt(path, disk) === segment) await disk.promises.rm(path);
};

/**
 * Packs the closed files of a stream that are settled, all but the newest: `<name>` becomes
 * `<name>.gz`, which all readers read. One in which somebody else's bytes stand, or whose packed
 * name somebody else has, stays as it is. May be cut short anywhere: it is found whole in one of both.
 */
export const packSettled = async (stream: JsonlFile, options: Options): Promise<void> => {
  const { dir, disk, isUploading } = options;
  for (const file of readLedger(dir, stream, disk).closed)
    if (file.packed) await removeLeftOver(file, options);
  const settled = settledFiles(dir, stream, isUploading, disk);
  const candidates = filesOf(dir, stream, disk)
    .closed.slice(0, -1)
    .filter(({ name, size, bytes }) => settled.has(name) && size === bytes)
    .filter(({ name }) => !name.endsWith(PACKED));
  for (const file of candidates) {
    const packed = `${file.path}${PACKED}`;
    const isThere = disk.existsSync(packed);
    if (isThere && !isSame(file, options)) continue;
    if (!isThere) await writePacked(file, options);
    const isNoted = await note(stream, file, options);
    // Who has appended to it meanwhile keeps his lines, behind ours.
    if (isNoted && isWhole(file, options)) await disk.promises.rm(file.path);
    if (!isNoted && !isThere) await disk.promises.rm(packed);
  }
};
