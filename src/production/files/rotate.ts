import { join } from 'node:path';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { type OpenFile, type Options, pathOf } from './openJsonl.ts';
import { isRotated, syncDirectory } from './segments.ts';

const DAY_MS = 86_400_000;

/** Dead letters wait for a redrive, however long. */
const KEPT: ReadonlySet<JsonlFile> = new Set([
  'failed_uploads',
  'failed_uploads.redrive',
  'redriven_uploads',
  'redriven_uploads.redrive',
]);

const deleteOld = async (file: JsonlFile, options: Options) => {
  const { dir, retentionDays, now } = options;
  const { readdir, rm, stat } = options.disk.promises;
  if (KEPT.has(file)) return;
  const oldest = now() - retentionDays * DAY_MS;
  const rotated = (await readdir(dir)).filter((name) => isRotated(file, name));
  for (const name of rotated) {
    const path = join(dir, name);
    if ((await stat(path)).mtimeMs < oldest) await rm(path);
  }
};

/**
 * `dwells.jsonl` becomes `dwells.2026-03-01.1.jsonl`, numbered from 1 within its day. A file comes
 * behind those that were rotated before it, also where the clock was set back over midnight.
 */
export const rotate = async (file: JsonlFile, { handle, day }: OpenFile, options: Options) => {
  const { dir, disk } = options;
  await handle.close();
  const rotated = (await disk.promises.readdir(dir))
    .filter((name) => isRotated(file, name))
    .map((name) => name.split('.').slice(-3, -1));
  const latest = rotated.reduce((last, [one = '']) => (one > last ? one : last), day);
  const used = rotated.flatMap(([one, number]) => (one === latest ? [Number(number)] : []));
  const path = join(dir, `${file}.${latest}.${Math.max(0, ...used) + 1}.jsonl`);
  await disk.promises.rename(pathOf(file, options), path);
  await syncDirectory(dir, disk);
  await deleteOld(file, options);
};
