import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ScriptFile, ScriptLine } from '../../model/scriptRow.ts';
import type { Env } from '../../model/shapes.ts';
import { linesFrom } from '../../production/files/followedFile.ts';
import { type FileCursor, hashOf, type KnownLine, knownLine } from './importCursor.ts';

export interface SourceFile {
  /**
   * At most `most` whole lines behind those that it gave before; none at the end.
   * @throws what the disk says
   */
  readonly read: (most: number) => ReadonlyArray<ScriptLine>;
}

/** Where reading stands: behind `number` lines, in the file in which `known` stands. */
interface Position {
  readonly offset: number;
  readonly number: number;
  readonly known: KnownLine;
}

const KEPT_ELSEWHERE =
  'what was appended behind that line before is not in this folder: if you kept it, import the folder in which it is';

const inodeOf = (path: string): string | undefined => {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() ? String(stat.ino) : undefined;
};

const holds = (path: string, { begins, ends, hash }: KnownLine): boolean => {
  const [line] = linesFrom(path, begins);
  return line !== undefined && line.offset === ends && hashOf(line.text) === hash;
};

/** The file of the folder that had the name before, as a rotation leaves it. */
const movedTo = (dir: string, known: KnownLine): string | undefined =>
  readdirSync(dir)
    .map((name) => join(dir, name))
    .find((one) => inodeOf(one) === known.part && holds(one, known));

/** The file that took the name after that one, where the name was handed on again since. */
const rotatedAfter = (dir: string, name: string, earlier: string): string | undefined => {
  const { mtimeMs } = statSync(earlier);
  return readdirSync(dir)
    .filter((one) => one.startsWith(`${name}.`))
    .map((one) => ({ path: join(dir, one), stat: statSync(join(dir, one)) }))
    .filter(({ stat }) => stat.isFile() && stat.size > 0 && stat.mtimeMs > mtimeMs)
    .sort((a, b) => a.stat.mtimeMs - b.stat.mtimeMs)
    .map(({ path }) => path)[0];
};

const startOf = ({ since, settled }: FileCursor): Position => ({
  offset: since.begins,
  number: since.number - 1,
  known: settled,
});

/**
 * Follows a file that another program appends to. It is only ever read. A torn last line is waited
 * for. When it was renamed within its folder (`<name>.1`), what was appended until then is read first,
 * then what was renamed so after it; when another file has its name, or it was cut off, that is told
 * and read from the beginning, which costs time and adds nothing.
 */
export const sourceFile = (
  dir: string,
  file: ScriptFile,
  cursor: FileCursor | undefined,
  log: Env['log'],
): SourceFile => {
  const name = `${file}.jsonl`;
  const path = join(dir, name);
  /** Up to where an earlier run is done; nothing of a file that was begun anew. */
  let settledUpTo = cursor?.settled.ends ?? 0;
  let at = cursor && startOf(cursor);
  let isGone = false;

  const linesOf = (from: string, most: number): ReadonlyArray<ScriptLine> => {
    const part = inodeOf(from);
    if (part === undefined) return [];
    const lines: ScriptLine[] = [];
    let { offset: begins, number } = at ?? { offset: 0, number: 0 };
    for (const { text, offset: ends } of linesFrom(from, begins)) {
      number += 1;
      lines.push({ file, part, number, begins, ends, text, isSettled: ends <= settledUpTo });
      begins = ends;
      if (lines.length >= most) break;
    }
    // Another file may have taken the name just now: what was read would be of both.
    const last = inodeOf(from) === part ? lines.at(-1) : undefined;
    if (last === undefined) return [];
    at = { offset: last.ends, number: last.number, known: knownLine(last) };
    return lines;
  };
  const readAnew = (from: string, { number }: KnownLine, isWhole: boolean, most: number) => {
    const advice = isWhole ? {} : { advice: KEPT_ELSEWHERE };
    log({ level: 'warn', event: 'source file begun anew', file: name, readTo: number, ...advice });
    at = undefined;
    settledUpTo = 0;
    return linesOf(from, most);
  };
  const waitForIt = (): ReadonlyArray<ScriptLine> => {
    if (!isGone) log({ level: 'warn', event: 'source file is gone', file: name });
    isGone = true;
    return [];
  };
  return {
    read: (most) => {
      const isThere = inodeOf(path) !== undefined;
      if (at === undefined || (isThere && holds(path, at.known))) {
        isGone = false;
        return linesOf(path, most);
      }
      const { known } = at;
      const moved = movedTo(dir, known);
      const rest = moved === undefined ? [] : linesOf(moved, most);
      if (rest.length > 0) return rest;
      const next = moved && rotatedAfter(dir, name, moved);
      if (next === undefined && !isThere) return waitForIt();
      return readAnew(next ?? path, known, moved !== undefined, most);
    },
  };
};
