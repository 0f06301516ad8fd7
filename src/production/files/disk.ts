import * as fs from 'node:fs';
import { packedDisk } from './packedDisk.ts';

interface Stats {
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
}

/** An open file: what is used of Node's FileHandle. */
export interface DiskFile {
  readonly stat: () => Promise<Stats>;
  readonly read: (
    into: Buffer,
    offset: number,
    length: number,
    position: number,
  ) => Promise<{ readonly bytesRead: number }>;
  /** Writes what lies behind `offset`, or only a part of it, to `position`; to the end where it is left out. */
  readonly write: (
    data: Buffer,
    offset: number,
    length?: number,
    position?: number,
  ) => Promise<{ readonly bytesWritten: number }>;
  readonly truncate: (bytes: number) => Promise<void>;
  readonly datasync: () => Promise<void>;
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What the journal and all that stands beside it need of a file system, under Node's own names. */
export interface Disk {
  readonly existsSync: (path: string) => boolean;
  readonly readdirSync: (path: string) => string[];
  readonly readFileSync: (path: string, encoding: 'utf8') => string;
  readonly statSync: (
    path: string,
    options: { readonly throwIfNoEntry: false },
  ) => Stats | undefined;
  readonly openSync: (path: string, flags: 'r') => number;
  readonly fstatSync: (handle: number) => { readonly ino: number };
  readonly readSync: (
    handle: number,
    into: Buffer,
    offset: number,
    length: number,
    position: number,
  ) => number;
  readonly closeSync: (handle: number) => void;
  readonly promises: {
    readonly open: (path: string, flags: string, mode?: number) => Promise<DiskFile>;
    readonly mkdir: (
      path: string,
      options: { readonly recursive: true; readonly mode: number },
    ) => Promise<unknown>;
    readonly readdir: (path: string) => Promise<string[]>;
    readonly stat: (path: string) => Promise<Stats>;
    readonly rename: (from: string, to: string) => Promise<void>;
    readonly rm: (path: string, options?: { readonly force: true }) => Promise<void>;
    readonly writeFile: (
      path: string,
      text: string,
      options: { readonly mode: number; readonly flag: 'wx'; readonly flush: true },
    ) => Promise<void>;
  };
}

/** The machine's own, on which packed files read as they were. */
export const DISK: Disk = packedDisk(fs);
