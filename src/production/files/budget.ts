import { join } from 'node:path';
import { JSONL_FILES, type JsonlFile } from '../../model/jsonlFile.ts';
import { readLedger, writeLedger } from './ledger.ts';
import type { Options } from './openJsonl.ts';
import { filesOf, ownFiles } from './ownFiles.ts';
import { settledFiles } from './settled.ts';
import { UPLOADED } from './uploadCursor.ts';

/** How often it is looked again whether something can be deleted. */
const LOOK_AGAIN_MS = 5_000;

const MB = 1_000_000;

/** What this program's files take, bytes. */
const usedIn = ({ dir, disk }: Options): number => {
  const sizeOf = (name: string): number =>
    disk.statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0;
  return JSONL_FILES.flatMap((stream) => ownFiles(dir, stream, disk)).reduce(
    (sum, { name }) => sum + sizeOf(name),
    0,
  );
};

interface Deletable {
  readonly stream: JsonlFile;
  /** As the ledger has it. */
  readonly name: string;
  readonly bytes: number;
  readonly mtimeMs: number;
}

/** With uploads off nothing of what would be uploaded is settled before it is old. */
const waitsForAge = (stream: JsonlFile, { isUploading }: Options): boolean =>
  !isUploading && stream in UPLOADED;

/** Settled files without anybody else's bytes, oldest first. */
const deletable = (options: Options): ReadonlyArray<Deletable> =>
  JSONL_FILES.flatMap((stream) => {
    const { dir, disk, isUploading, retentionDays } = options;
    const settled = settledFiles(dir, stream, isUploading, disk);
    const { days, closed } = readLedger(dir, stream, disk);
    const old = closed.filter(({ closedOn }) => days.lived - closedOn >= retentionDays);
    const aged = waitsForAge(stream, options) ? old : closed;
    const may = new Set(aged.map(({ name }) => name));
    return filesOf(dir, stream, disk)
      .closed.filter(({ name, size, bytes }) => settled.has(name) && size === bytes)
      .filter(({ ledgerName }) => may.has(ledgerName))
      .map(({ path, ledgerName: name, mtimeMs }): Deletable => {
        const bytes = disk.statSync(path, { throwIfNoEntry: false })?.size ?? 0;
        return { stream, name, bytes, mtimeMs };
      });
  }).sort((a, b) => a.mtimeMs - b.mtimeMs);

/** In turn with packing: what is deleted is found under the name that it has by then. */
const remove = ({ stream, name }: Deletable, options: Options): Promise<void> => {
  const { dir, disk, log, inTurn } = options;
  return inTurn(async () => {
    const { days, closed } = readLedger(dir, stream, disk);
    const own = filesOf(dir, stream, disk).closed.find(({ ledgerName }) => ledgerName === name);
    if (own) await disk.promises.rm(own.path, { force: true });
    const kept = closed.filter((file) => file.name !== name);
    await writeLedger(dir, stream, { days, closed: kept }, disk);
    log({ level: 'info', event: 'file deleted for room', file: own?.name ?? name });
  });
};

const overBudget = (used: number, most: number): Error =>
  new Error(
    `EBUDGET: ${Math.round(used / MB)} MB are used, OUTPUT_MAX_MB allows ${Math.round(most / MB)}, and nothing more is settled`,
  );

/**
 * Keeps what is taken in within `mostBytes` of files in all: beyond it the oldest settled files are
 * deleted, of whatever stream, and never what is not settled.
 */
export const outputBudget = (mostBytes: number, options: Options) => {
  let used: number | undefined;
  let refusedAt = Number.NEGATIVE_INFINITY;
  const makeRoom = async (bytes: number): Promise<void> => {
    used = usedIn(options);
    for (const file of used + bytes > mostBytes ? deletable(options) : []) {
      if (used + bytes <= mostBytes) break;
      await remove(file, options);
      used -= file.bytes;
    }
  };
  return {
    /** Of what was written, whatever it was. */
    add: (bytes: number): void => {
      if (used !== undefined) used += bytes;
    },
    /** Rejects where no room can be made for so many bytes more. */
    admit: async (bytes: number): Promise<void> => {
      if (used !== undefined && used + bytes <= mostBytes) return;
      const isSoon = Math.abs(options.now() - refusedAt) < LOOK_AGAIN_MS;
      if (!isSoon || used === undefined) await makeRoom(bytes);
      if ((used ?? 0) + bytes <= mostBytes) return;
      if (!isSoon) refusedAt = options.now();
      throw overBudget(used ?? 0, mostBytes);
    },
  };
};
