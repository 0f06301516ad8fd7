import { gunzipSync } from 'node:zlib';
import type { Random } from '../../src/embedded/shop/random.ts';
import type { Disk, DiskFile } from '../../src/production/files/disk.ts';
import { isPacked, PACKED, packedDisk } from '../../src/production/files/packedDisk.ts';
import { Inode } from './inode.ts';
import type { VirtualTime } from './virtualTime.ts';

/** How a disk misbehaves: `full` has room for a few bytes more, `failing` errors now and then. */
export type DiskFault = 'full' | 'failing' | 'slow';

export interface FakeDisk {
  /** The disk as a process sees it; one that is dead is never answered. `onStep` may be its end. */
  readonly mount: (isAlive: () => boolean, onStep: () => void) => Disk;
  /** Undefined: it is well. */
  readonly behave: (fault: DiskFault | undefined) => void;
  /** What no sync has made safe is gone, all of it or a part. */
  readonly losePower: () => void;
  /** Whether a sync that failed has dropped what readers still see: a later one says that all is safe. */
  readonly isDeceptive: () => boolean;
  /** Another program appends to a file, or begins one; what it writes is safe at once. */
  readonly meddle: (name: string, text: string) => void;
  /** What another program wrote and is not where it was written any more. */
  readonly lostOfOthers: () => ReadonlyArray<string>;
  /** The text of every file by its name. */
  readonly texts: () => ReadonlyMap<string, string>;
}

export const DIRECTORY = '/output';

const failure = (code: string, what: string): Error =>
  Object.assign(new Error(`${code}: ${what}`), { code });

const nameOf = (path: string): string => path.slice(DIRECTORY.length + 1);

/** The directory of a name, or of a path; the last part of it. */
const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const statsOf = ({ bytes, mtimeMs, ino }: Inode) => ({ size: bytes.length, mtimeMs, ino });

/** What was packed stands under its name of before. */
const textOf = (name: string, bytes: Buffer): readonly [string, string] =>
  isPacked(name)
    ? [name.slice(0, -PACKED.length), gunzipSync(bytes).toString()]
    : [name, bytes.toString()];

