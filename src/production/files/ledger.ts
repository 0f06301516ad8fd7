import { join } from 'node:path';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { parseJson } from '../../model/json.ts';
import type { JsonlFile } from '../../model/jsonlFile.ts';
import { DISK, type Disk } from './disk.ts';
import { LEDGER } from './intent.ts';
import { writePrivateFile } from './privateFile.ts';
import { syncDirectory } from './segments.ts';

/** A file that nothing of ours is appended to any more. */
export const ClosedFile = t.exact(
  t.intersection([
    t.type({
      name: t.string,
      /** The hash of its first line: by it the file is known, not by its name alone. */
      segment: t.string,
      store: t.string,
      /** So many bytes are ours; what stands behind them is somebody else's. */
      bytes: t.number,
      /** How many days had been lived through when it was closed. */
      closedOn: t.number,
      /** Of the last intent that was for this file. */
      seq: t.number,
    }),
    /**
     * Its lines stand in `<name>.gz`; a file of the name itself does not count any more. When the
     * last of them was written, Unix ms.
     */
    t.partial({ packed: t.strict({ mtimeMs: t.number }) }),
  ]),
);
export type ClosedFile = Readonly<t.TypeOf<typeof ClosedFile>>;

/** `ledger/<stream>.json`: the files of a stream that are closed, oldest first. */
const Ledger = t.strict({
  /**
   * Age by a clock that cannot jump: a day counts when it is later than all that were counted, so
   * a clock that jumps ahead adds one day, and none until the days have caught up with it.
   */
  days: t.strict({ latest: t.string, lived: t.number }),
  closed: t.readonlyArray(ClosedFile),
});
export type Ledger = t.TypeOf<typeof Ledger>;

const EMPTY: Ledger = { days: { latest: '', lived: 0 }, closed: [] };

const pathOf = (dir: string, stream: JsonlFile): string => join(dir, LEDGER, `${stream}.json`);

/** Empty where there is none, or where it cannot be read: then nothing is ours that it named. */
export const readLedger = (dir: string, stream: JsonlFile, disk: Disk = DISK): Ledger => {
  const path = pathOf(dir, stream);
  if (!disk.existsSync(path)) return EMPTY;
  const ledger = Ledger.decode(parseJson(disk.readFileSync(path, 'utf8')));
  return E.isRight(ledger) ? ledger.right : EMPTY;
};

/** Replaces it in one step, durably. */
export const writeLedger = async (
  dir: string,
  stream: JsonlFile,
  ledger: Ledger,
  disk: Disk = DISK,
): Promise<void> => {
  await writePrivateFile(pathOf(dir, stream), `${JSON.stringify(ledger)}\n`, disk);
  await syncDirectory(join(dir, LEDGER), disk);
};

const countDay = ({ latest, lived }: Ledger['days'], today: string): Ledger['days'] =>
  today > latest ? { latest: today, lived: lived + 1 } : { latest, lived };

/** Enters a file as closed, `today`, a UTC day; behind all that were closed before it. */
export const closeFile = (
  { days, closed }: Ledger,
  file: Omit<ClosedFile, 'closedOn'>,
  today: string,
): Ledger => {
  const counted = countDay(days, today);
  const others = closed.filter(({ seq, name }) => seq !== file.seq && name !== file.name);
  return { days: counted, closed: [...others, { ...file, closedOn: counted.lived }] };
};
