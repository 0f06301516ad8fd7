import type { JsonlFile } from '../../model/jsonlFile.ts';
import type { Env } from '../../model/shapes.ts';
import type { Disk } from './disk.ts';
import { closeFile, readLedger, writeLedger } from './ledger.ts';
import type { PresentFile } from './ownFiles.ts';
import { segmentAt } from './segments.ts';
import { takeTail } from './tail.ts';

interface Place {
  readonly dir: string;
  readonly log: Env['log'];
  readonly disk: Disk;
}

export const dayOf = (unixMs: number): string => new Date(unixMs).toISOString().slice(0, 10);

const ADVICE =
  'nothing of it is touched; if another program writes there, give it or the pipeline another directory';

/** Nothing is appended to the file any more; `bytes` of it are ours, and stay so. */
export const retire = async (
  stream: JsonlFile,
  { name, path, store, intent, mtimeMs }: PresentFile,
  bytes: number,
  { dir, log, disk }: Place,
): Promise<void> => {
  log({ level: 'error', event: 'somebody else writes to a file', file: name, advice: ADVICE });
  const segment = segmentAt(path, disk);
  if (bytes === 0 || segment === null) return;
  const file = { name, segment, store, bytes, seq: intent.seq };
  const ledger = closeFile(readLedger(dir, stream, disk), file, dayOf(mtimeMs));
  await writeLedger(dir, stream, ledger, disk);
};

/**
 * Makes safe the file that a stream is appended to, and takes back what a process that was killed
 * left behind `end`: by default behind its last whole line. Undefined where somebody else's bytes
 * follow on ours: then it is retired.
 */
export const settlePresent = async (
  stream: JsonlFile,
  present: PresentFile,
  place: Place,
  end = present.bytes,
): Promise<PresentFile | undefined> => {
  if (await takeTail(present, end, place.disk))
    return { ...present, bytes: end, segment: end === 0 ? null : present.segment, size: end };
  await retire(stream, present, end === 0 ? 0 : Math.max(end, present.bytes), place);
  return undefined;
};
