import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { defer, from } from 'rxjs';
import type { JsonlFile } from '../model/jsonlFile.ts';
import type { Deliver, Env } from '../model/shapes.ts';
import { repairTail } from './jsonlTail.ts';

export interface JsonlOptions {
  readonly dir: string;
  /** A file is rotated before a line that would make it larger. */
  readonly maxBytes: number;
  /** Rotated files older than this are deleted, but for dead letters. */
  readonly retentionDays: number;
  /** Unix ms. */
  readonly now: () => number;
  readonly log: Env['log'];
}

interface OpenFile {
  readonly handle: FileHandle;
  /** Bytes of whole lines. */
  readonly bytes: number;
  /** UTC day of the first line, YYYY-MM-DD. */
  readonly day: string;
  /** A write failed and may have left a part of itself behind the whole lines. */
  readonly torn: boolean;
}

const DAY_MS = 86_400_000;
/** The lines hold addresses of phones: nobody else on this machine needs them. */
const PRIVATE = 0o600;

const dayOf = (unixMs: number): string => new Date(unixMs).toISOString().slice(0, 10);

const openFile = async (file: JsonlFile, options: JsonlOptions): Promise<OpenFile> => {
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  const handle = await open(join(options.dir, `${file}.jsonl`), 'a+', PRIVATE);
  const { size, mtimeMs } = await handle.stat();
  const bytes = await repairTail(handle, size);
  if (bytes < size)
    options.log({ level: 'warn', event: 'torn line removed', file, bytes: size - bytes });
  const day = dayOf(bytes === 0 ? options.now() : mtimeMs);
  return { handle, bytes, day, torn: false };
};

const isRotated = (file: JsonlFile, name: string): boolean =>
  new RegExp(`^${file}\\.\\d{4}-\\d\\d-\\d\\d\\.\\d+\\.jsonl$`).test(name);

/** Dead letters wait for a redrive, however long. */
const KEPT: ReadonlySet<JsonlFile> = new Set([
  'failed_uploads',
  'failed_uploads.redrive',
  'redriven_uploads',
  'redriven_uploads.redrive',
]);

const deleteOld = async (file: JsonlFile, { dir, retentionDays, now }: JsonlOptions) => {
  if (KEPT.has(file)) return;
  const oldest = now() - retentionDays * DAY_MS;
  const rotated = (await readdir(dir)).filter((name) => isRotated(file, name));
  for (const name of rotated) {
    const path = join(dir, name);
    if ((await stat(path)).mtimeMs < oldest) await unlink(path);
  }
};

/** `dwells.jsonl` becomes `dwells.2026-03-01.1.jsonl`, numbered from 1 within its day. */
const rotate = async (file: JsonlFile, { handle, day }: OpenFile, options: JsonlOptions) => {
  await handle.close();
  const names = await readdir(options.dir);
  const used = names
    .filter((name) => isRotated(file, name) && name.includes(`.${day}.`))
    .map((name) => Number(name.split('.').at(-2)));
  const number = Math.max(0, ...used) + 1;
  await rename(
    join(options.dir, `${file}.jsonl`),
    join(options.dir, `${file}.${day}.${number}.jsonl`),
  );
  await deleteOld(file, options);
};

/** What a full disk cut short is taken back before anything else is written. */
const writeWhole = async ({ handle, bytes, torn }: OpenFile, data: Buffer): Promise<void> => {
  if (torn) await handle.truncate(bytes);
  for (let written = 0; written < data.length; )
    written += (await handle.write(data, written)).bytesWritten;
};

/**
 * The files of a directory, each `<name>.jsonl`, append-only, rotated by size and by UTC day.
 * `append` writes whole lines or none and errors where the disk fails; one call per file at a time.
 */
export const jsonlFiles = (options: JsonlOptions) => {
  const opened = new Map<JsonlFile, OpenFile>();

  const ready = async (file: JsonlFile, bytes: number): Promise<OpenFile> => {
    const current = opened.get(file) ?? (await openFile(file, options));
    opened.set(file, current);
    const fits = current.bytes + bytes <= options.maxBytes && current.day === dayOf(options.now());
    if (fits || current.bytes === 0) return current;
    opened.delete(file);
    await rotate(file, current, options);
    return ready(file, bytes);
  };

  const write = async (file: JsonlFile, lines: ReadonlyArray<string>): Promise<void> => {
    const data = Buffer.from(lines.join(''));
    const target = await ready(file, data.length);
    opened.set(file, { ...target, torn: true });
    await writeWhole(target, data);
    opened.set(file, { ...target, bytes: target.bytes + data.length, torn: false });
  };

  const append =
    (file: JsonlFile): Deliver<ReadonlyArray<string>> =>
    (lines) =>
      defer(() => from(write(file, lines)));

  const close = async (): Promise<void> => {
    await Promise.all([...opened.values()].map(({ handle }) => handle.close()));
    opened.clear();
  };
  return { append, close };
};
