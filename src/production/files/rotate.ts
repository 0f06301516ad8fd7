import { join } from 'node:path';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { readIntent } from './intent.ts';
import { closeFile, readLedger, writeLedger } from './ledger.ts';
import type { OpenFile, Options } from './openJsonl.ts';
import { dayOf } from './presentFiles.ts';
import { deleteOld } from './retention.ts';
import { rotatedName, syncDirectory } from './segments.ts';

/**
 * `dwells.jsonl` becomes `dwells.2026-03-01.1.jsonl`; a file that never had the usual name keeps its
 * own. What is too old is deleted then.
 */
export const rotate = async (
  stream: JsonlFile,
  { handle, name, segment, store, bytes, day }: OpenFile,
  options: Options,
): Promise<void> => {
  const { dir, disk, now } = options;
  await handle.close();
  const isUsual = name === `${stream}.jsonl`;
  const rotated = isUsual ? rotatedName(stream, day, await disk.promises.readdir(dir)) : name;
  const seq = readIntent(dir, stream, disk)?.seq ?? 0;
  const file = { name: rotated, segment: segment ?? '', store, bytes, seq };
  const ledger = closeFile(readLedger(dir, stream, disk), file, dayOf(now()));
  // Before the name: a file that is found under neither would be nobody's.
  await writeLedger(dir, stream, ledger, disk);
  if (isUsual) await disk.promises.rename(join(dir, name), join(dir, rotated));
  await syncDirectory(dir, disk);
  await deleteOld(stream, options);
};
