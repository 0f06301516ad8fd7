import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { parseJson } from '../../model/json.ts';
import type { ScriptLine } from '../../model/scriptRow.ts';
import { writePrivateFile } from '../../production/files/privateFile.ts';

/** A line that was read: where it stands, and by what it is known again. */
const KnownLine = t.strict({
  part: t.string,
  number: t.number,
  begins: t.number,
  ends: t.number,
  hash: t.string,
});
export type KnownLine = t.TypeOf<typeof KnownLine>;

/** The last line that is settled, and the line from which on to read again. */
const FileCursor = t.strict({
  settled: KnownLine,
  since: t.strict({ number: t.number, begins: t.number }),
});
export type FileCursor = t.TypeOf<typeof FileCursor>;

/** How far one folder was imported into one store. */
const ImportCursor = t.intersection([
  t.strict({ source: t.string, store_id: t.string }),
  t.partial({ zone_assignments: FileCursor, dwells: FileCursor }),
]);
export type ImportCursor = t.TypeOf<typeof ImportCursor>;

/** A line holds a phone's address: it is known again by a hash. */
export const hashOf = (line: string): string =>
  createHash('sha256').update(line).digest('base64url').slice(0, 16);

export const knownLine = ({ part, number, begins, ends, text }: ScriptLine): KnownLine => ({
  part,
  number,
  begins,
  ends,
  hash: hashOf(text),
});

/** One file a folder and store; none of it stands in the folder itself. */
const fileOf = (importsDir: string, source: string, store: string): string => {
  const name = createHash('sha256').update(`${store}\n${source}`).digest('hex').slice(0, 16);
  return join(importsDir, `${name}.json`);
};

/** Where the last run ended; at the beginning where there was none, or its cursor cannot be read. */
export const readImportCursor = (
  importsDir: string,
  source: string,
  store_id: string,
): ImportCursor => {
  const path = fileOf(importsDir, source, store_id);
  const read = ImportCursor.decode(
    existsSync(path) ? parseJson(readFileSync(path, 'utf8')) : undefined,
  );
  return E.isRight(read) ? read.right : { source, store_id };
};

export const writeImportCursor = async (
  importsDir: string,
  cursor: ImportCursor,
): Promise<void> => {
  await mkdir(importsDir, { recursive: true, mode: 0o700 });
  const path = fileOf(importsDir, cursor.source, cursor.store_id);
  await writePrivateFile(path, `${JSON.stringify(cursor)}\n`);
};
