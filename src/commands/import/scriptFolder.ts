import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import { defer, EMPTY, from, map, of, throwError } from 'rxjs';
import { SCRIPT_FILES, type ScriptFile, type ScriptRow } from '../../model/scriptRow.ts';
import type { Env } from '../../model/shapes.ts';
import { reasonOf } from '../../production/thrown.ts';
import type { ScriptSource } from '../../streams/imports.ts';
import { Misconfigured } from '../settings.ts';
import {
  type FileCursor,
  type ImportCursor,
  knownLine,
  readImportCursor,
  writeImportCursor,
} from './importCursor.ts';
import type { ImportTally } from './importTally.ts';
import { type SourceFile, sourceFile } from './sourceFile.ts';

/** So many lines of each file are read in one go. */
const LINES = 2_000;

const nameOf = (file: ScriptFile): string => `${file}.jsonl`;
const [ASSIGNMENTS, DWELLS] = SCRIPT_FILES.map(nameOf);

/** Bytes of a file of the folder; 0 where it is not there, or cannot be read, which reading it tells. */
const bytesOf = (dir: string, file: ScriptFile): number => {
  const stat = E.tryCatch(() => statSync(join(dir, nameOf(file))), reasonOf);
  return E.isRight(stat) ? stat.right.size : 0;
};

/**
 * The folder by its one true name.
 * @throws Misconfigured where there is none, or, unless it may come later, nothing to import
 */
export const scriptFolder = (dir: string, mayComeLater: boolean): string => {
  const refuse = (why: string): never => {
    throw new Misconfigured([`--from: ${why}`]);
  };
  const stat = statSync(dir, { throwIfNoEntry: false });
  if (stat === undefined) return refuse(`there is no folder ${dir}; give the script's OUTPUT_DIR`);
  if (!stat.isDirectory())
    return refuse(`${dir} is no folder; give the one with ${ASSIGNMENTS} and ${DWELLS}`);
  const isEmpty = !SCRIPT_FILES.some((file) => existsSync(join(dir, nameOf(file))));
  if (isEmpty && !mayComeLater)
    return refuse(
      `${dir} holds neither ${ASSIGNMENTS} nor ${DWELLS}; give the script's OUTPUT_DIR, or add --follow to wait for them`,
    );
  try {
    return realpathSync(dir);
  } catch (problem) {
    return refuse(reasonOf(problem));
  }
};

/** What could be read comes first: a file that cannot be costs the lines of the other one nothing. */
const readAll = (files: ReadonlyArray<SourceFile>): ScriptSource['read'] => {
  const read = () => {
    const tries = files.map((file) => E.tryCatch(() => file.read(LINES), reasonOf));
    const lines = tries.flatMap((tried) => (E.isRight(tried) ? tried.right : []));
    const problem = tries.find(E.isLeft);
    if (lines.length > 0 || problem === undefined) return lines.length === 0 ? EMPTY : of(lines);
    return throwError(() => new Error(`${problem.left}; mend it, and import again`));
  };
  return () => defer(read);
};

/** Both files from the beginning, to look at: nothing is remembered. */
export const lookAt = (dir: string, log: Env['log']): ScriptSource['read'] =>
  readAll(SCRIPT_FILES.map((file) => sourceFile(dir, file, undefined, log)));

const cursorOf = ({ line, since }: ScriptRow): FileCursor => ({
  settled: knownLine(line),
  since:
    since.part === line.part
      ? { number: since.number, begins: since.begins }
      : { number: 1, begins: 0 },
});

/** The last row of each file is how far it is settled. */
const movedOn = (before: ImportCursor, rows: ReadonlyArray<ScriptRow>): ImportCursor => {
  const after = { ...before };
  for (const row of rows) after[row.line.file] = cursorOf(row);
  return after;
};

/** Both files from where the last import into this store ended. */
export const followFolder = (
  dir: string,
  storeId: string,
  importsDir: string,
  log: Env['log'],
): ScriptSource => {
  let cursor = readImportCursor(importsDir, dir, storeId);
  return {
    read: readAll(SCRIPT_FILES.map((file) => sourceFile(dir, file, cursor[file], log))),
    settle: (rows) =>
      defer(() => {
        const next = movedOn(cursor, rows);
        return from(writeImportCursor(importsDir, next)).pipe(
          map(() => {
            cursor = next;
          }),
        );
      }),
  };
};

/** How much of the files, as they were at the start, was read. */
export const progressOf = (dir: string, tally: Pick<ImportTally, 'bytes'>): (() => number) => {
  const total = SCRIPT_FILES.reduce((sum, file) => sum + bytesOf(dir, file), 0);
  return () => {
    const done = SCRIPT_FILES.reduce((sum, file) => sum + tally.bytes[file], 0);
    return total === 0 ? 1 : Math.min(done / total, 1);
  };
};
