import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Env } from '../../model/shapes.ts';
import type { Truth } from './truth.ts';

export interface TruthFile {
  /** Does not wait; records are written one a line, in the order of the calls. */
  readonly append: (truth: ReadonlyArray<Truth>) => void;
  /** Resolves when everything appended so far is written. */
  readonly close: () => Promise<void>;
}

/** Opens `path` for appending and creates its folder; a full disk is logged, once, and survived. */
export const openTruthFile = async (path: string, log: Env['log']): Promise<TruthFile> => {
  await mkdir(dirname(path), { recursive: true });
  let failing = false;
  const write = async (lines: string) => {
    try {
      await appendFile(path, lines, { mode: 0o600 });
      failing = false;
    } catch (problem) {
      if (!failing)
        log({ level: 'warn', event: 'truth write failed', file: path, reason: String(problem) });
      failing = true;
    }
  };
  let written = Promise.resolve();
  return {
    append: (truth) => {
      const lines = truth.map((record) => `${JSON.stringify(record)}\n`).join('');
      if (lines !== '') written = written.then(() => write(lines));
    },
    close: () => written,
  };
};
