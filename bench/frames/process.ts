import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const TICKS_PER_SECOND = 100;

const field = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? Number.NaN);

/** Processor seconds that a process has used so far. */
export const cpuSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};

export const residentMb = (pid: number): number =>
  Math.round(field(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmRSS') / 1024);

/** What a process has had written so far. */
export const writtenMb = (pid: number): number =>
  Math.round(field(readFileSync(`/proc/${pid}/io`, 'utf8'), 'write_bytes') / 1e6);

/** Megabytes of the files of a directory whose names begin so. */
export const sizeMb = (dir: string, prefix = ''): number => {
  const sizes = readdirSync(dir)
    .filter((name) => name.startsWith(prefix))
    .map((name) => statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0);
  return Math.round(sizes.reduce((total, size) => total + size, 0) / 1e5) / 10;
};
