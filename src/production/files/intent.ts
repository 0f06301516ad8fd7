import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { parseJson } from '../../model/json.ts';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { bytesOf, overwrite } from './bytes.ts';
import { DISK, type Disk } from './disk.ts';
import { syncDirectory } from './segments.ts';

/** Where the pipeline keeps what it knows of its own files, within OUTPUT_DIR. */
export const LEDGER = 'ledger';

/** A write-ahead note: what is about to be appended to which file. It is durable before the append. */
export interface Intent {
  /** Of the file, within OUTPUT_DIR. */
  readonly name: string;
  /** The hash of its first line; null while it has none. */
  readonly segment: string | null;
  /** The store that its lines are for. */
  readonly store: string;
  /** So many bytes of the file are ours before these. */
  readonly from: number;
  readonly data: Buffer;
}

export interface Noted extends Intent {
  /** 1, 2, …: the newest counts. */
  readonly seq: number;
}

const Head = t.strict({
  seq: t.number,
  name: t.string,
  segment: t.union([t.string, t.null]),
  store: t.string,
  from: t.number,
  bytes: t.number,
  sum: t.string,
});

/** More than a head may have. */
const HEAD_BYTES = 4_096;

const sumOf = ({ seq, name, segment, store, from, data }: Noted): string =>
  createHash('sha256')
    .update(JSON.stringify([seq, name, segment, store, from]))
    .update(data)
    .digest('hex');

const encode = (noted: Noted): Buffer => {
  const { data, ...head } = noted;
  const first = JSON.stringify({ ...head, bytes: data.length, sum: sumOf(noted) });
  return Buffer.concat([Buffer.from(`${first}\n`), data]);
};

/** Two files take turns, so that one that is torn costs only itself. */
const slotOf = (dir: string, stream: JsonlFile, seq: number): string =>
  join(dir, LEDGER, `${stream}.${seq % 2}`);

const readSlot = (path: string, disk: Disk): ReadonlyArray<Noted> => {
  if (!disk.existsSync(path)) return [];
  const start = bytesOf(path, 0, HEAD_BYTES, disk);
  const end = start.indexOf('\n') + 1;
  const head = Head.decode(parseJson(start.toString('utf8', 0, end)));
  if (E.isLeft(head)) return [];
  const { bytes, sum, ...rest } = head.right;
  const noted = { ...rest, data: bytesOf(path, end, end + bytes, disk) };
  return sumOf(noted) === sum ? [noted] : [];
};

/** What was noted last of a stream; undefined where nothing was, or the notes are not ours. */
export const readIntent = (
  dir: string,
  stream: JsonlFile,
  disk: Disk = DISK,
): Noted | undefined => {
  const [a, b] = [0, 1].flatMap((seq) => readSlot(slotOf(dir, stream, seq), disk));
  return a && b && b.seq > a.seq ? b : (a ?? b);
};

/** Notes intents, one after the other; each is durable when its promise resolves. A name is '' for no file. */
export const intentLog = (dir: string, disk: Disk = DISK) => {
  const last = new Map<JsonlFile, number>();
  const named = new Set<string>();
  const open = async (path: string) => {
    if (disk.existsSync(path)) return disk.promises.open(path, 'r+');
    named.delete(path);
    await disk.promises.mkdir(join(dir, LEDGER), { recursive: true, mode: 0o700 });
    await syncDirectory(dir, disk);
    return disk.promises.open(path, 'wx+', 0o600);
  };
  const note = async (stream: JsonlFile, intent: Intent, isExact = false): Promise<void> => {
    const seq = (last.get(stream) ?? readIntent(dir, stream, disk)?.seq ?? 0) + 1;
    const path = slotOf(dir, stream, seq);
    const handle = await open(path);
    try {
      const written = encode({ ...intent, seq });
      await overwrite(handle, written, 0);
      if (isExact) await handle.truncate(written.length);
      await handle.datasync();
    } finally {
      await handle.close().catch(() => undefined);
    }
    if (!named.has(path)) await syncDirectory(join(dir, LEDGER), disk);
    named.add(path);
    last.set(stream, seq);
  };
  /** Notes that nothing is about to be written, and keeps no byte of what was noted before. */
  const clear = async (stream: JsonlFile, file: Omit<Intent, 'data'>): Promise<void> => {
    for (const _slot of [0, 1]) await note(stream, { ...file, data: Buffer.alloc(0) }, true);
  };
  return { note, clear };
};
export type Note = ReturnType<typeof intentLog>['note'];

/** What is kept of the notes of a stream, read as text. */
export const notedText = (dir: string, stream: JsonlFile, disk: Disk = DISK): string =>
  [0, 1]
    .map((seq) => slotOf(dir, stream, seq))
    .map((path) => (disk.existsSync(path) ? disk.readFileSync(path, 'utf8') : ''))
    .join('\n');
