import { Writable } from 'node:stream';
import { safeText } from './safeText.ts';

export interface Terminal {
  /** Ordinary lines, above the status lines. */
  readonly print: (text: string) => void;
  /**
   * Replaces the status lines, which may tell what came from outside; where there is no terminal,
   * lines among the others now and then, of which one that stands as it stood is not said again.
   */
  readonly status: (...lines: ReadonlyArray<string>) => void;
  /** Takes log lines, above the status lines. */
  readonly log: NodeJS.WritableStream;
  readonly isInteractive: boolean;
}

const PLAIN_EVERY_MS = 2_000;

/** Back to the first of `lines` that the cursor ends, and everything from there on wiped. */
const clear = (lines: ReadonlyArray<string>): string =>
  lines.length > 1 ? `\r\u001b[${lines.length - 1}A\u001b[J` : '\r\u001b[2K';

/**
 * A few status lines at the bottom of `output`, everything else scrolling above it. What cannot be
 * written is lost, and ends nothing else: the reader may have gone, or the disk be full for a while.
 */
export const openTerminal = (output: NodeJS.WriteStream): Terminal => {
  const isInteractive = output.isTTY === true;
  output.on('error', () => undefined);
  let shown: ReadonlyArray<string> = [];
  let saidAt = 0;
  const print = (text: string): void => {
    const isBelow = isInteractive && shown.length > 0;
    output.write(isBelow ? `${clear(shown)}${text}${shown.join('\n')}` : text);
  };
  const status = (...said: ReadonlyArray<string>): void => {
    const lines = said.filter((line) => line !== '').map(safeText);
    if (!isInteractive) {
      if (lines.length === 0 || Date.now() - saidAt < PLAIN_EVERY_MS) return;
      saidAt = Date.now();
      output.write(
        lines
          .filter((line) => !shown.includes(line))
          .map((line) => `${line}\n`)
          .join(''),
      );
      shown = lines;
      return;
    }
    const width = Math.max((output.columns ?? 80) - 1, 20);
    const before = clear(shown);
    shown = lines.map((line) => line.slice(0, width));
    output.write(`${before}${shown.join('\n')}`);
  };
  const log = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      print(String(chunk));
      done();
    },
  });
  return { print, status, log, isInteractive };
};

const BAR_CHARS = 30;

/** `  ████████░░░░  40 %  1200 readings`; `done` from 0 to 1. */
export const progressBar = (done: number, said: string): string => {
  const full = Math.round(Math.min(Math.max(done, 0), 1) * BAR_CHARS);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_CHARS - full);
  return `  ${bar} ${String(Math.round(done * 100)).padStart(3)} %  ${said}`;
};
