import { defer, from } from 'rxjs';
import type { Commit, Position } from '../../model/checkpoint.ts';
import { type JsonlFile, OUTPUT_FILES } from '../../model/jsonlFile.ts';
import type { Deliver } from '../../model/shapes.ts';
import { oneAtATime } from '../oneAtATime.ts';
import { reasonOf } from '../thrown.ts';
import { outputBudget } from './budget.ts';
import { writeAll } from './checkpointFile.ts';
import { checkpointLog } from './checkpointLog.ts';
import { DISK } from './disk.ts';
import { intentLog } from './intent.ts';
import {
  checkPlace,
  isInPlace,
  type JsonlOptions,
  mend,
  type OpenFile,
  type Options,
  openAgain,
  openFile,
} from './openJsonl.ts';
import { endOf } from './ownFiles.ts';
import { packSettled } from './pack.ts';
import { dayOf } from './presentFiles.ts';
import { rotate } from './rotate.ts';
import { segmentOf } from './segments.ts';

const isTakenIn = (file: JsonlFile): boolean =>
  file === 'rssi_readings' || file === 'rejected_messages';

/** So much of what has changed is appended to a checkpoint in any case. */
const SMALL_BYTES = 1_000_000;

/**
 * The files of a directory, each `<name>.jsonl`, or another name where that is somebody else's;
 * append-only, rotated by size, by UTC day and by store.
 * `append` and `commit` write all or nothing, to last, and error where the disk fails; at one time
 * only one of them may be under way for a file.
 */
export const jsonlFiles = (given: JsonlOptions) => {
  const disk = given.disk ?? DISK;
  const { note } = intentLog(given.dir, disk);
  const doubtful = new Set<JsonlFile>();
  const options: Options = {
    ...{ store: '', isUploading: true, maxTotalBytes: Number.POSITIVE_INFINITY, ...given },
    ...{ disk, doubtful, note, inTurn: oneAtATime() },
  };
  const budget = outputBudget(options.maxTotalBytes, options);
  /** Packing goes on while lines are written; by stream. */
  const packing = new Map<JsonlFile, Promise<void>>();
  const opened = new Map<JsonlFile, OpenFile>();
  const ends = new Map<JsonlFile, Position>();
  const checkpoints = checkpointLog(
    options.dir,
    Math.min(SMALL_BYTES, options.maxBytes),
    options.disk,
  );

  const pack = (file: JsonlFile): void => {
    const before = packing.get(file) ?? Promise.resolve();
    const packed = before
      .then(() => packSettled(file, options))
      // It stays as it is, and is tried again with the next.
      .catch((problem: unknown) =>
        options.log({ level: 'warn', event: 'file not packed', file, reason: reasonOf(problem) }),
      );
    packing.set(file, packed);
  };

  const ready = async (file: JsonlFile, bytes: number): Promise<OpenFile> => {
    const known = opened.get(file) ?? (await openFile(file, options));
    const ours = (await isInPlace(known, options)) ? known : await openAgain(file, known, options);
    const current = ours.torn ? await mend(file, ours, options) : ours;
    opened.set(file, current);
    const fits = current.bytes + bytes <= options.maxBytes && current.day === dayOf(options.now());
    if ((fits && current.store === options.store) || current.bytes === 0) return current;
    ends.set(file, { segment: current.segment, bytes: current.bytes });
    opened.delete(file);
    await options.inTurn(() => rotate(file, current, options));
    pack(file);
    return ready(file, bytes);
  };

  /**
   * Notes what is to be written, writes and syncs it; the file after it, which counts from
   * {@link keep} on.
   */
  const write = async (file: JsonlFile, lines: ReadonlyArray<string>): Promise<OpenFile> => {
    const data = Buffer.from(lines.join(''));
    // What follows from what was taken in has to be written, whatever it takes.
    if (isTakenIn(file)) await budget.admit(data.length);
    const target = await ready(file, data.length);
    const { name, segment, bytes: from, handle } = target;
    opened.set(file, { ...target, torn: true });
    await note(file, { name, segment, store: options.store, from, data });
    await writeAll(handle, data);
    await handle.datasync();
    await checkPlace(target, data, options);
    budget.add(data.length);
    const [first = ''] = lines;
    const written = segment ?? segmentOf(first.trimEnd());
    return { ...target, segment: written, store: options.store, bytes: from + data.length };
  };

  const keep = (file: JsonlFile, after: OpenFile): void => {
    opened.set(file, after);
    ends.set(file, { segment: after.segment, bytes: after.bytes });
  };

  const append =
    (file: JsonlFile): Deliver<ReadonlyArray<string>> =>
    (lines) =>
      defer(() => from(write(file, lines).then((after) => keep(file, after))));

  const end = (file: JsonlFile): Position => {
    const known = ends.get(file) ?? endOf(options.dir, file, disk);
    ends.set(file, known);
    return known;
  };

  const commitAll = async ({ lines, state }: Commit): Promise<void> => {
    await checkpoints.settle();
    const files = OUTPUT_FILES.filter((file) => (lines[file] ?? []).length > 0);
    // One after another: that they all fail for one reason is told once.
    const written = new Map<JsonlFile, OpenFile>();
    for (const file of files) written.set(file, await write(file, lines[file] ?? []));
    const outputs: Record<string, Position> = {};
    for (const file of OUTPUT_FILES) {
      const after = written.get(file);
      outputs[file] = after ? { segment: after.segment, bytes: after.bytes } : end(file);
    }
    const journal = end('rssi_readings');
    await checkpoints.commit({ version: 1, journal, outputs, state });
    for (const [file, after] of written) keep(file, after);
  };
  const commit: Deliver<Commit> = (change) => defer(() => from(commitAll(change)));

  const close = async (): Promise<void> => {
    // What was written is synced: a disk that fails now takes nothing of it.
    await Promise.allSettled([...opened.values()].map(({ handle }) => handle.close()));
    opened.clear();
    await checkpoints.close();
    await Promise.all(packing.values());
  };
  return { append, commit, close };
};
