import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { concat, defer, last, NEVER, of } from 'rxjs';
import type { Commit } from '../../model/checkpoint.ts';
import { type JsonlFile, OUTPUT_FILES } from '../../model/jsonlFile.ts';
import type { Deliver } from '../../model/shapes.ts';

const FLUSH_CHARS = 1_000_000;

/**
 * The JSONL files of a replay, written synchronously and in large pieces: virtual time cannot wait
 * for a disk, nor try again later: the first failure is told and ends it. Each file must be new, so that a replay never mixes with what is already there.
 */
export const replayFiles = (dir: string, onFailure: (problem: unknown) => void) => {
  const opened = new Map<JsonlFile, { readonly file: number; waiting: string[]; chars: number }>();
  const open = (name: JsonlFile) => {
    const known = opened.get(name);
    if (known) return known;
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const created = {
      file: openSync(join(dir, `${name}.jsonl`), 'wx', 0o600),
      waiting: [],
      chars: 0,
    };
    opened.set(name, created);
    return created;
  };
  const flush = (target: ReturnType<typeof open>): void => {
    writeFileSync(target.file, target.waiting.join(''));
    target.waiting = [];
    target.chars = 0;
  };
  const append =
    (name: JsonlFile): Deliver<ReadonlyArray<string>> =>
    (lines) =>
      defer(() => {
        const target = open(name);
        target.waiting.push(...lines);
        target.chars += lines.reduce((total, line) => total + line.length, 0);
        try {
          if (target.chars >= FLUSH_CHARS) flush(target);
          return of(undefined);
        } catch (problem) {
          onFailure(problem);
          return NEVER;
        }
      });
  /** A replay that breaks off is begun again: it needs no checkpoint. */
  const commit: Deliver<Commit> = ({ lines }) =>
    concat(
      of(undefined),
      ...OUTPUT_FILES.flatMap((name) => (lines[name]?.length ? [append(name)(lines[name])] : [])),
    ).pipe(last());
  return {
    /** Opens a file even if nothing will be written to it. */
    create: (name: JsonlFile): void => void open(name),
    append,
    commit,
    close: (): void => {
      for (const target of opened.values()) {
        flush(target);
        closeSync(target.file);
      }
      opened.clear();
    },
  };
};
