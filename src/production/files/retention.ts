import { join } from 'node:path';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { readLedger, writeLedger } from './ledger.ts';
import type { Options } from './openJsonl.ts';
import { filesOf } from './ownFiles.ts';
import { settledFiles } from './settled.ts';

const DAY_MS = 86_400_000;

/**
 * Deletes the rotated files of a stream that are settled and older than `retentionDays`, by the
 * machine's clock and by the days that were lived through since: a clock that jumps ahead makes
 * nothing old. A file in which somebody else's bytes stand behind ours is kept.
 */
export const deleteOld = async (stream: JsonlFile, options: Options): Promise<void> => {
  const { dir, disk, retentionDays, now } = options;
  const { days, closed } = readLedger(dir, stream, disk);
  const own = new Map(filesOf(dir, stream, disk).closed.map((file) => [file.ledgerName, file]));
  const isOld = (mtimeMs: number, closedOn: number): boolean =>
    days.lived - closedOn >= retentionDays && mtimeMs < now() - retentionDays * DAY_MS;
  const old = closed.filter(({ name, closedOn }) => {
    const file = own.get(name);
    return file && file.size === file.bytes && isOld(file.mtimeMs, closedOn);
  });
  if (old.length === 0) return;
  const settled = settledFiles(dir, stream, options.isUploading, disk);
  const expired = old.filter(({ name }) => settled.has(own.get(name)?.name ?? ''));
  for (const { name } of expired)
    await disk.promises.rm(own.get(name)?.path ?? join(dir, name), { force: true });
  const gone = new Set(expired.map(({ name }) => name));
  const kept = closed.filter(({ name }) => !gone.has(name));
  await writeLedger(dir, stream, { days, closed: kept }, disk);
};
