import { readFile } from 'node:fs/promises';
import { codeOf } from './thrown.ts';

/** Positions after the first two fields, as proc(5) numbers them: state is 3, starttime 22. */
const STATE = 3 - 3;
const START_TIME = 22 - 3;

/** Fields of /proc/<pid>/stat from the third on; the second, a name, may hold anything. */
const statOf = async (pid: number): Promise<ReadonlyArray<string> | undefined> => {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
};

const bootId = async (): Promise<string> =>
  (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).slice(0, 8);

/**
 * When the process began, in a form that no later process with the same pid shares: clock ticks
 * and the machine's boot. Undefined where there is no /proc, or no such process.
 */
export const birthOf = async (pid: number): Promise<string | undefined> => {
  const startTime = (await statOf(pid))?.[START_TIME];
  return startTime === undefined ? undefined : `${startTime}.${await bootId()}`;
};

const answersSignals = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not ours to signal, but there.
    return codeOf(error) === 'EPERM';
  }
};

/** Whether the very process that was born at `birth` still runs. A zombie does not. */
export const isAlive = async (pid: number, birth: string): Promise<boolean> => {
  if (!answersSignals(pid)) return false;
  const stat = await statOf(pid);
  if (stat === undefined || birth === '') return true;
  return stat[STATE] !== 'Z' && (await birthOf(pid)) === birth;
};
