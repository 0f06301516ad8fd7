import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = new URL('../../', import.meta.url);
const LOADER = pathToFileURL(fileURLToPath(new URL('node_modules/tsx/dist/loader.mjs', ROOT))).href;
const MAIN = fileURLToPath(new URL('src/main.ts', ROOT));

/** The absolute path of a file of the repository: commands run in directories of their own. */
export const inRepository = (path: string): string => fileURLToPath(new URL(path, ROOT));

/** The shop that ships, for a command that does not run in the repository. */
export const SHIPPED_LAYOUT = {
  ZONES_FILE: inRepository('zones.csv'),
  SENSORS_FILE: inRepository('sensors.csv'),
} as const;

export const TETAM_LAYOUT = {
  ZONES_FILE: inRepository('test/fixtures/tetam/zones.csv'),
  SENSORS_FILE: inRepository('test/fixtures/tetam/sensors.csv'),
} as const;

export interface Ended {
  readonly code: number | null;
  /** stdout and stderr, as a terminal would show them. */
  readonly said: string;
}

/** A command of this project in a process of its own. */
export interface RunningCli {
  readonly pid: number;
  readonly said: () => string;
  /** Resolves with the match once it was said; rejects when the process ends without saying it. */
  readonly says: (what: RegExp, withinMs?: number) => Promise<RegExpExecArray>;
  /** Ctrl-C. */
  readonly interrupt: () => void;
  readonly ended: Promise<Ended>;
  /** Ends it if it still runs, however it takes; for afterEach. */
  readonly destroy: () => Promise<void>;
}

const isOver = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;

/**
 * `npm run <args>` in `cwd`, with only `settings` in its environment: a developer's own settings
 * must not decide a test. `input` is what a person types.
 */
export const startCli = (
  cwd: string,
  args: ReadonlyArray<string>,
  settings: Readonly<Record<string, string>> = {},
  input?: string,
): RunningCli => {
  const child = spawn(process.execPath, ['--import', LOADER, MAIN, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...settings },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(input);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  const ended = once(child, 'close').then(([code]): Ended => ({ code, said: text }));
  const says = async (what: RegExp, withinMs = 60_000) => {
    for (const until = Date.now() + withinMs; Date.now() < until; await sleep(25)) {
      const match = what.exec(text);
      if (match) return match;
      if (isOver(child)) break;
    }
    throw new Error(`${args[0]} did not say ${what}; it said:\n${text}`);
  };
  return {
    pid: child.pid ?? 0,
    said: () => text,
    says,
    interrupt: () => void child.kill('SIGINT'),
    ended,
    destroy: async () => {
      if (!isOver(child)) child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(patience);
    },
  };
};

/** A command to its end. */
export const runCli = (...command: Parameters<typeof startCli>): Promise<Ended> =>
  startCli(...command).ended;
