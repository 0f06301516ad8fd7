import { createHash } from 'node:crypto';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { bytesOf } from './bytes.ts';
import { DISK, type Disk } from './disk.ts';

/** Whether `name` is that of a rotated file of the stream, packed or not: `dwells.2026-03-01.1.jsonl`. */
export const isRotated = (file: JsonlFile, name: string): boolean =>
  new RegExp(`^${file}\\.\\d{4}-\\d\\d-\\d\\d\\.\\d+\\.jsonl(\\.gz)?$`).test(name);

/**
 * The name that a file of `day` is rotated to, numbered from 1 within its day. It comes behind all
 * that `names` has, also where the clock was set back over midnight.
 */
export const rotatedName = (file: JsonlFile, day: string, names: ReadonlyArray<string>): string => {
  const rotated = names
    .filter((name) => isRotated(file, name))
    .map((name) => name.replace(/\.gz$/, '').split('.').slice(-3, -1));
  const latest = rotated.reduce((last, [one = '']) => (one > last ? one : last), day);
  const used = rotated.flatMap(([one, number]) => (one === latest ? [Number(number)] : []));
  return `${file}.${latest}.${Math.max(0, ...used) + 1}.jsonl`;
};

/** What a file is known by through renaming: its first line. */
export const segmentOf = (firstLine: string): string =>
  createHash('sha256').update(firstLine).digest('hex').slice(0, 16);

const NEWLINE = 0x0a;
/** Most first lines are shorter. */
const LINE_BYTES = 2_048;

/** The segment that a file holds; null where it has no whole line. */
export const segmentAt = (path: string, disk: Disk = DISK): string | null => {
  for (let bytes = LINE_BYTES; ; bytes *= 8) {
    const start = bytesOf(path, 0, bytes, disk);
    const end = start.indexOf(NEWLINE);
    if (end >= 0) return segmentOf(start.toString('utf8', 0, end));
    if (start.length < bytes) return null;
  }
};

/** Names in a directory survive a loss of power only when it is synced too. */
export const syncDirectory = async (dir: string, { promises }: Disk = DISK): Promise<void> => {
  const folder = await promises.open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};
