import { Writable } from 'node:stream';
import { safeText } from './safeText.ts';

export interface Terminal {
  /** Ordinary lines, above the status line. */
  readonly print: (text: string) => void;
  /** Replaces the status line, which may tell what came from outside; where there is no terminal, a line among the others now and then. */
  readonly status: (text: string) => void;
  /** Takes log lines, above the status line. */
  readonly log: NodeJS.WritableStream;
  readonly isInteractive: boolean;
}

const PLAIN_EVERY_MS = 2_000;
const CLEAR_LINE = '\r\u001b[2K';

/**
 * One status line at the bottom of `output`, everything else scrolling above it. What cannot be
 * written is lost, and ends nothing else: the reader may have gone, or the disk be full for a while.
 */
export const openTerminal = (output: NodeJS.WriteStream): Terminal => {
  const isInteractive = output.isTTY === true;
  output.on('error', () => undefined);
  let shown = '';
  let saidAt = 0;
  const print = (text: string): void => {
    output.write(shown === '' ? text : `${CLEAR_LINE}${text}${shown}`);
  };
  const status = (said: string): void => {
    const text = safeText(said);
    if (!isInteractive) {
      if (text === '' || Date.now() - saidAt < PLAIN_EVERY_MS) return;
      saidAt = Date.now();
      output.write(`${text}\n`);
      return;
    }
    shown = text.slice(0, Math.max((output.columns ?? 80) - 1, 20));
    output.write(`${CLEAR_LINE}${shown}`);
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
