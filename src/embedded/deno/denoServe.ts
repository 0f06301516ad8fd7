import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { denoBinary } from './denoBinary.ts';

const HOST = fileURLToPath(new URL('./edgeFunctionHost.ts', import.meta.url));
const LISTENING = /Listening on (http:\/\/127\.0\.0\.1:\d+)/;
const LINES_KEPT = 20;
const START_WITHIN_MS = 30_000;
const GRACE_MS = 2_000;

export interface DenoOptions {
  /** The function's index.ts; its deno.json lies beside it. */
  readonly entry: string;
  /** All that the function sees of the environment. */
  readonly env: Readonly<Record<string, string>>;
  /** `host:port`, the only address that the function may call. */
  readonly mayCall: string;
  /** Where Deno keeps what it compiled. */
  readonly cacheDir: string;
  readonly onLine: (line: string) => void;
}

export interface DenoProcess {
  readonly pid: number;
  readonly url: URL;
  readonly exited: Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Deno takes a comma for the end of a path, and two for one. */
const escaped = (path: string): string => path.replaceAll(',', ',,');

const permissions = ({ entry, mayCall }: DenoOptions): ReadonlyArray<string> => [
  '--no-prompt',
  `--allow-net=${mayCall}`,
  '--allow-env=SUPABASE_*',
  `--allow-read=${escaped(dirname(dirname(entry)))}`,
];

const spawnDeno = (options: DenoOptions): ChildProcess =>
  spawn(
    denoBinary(),
    [
      'serve',
      ...['--config', join(dirname(options.entry), 'deno.json'), '--node-modules-dir=manual'],
      ...['--no-remote', '--cached-only', '--no-lock', '--no-check'],
      ...permissions(options),
      ...['--host', '127.0.0.1', '--port', '0', HOST, pathToFileURL(options.entry).href],
    ],
    {
      env: {
        ...options.env,
        DENO_DIR: options.cacheDir,
        DENO_NO_UPDATE_CHECK: '1',
        DO_NOT_TRACK: '1',
        NO_COLOR: '1',
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      // Ctrl-C reaches the whole process group; the function must outlive it until all is drained.
      detached: true,
    },
  );

/** Ends stdin, on which the host exits by itself; what does not is killed. */
const stop = async (child: ChildProcess, exited: Promise<void>): Promise<void> => {
  child.stdin?.end();
  const kill = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  await exited;
  clearTimeout(kill);
};

const firstAddress = (child: ChildProcess, onLine: (line: string) => void): Promise<URL> =>
  new Promise((resolve, reject) => {
    const last: string[] = [];
    const read = (line: string): void => {
      const [, address] = LISTENING.exec(line) ?? [];
      if (address !== undefined) resolve(new URL(address));
      last.push(line);
      if (last.length > LINES_KEPT) last.shift();
      if (address === undefined && line.trim() !== '') onLine(line);
    };
    for (const output of [child.stdout, child.stderr])
      if (output) createInterface(output).on('line', read);
    child.once('error', reject);
    child.once('close', (code, signal) =>
      reject(new Error(`Deno ended with ${signal ?? code}: ${last.join('\n').trim()}`)),
    );
  });

/**
 * Serves an Edge Function in Deno on a free loopback port, offline, with no permission that it
 * does not need, and answers once it listens. Rejects with Deno's last words if it ends before.
 */
export const denoServe = async (options: DenoOptions): Promise<DenoProcess> => {
  const child = spawnDeno(options);
  const exited = once(child, 'close').then(
    () => undefined,
    () => undefined,
  );
  // A write to a dead child's stdin is not news.
  child.stdin?.on('error', () => undefined);
  const hung = setTimeout(() => child.kill('SIGKILL'), START_WITHIN_MS);
  const url = await firstAddress(child, options.onLine).finally(() => clearTimeout(hung));
  return { pid: child.pid ?? 0, url, exited, stop: () => stop(child, exited) };
};
