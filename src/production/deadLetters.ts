import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { FailedUpload } from '../model/failedUpload.ts';
import { parseJson } from '../model/json.ts';
import { linesOf } from './lines.ts';

/** A line of redriven_uploads.jsonl: this dead letter has arrived after all. Unix seconds. */
export const RedrivenUpload = t.strict({ batch_id: t.string, redriven_at: t.number });
export type RedrivenUpload = t.TypeOf<typeof RedrivenUpload>;

export interface DeadLetters {
  /** The last failure of each upload that has not arrived since, oldest first. */
  readonly pending: ReadonlyArray<FailedUpload>;
  /** Lines that cannot be read. */
  readonly unreadable: number;
}

const readAll = <A>(dir: string, name: string, codec: t.Type<A, unknown, unknown>) =>
  (existsSync(dir) ? readdirSync(dir) : [])
    .filter((file) => file.startsWith(`${name}.`) && file.endsWith('.jsonl'))
    .flatMap((file) => [...linesOf(join(dir, file))])
    .filter((line) => line.trim() !== '')
    .map((line) => codec.decode(parseJson(line)));

const rights = <A>(decoded: ReadonlyArray<t.Validation<A>>): ReadonlyArray<A> =>
  decoded.flatMap((one) => (E.isRight(one) ? [one.right] : []));

/** The dead letters of an output directory, rotated files included; none where there is none. */
export const readDeadLetters = (dir: string): DeadLetters => {
  const failed = readAll(dir, 'failed_uploads', FailedUpload);
  const arrived = new Set(
    rights(readAll(dir, 'redriven_uploads', RedrivenUpload)).map(({ batch_id }) => batch_id),
  );
  const latest = new Map(
    [...rights(failed)]
      .sort((a, b) => a.failed_at - b.failed_at)
      .map((letter): [string, FailedUpload] => [letter.upload.batch_id, letter]),
  );
  return {
    pending: [...latest.values()].filter(({ upload }) => !arrived.has(upload.batch_id)),
    unreadable: failed.filter(E.isLeft).length,
  };
};
