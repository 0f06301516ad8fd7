import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface OtherProcess {
  readonly pid: number;
  /** The first line that it printed. */
  readonly said: string;
  /** As a power cut would end it: no handler of it runs. */
  readonly kill: () => Promise<void>;
}

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    if (child.stdout) createInterface(child.stdout).once('line', resolve);
    child.once('close', (code) => reject(new Error(`ended with ${code} before it said anything`)));
  });

/** Runs a script of this folder in a process of its own, up to the first line that it prints. */
export const runScript = async (
  script: string,
  ...args: ReadonlyArray<string>
): Promise<OtherProcess> => {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await closed;
  };
  return { pid: child.pid ?? 0, said: await firstLine(child), kill };
};
