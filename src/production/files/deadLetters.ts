import { join } from 'node:path';
import { either as E } from 'fp-ts';
import { FailedUpload, RedrivenUpload, type WaitingLetter } from '../../model/failedUpload.ts';
import { parseJson } from '../../model/json.ts';
import { sizeOf } from '../../model/upload.ts';
import { DISK, type Disk } from './disk.ts';
import { linesFrom } from './followedFile.ts';

export interface DeadLetters {
  /** The last failure of each upload that has not arrived since, oldest first. */
  readonly pending: ReadonlyArray<WaitingLetter>;
  /** Lines that cannot be read. */
  readonly unreadable: number;
}

/** The files of a kind, rotated ones and those of a redrive by hand included. */
const filesOf = (
  dir: string,
  name: string,
  { existsSync, readdirSync }: Disk,
): ReadonlyArray<string> =>
  (existsSync(dir) ? readdirSync(dir) : [])
    .filter((file) => file.startsWith(`${name}.`) && file.endsWith('.jsonl'))
    .map((file) => join(dir, file));

/** Which uploads have arrived after all. */
const arrivedIn = (dir: string, disk: Disk): ReadonlySet<string> => {
  const arrived = new Set<string>();
  for (const path of filesOf(dir, 'redriven_uploads', disk))
    for (const { text } of linesFrom(path, 0, disk)) {
      const decoded = RedrivenUpload.decode(parseJson(text));
      if (E.isRight(decoded)) arrived.add(decoded.right.batch_id);
    }
  return arrived;
};

const letterAt = (letter: FailedUpload, path: string, offset: number): WaitingLetter => {
  const { upload, answer: _mayBeLong, ...rest } = letter;
  return { ...rest, batch_id: upload.batch_id, rows: sizeOf(upload), path, offset };
};

/** The dead letters of an output directory, without their rows; none where there is none. */
export const readDeadLetters = (dir: string, disk: Disk = DISK): DeadLetters => {
  const arrived = arrivedIn(dir, disk);
  const latest = new Map<string, WaitingLetter>();
  let unreadable = 0;
  for (const path of filesOf(dir, 'failed_uploads', disk)) {
    let start = 0;
    for (const { text, offset } of linesFrom(path, 0, disk)) {
      const decoded = FailedUpload.decode(parseJson(text));
      if (E.isRight(decoded)) {
        const letter = letterAt(decoded.right, path, start);
        const known = latest.get(letter.batch_id);
        const isNews = known === undefined || known.failed_at <= letter.failed_at;
        if (isNews && !arrived.has(letter.batch_id)) latest.set(letter.batch_id, letter);
      } else if (text.trim() !== '') unreadable += 1;
      start = offset;
    }
  }
  return { pending: [...latest.values()].sort((a, b) => a.failed_at - b.failed_at), unreadable };
};

/** The whole letter. @throws where it is not where it was: its file was rotated or written anew */
export const loadLetter = (
  { path, offset, batch_id }: WaitingLetter,
  disk: Disk = DISK,
): FailedUpload => {
  const [line] = linesFrom(path, offset, disk);
  const letter = FailedUpload.decode(parseJson(line?.text ?? ''));
  if (E.isRight(letter) && letter.right.upload.batch_id === batch_id) return letter.right;
  throw new Error(`dead letter ${batch_id} is not where it was`);
};