/** A directory of files in memory, in virtual time, with a memory of what would survive. */
export const fakeDisk = (time: VirtualTime, random: Random): FakeDisk => {
  let names = new Map<string, Inode>();
  let safeNames = new Map<string, Inode>();
  /** What became of names since the directory was synced; a loss of power leaves the first so many. */
  let renaming: Array<{
    readonly directory: string;
    readonly how: (names: Map<string, Inode>) => void;
  }> = [];
  const directories = new Set<string>();
  let fault: DiskFault | undefined;
  let room = 0;
  let made = 0;
  const handles = new Map<number, Inode>();

  const change = (path: string, how: (names: Map<string, Inode>) => void): void => {
    how(names);
    renaming.push({ directory: parentOf(path), how });
  };
  const namesIn = (directory: string): string[] =>
    [...names.keys()].filter((name) => parentOf(`${DIRECTORY}/${name}`) === directory).map(baseOf);
  const syncNames = (directory: string): void => {
    for (const one of renaming) if (one.directory === directory) one.how(safeNames);
    renaming = renaming.filter((one) => one.directory !== directory);
  };
  const find = (path: string): Inode => {
    const inode = names.get(nameOf(path));
    if (inode === undefined) throw failure('ENOENT', path);
    return inode;
  };
  const create = (path: string): Inode => {
    made += 1;
    const inode = new Inode(made);
    change(path, (all) => all.set(nameOf(path), inode));
    return inode;
  };
  /** What others wrote, and where. */
  const others: Array<{
    readonly name: string;
    readonly inode: Inode;
    readonly at: number;
    readonly text: string;
  }> = [];
  const meddle = (name: string, text: string): void => {
    const inode = names.get(name) ?? create(`${DIRECTORY}/${name}`);
    others.push({ name, inode, at: inode.bytes.length, text });
    inode.write(Buffer.from(text), time.now());
    inode.sync();
    syncNames(DIRECTORY);
  };
  const lostOfOthers = (): ReadonlyArray<string> => {
    const there = new Set(names.values());
    return others.flatMap(({ name, inode, at, text }) => {
      const isThere = inode.bytes.subarray(at, at + text.length).toString() === text;
      return isThere && there.has(inode) ? [] : [`${name}, at ${at}: ${text}`];
    });
  };
  const isFailing = (): boolean => fault === 'failing' && random.chance(0.3);
  /** As the kernel does it: what fits, and an error where nothing does. */
  const append = (inode: Inode, data: Buffer): number => {
    let most = random.chance(0.1) ? random.integer(1, data.length) : data.length;
    if (fault === 'full') most = Math.min(most, room);
    if (most === 0 && data.length > 0) throw failure('ENOSPC', 'no space left on device');
    inode.write(data.subarray(0, most), time.now());
    if (fault === 'full') room -= most;
    return most;
  };
  /** Over what is there; beyond it only as far as there is room. */
  const overwrite = (inode: Inode, data: Buffer, position: number): number => {
    const more = Math.max(0, position + data.length - inode.bytes.length);
    const short = fault === 'full' ? Math.max(0, more - room) : 0;
    if (short === data.length) throw failure('ENOSPC', 'no space left on device');
    inode.overwrite(data.subarray(0, data.length - short), position, time.now());
    if (fault === 'full') room -= more - short;
    return data.length - short;
  };
  const truncate = (inode: Inode, bytes: number): void => {
    room += Math.max(0, inode.bytes.length - bytes);
    inode.truncate(bytes);
  };
  const latencyMs = (): number =>
    fault === 'slow' ? random.integer(20, 1_500) : random.integer(0, 3);

  const mount = (isAlive: () => boolean, onStep: () => void): Disk => {
    /** One step; where its process ends with it, it is done or not, and nobody hears of it. */
    const step = <A>(work: () => A): Promise<A> =>
      new Promise((resolve, reject) => {
        time.settle(latencyMs(), () => {
          if (!isAlive()) return;
          const isLastWord = random.chance(0.5);
          if (!isLastWord) onStep();
          if (!isAlive()) return;
          try {
            if (isFailing()) throw failure('EIO', 'i/o error');
            const done = work();
            if (isLastWord) onStep();
            if (isAlive()) resolve(done);
          } catch (problem) {
            if (isLastWord) onStep();
            if (isAlive()) reject(problem);
          }
        });
      });
    const sync = (inode: Inode): Promise<void> =>
      step(() => {
        if (!isFailing()) return inode.sync();
        inode.failToSync();
        throw failure('EIO', 'sync');
      });
    const fileOf = (inode: Inode): DiskFile => ({
      stat: () => step(() => statsOf(inode)),
      read: (into, offset, length, position) =>
        step(() => ({ bytesRead: inode.bytes.copy(into, offset, position, position + length) })),
      write: (data, offset, _length, position) =>
        step(() => {
          if (position === undefined) return { bytesWritten: append(inode, data.subarray(offset)) };
          return { bytesWritten: overwrite(inode, data.subarray(offset), position) };
        }),
      truncate: (bytes) => step(() => truncate(inode, bytes)),
      datasync: () => sync(inode),
      sync: () => sync(inode),
      close: () => step(() => undefined),
    });
    const folderOf = (directory: string): DiskFile => ({
      ...fileOf(new Inode(0)),
      sync: () => step(() => syncNames(directory)),
    });
    const open = (path: string, flags: string): Promise<DiskFile> =>
      step(() => {
        if (path === DIRECTORY || directories.has(path)) return folderOf(path);
        const known = names.get(nameOf(path));
        if (known !== undefined && flags.includes('x')) throw failure('EEXIST', path);
        if (known === undefined && flags.startsWith('r')) throw failure('ENOENT', path);
        return fileOf(known ?? create(path));
      });
    const writeFile = async (path: string, text: string): Promise<void> => {
      const inode = await step(() => create(path));
      const data = Buffer.from(text);
      for (let written = 0; written < data.length; ) {
        const from = written;
        written += await step(() => append(inode, data.subarray(from)));
      }
      await sync(inode);
    };
    const rm = (path: string, options: { readonly force?: true } = {}): Promise<void> =>
      step(() => {
        if (!options.force) find(path);
        const inode = names.get(nameOf(path));
        if (inode) room += inode.bytes.length;
        change(path, (all) => all.delete(nameOf(path)));
      });
    return packedDisk({
      existsSync: (path) => directories.has(path) || names.has(nameOf(path)),
      readdirSync: namesIn,
      readFileSync: (path) => find(path).bytes.toString(),
      statSync: (path) => {
        const inode = names.get(nameOf(path));
        return inode && statsOf(inode);
      },
      openSync: (path) => {
        const handle = handles.size;
        handles.set(handle, find(path));
        return handle;
      },
      fstatSync: (handle) => ({ ino: handles.get(handle)?.ino ?? 0 }),
      readSync: (handle, into, offset, length, position) =>
        handles.get(handle)?.bytes.copy(into, offset, position, position + length) ?? 0,
      closeSync: () => undefined,
      promises: {
        open,
        mkdir: (path) => step(() => directories.add(path)),
        readdir: (path) => step(() => namesIn(path)),
        stat: (path) => step(() => statsOf(find(path))),
        rename: (from, to) =>
          step(() => {
            const inode = find(from);
            change(from, (all) => {
              all.delete(nameOf(from));
              all.set(nameOf(to), inode);
            });
          }),
        rm,
        writeFile,
      },
    });
  };
  return {
    mount,
    behave: (how) => {
      fault = how;
      room = random.integer(0, 1_500);
    },
    losePower: () => {
      for (const { how } of renaming.slice(0, random.integer(0, renaming.length))) how(safeNames);
      names = safeNames;
      safeNames = new Map(names);
      renaming = [];
      for (const inode of names.values()) inode.losePower(random);
    },
    meddle,
    lostOfOthers,
    isDeceptive: () => [...names.values()].some((inode) => inode.isDeceptive),
    texts: () => new Map([...names].sort().map(([name, { bytes }]) => textOf(name, bytes))),
  };
};
