import { join } from 'node:path';
import { JSONL_FILES, type JsonlFile } from '../../model/jsonlFile.ts';
import { DISK, type Disk } from './disk.ts';
import { filesOf } from './ownFiles.ts';
import { isRotated } from './segments.ts';

/** A file with a name of ours that holds what this program did not write. */
export interface Foreign {
  readonly name: string;
  /** So many bytes, at its beginning, are ours. */
  readonly own: number;
  /** The file of that stream that ours goes to; undefined where that is not yet begun. */
  readonly instead?: string;
}

const isOf = (stream: JsonlFile, name: string): boolean =>
  name === `${stream}.jsonl` || isRotated(stream, name);

/** Files of somebody else under our names, and ours that somebody else appended to. */
export const foreignIn = (dir: string, disk: Disk = DISK): ReadonlyArray<Foreign> => {
  const names = disk.existsSync(dir) ? disk.readdirSync(dir) : [];
  return JSONL_FILES.flatMap((stream) => {
    const { closed, present } = filesOf(dir, stream, disk);
    // Of one that is packed the unpacked file may be left for a while, after a kill.
    const own = new Map(
      closed.flatMap(({ name, ledgerName, bytes }) => [
        [ledgerName, bytes],
        [name, name === ledgerName ? bytes : Number.POSITIVE_INFINITY],
      ]),
    );
    if (present) own.set(present.name, present.bytes);
    const sizeOf = (name: string): number =>
      disk.statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0;
    // An empty file is nobody's data.
    return names
      .filter((name) => isOf(stream, name) && sizeOf(name) > (own.get(name) ?? 0))
      .map((name) => ({
        name,
        own: own.get(name) ?? 0,
        ...(present && present.name !== name && { instead: present.name }),
      }));
  });
};
