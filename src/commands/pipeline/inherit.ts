import { lastValueFrom } from 'rxjs';
import type { OpenWindow } from '../../model/openWindow.ts';
import type { WindowPolicy } from '../../model/policies.ts';
import type { Identity } from '../../model/reading.ts';
import type { Env } from '../../model/shapes.ts';
import { DISK } from '../../production/files/disk.ts';
import type { jsonlFiles } from '../../production/files/jsonlFiles.ts';
import { recover } from '../../production/files/recovery.ts';
import { memoryOf, snapshotOf } from '../../streams/memory.ts';
import type { Inherited } from '../../streams/pipeline.ts';
import { foreignText, recoveryText } from './pipelineText.ts';

const readingsIn = (windows: Iterable<OpenWindow>): number =>
  [...windows]
    .flatMap(({ rssi }) => Object.values(rssi))
    .reduce((total, dbm) => total + dbm.length, 0);

/** What the newest reading of each sensor was corrected by, s. */
const offsetsOf = (known: Iterable<Identity>): ReadonlyMap<string, number> => {
  const offsets = new Map<string, number>();
  for (const { sensor_id, ts, sensor_ts = ts } of known) offsets.set(sensor_id, ts - sensor_ts);
  return offsets;
};

/**
 * Takes over what the process before this one left in `dir`, and begins with a checkpoint of it:
 * from here on nothing that is acknowledged can be forgotten.
 */
export const inherit = async (
  dir: string,
  policy: WindowPolicy,
  files: Pick<ReturnType<typeof jsonlFiles>, 'commit'>,
  log: Env['log'],
  disk = DISK,
): Promise<{ readonly inherited: Inherited; readonly text: string }> => {
  const { state, later, known, linesTakenBack: lines, foreign } = await recover(dir, log, disk);
  const memory = memoryOf(state, policy, later);
  await lastValueFrom(files.commit({ lines: {}, state: snapshotOf(memory) }));
  const readings = readingsIn(memory.windows.values());
  const phones = memory.tracks.phones.size;
  if (readings + lines + phones > 0)
    log({ level: 'info', event: 'crash recovered', readings, reread: later.length, lines, phones });
  for (const { name, own, ...instead } of foreign)
    log({ level: 'warn', event: 'file of another program', file: name, own, ...instead });
  const text = recoveryText({ readings, lines, phones }) + foreignText(dir, foreign);
  return { inherited: { memory, known, offsets: offsetsOf(known) }, text };
};
