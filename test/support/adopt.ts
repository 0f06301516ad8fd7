import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { JSONL_FILES } from '../../src/model/jsonlFile.ts';
import { intentLog, LEDGER } from '../../src/production/files/intent.ts';
import { type ClosedFile, writeLedger } from '../../src/production/files/ledger.ts';
import { isRotated, segmentAt } from '../../src/production/files/segments.ts';

const orderOf = (name: string): string => {
  const [day = '', number = ''] = name.split('.').slice(-3);
  return `${day} ${number.padStart(9, '0')}`;
};

/**
 * Makes the pipeline take what lies in a directory for its own, as if it had written it for `store`:
 * a torn last line is one that it was writing when it was killed.
 */
export const adopt = async (dir: string, store = ''): Promise<void> => {
  await mkdir(join(dir, LEDGER), { recursive: true });
  for (const stream of JSONL_FILES) {
    const names = readdirSync(dir);
    const rotated = names
      .filter((name) => isRotated(stream, name))
      .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
    const closed = rotated.flatMap((name, at): ClosedFile[] => {
      const segment = segmentAt(join(dir, name));
      const bytes = statSync(join(dir, name)).size;
      return segment === null ? [] : [{ name, segment, store, bytes, closedOn: 0, seq: -1 - at }];
    });
    await writeLedger(dir, stream, { days: { latest: '', lived: 0 }, closed });
    const path = join(dir, `${stream}.jsonl`);
    if (!existsSync(path)) continue;
    const all = readFileSync(path);
    const from = all.lastIndexOf('\n') + 1;
    const name = `${stream}.jsonl`;
    const segment = from === 0 ? null : segmentAt(path);
    await intentLog(dir).note(stream, { name, segment, store, from, data: all.subarray(from) });
  }
};
