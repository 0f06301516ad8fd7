import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Position } from '../../model/checkpoint.ts';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { DISK, type Disk } from './disk.ts';
import { linesOf } from './lines.ts';

/** Whether `name` is a rotated file of the stream: `dwells.2026-03-01.1.jsonl`. */
export const isRotated = (file: JsonlFile, name: string): boolean =>
  new RegExp(`^${file}\\.\\d{4}-\\d\\d-\\d\\d\\.\\d+\\.jsonl$`).test(name);

const byDayAndNumber = (a: string, b: string): number => {
  const [dayA = '', numberA] = a.split('.').slice(-3);
  const [dayB = '', numberB] = b.split('.').slice(-3);
  return dayA === dayB ? Number(numberA) - Number(numberB) : dayA < dayB ? -1 : 1;
};

/** The paths of the files that hold a stream, oldest first; empty where there are none. */
export const segmentsOf = async (
  dir: string,
  file: JsonlFile,
  { existsSync, promises }: Disk = DISK,
): Promise<ReadonlyArray<string>> => {
  const names = existsSync(dir) ? await promises.readdir(dir) : [];
  const rotated = names.filter((name) => isRotated(file, name)).sort(byDayAndNumber);
  const present = `${file}.jsonl`;
  return [...rotated, ...(names.includes(present) ? [present] : [])].map((name) => join(dir, name));
};

/** What a file is known by through renaming: its first line. */
export const segmentOf = (firstLine: string): string =>
  createHash('sha256').update(firstLine).digest('hex').slice(0, 16);

/** The segment that a file holds; null where it has no line. */
export const segmentAt = (path: string, disk: Disk = DISK): string | null => {
  for (const line of linesOf(path, () => {}, 0, disk)) return segmentOf(line);
  return null;
};

/** Where a stream ends: behind the last line of the newest file that has one. */
export const endOf = async (dir: string, file: JsonlFile, disk: Disk = DISK): Promise<Position> => {
  for (const path of [...(await segmentsOf(dir, file, disk))].reverse()) {
    const { size } = await disk.promises.stat(path);
    if (size > 0) return { segment: segmentAt(path, disk), bytes: size };
  }
  return { segment: null, bytes: 0 };
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
