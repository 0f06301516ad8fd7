import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { birthOf, isAlive } from './processBirth.ts';

export interface InstanceLock {
  readonly release: () => Promise<void>;
}

interface Ticket {
  readonly name: string;
  readonly pid: number;
  readonly birth: string;
}

/** Tickets of this process: a crashed one of the same pid must not look like ours. */
const ours = new Set<string>();

const TICKET = /^(\d+)-([^-]*)-[0-9a-f]{8}$/;

const parseTicket = (name: string): Ticket | undefined => {
  const [, pid, birth] = TICKET.exec(name) ?? [];
  return pid === undefined || birth === undefined ? undefined : { name, pid: Number(pid), birth };
};

const isHeld = async (folder: string, ticket: Ticket): Promise<boolean> =>
  ticket.pid === process.pid
    ? ours.has(join(folder, ticket.name))
    : isAlive(ticket.pid, ticket.birth);

/** The others that hold a ticket; tickets of the dead are swept away. */
const holders = async (folder: string, own: string): Promise<ReadonlyArray<Ticket>> => {
  const held: Ticket[] = [];
  for (const name of await readdir(folder)) {
    const ticket = parseTicket(name);
    if (ticket === undefined || name === own) continue;
    if (await isHeld(folder, ticket)) held.push(ticket);
    else await rm(join(folder, name), { force: true });
  }
  return held;
};

const refusal = async (dir: string, folder: string, holder: Ticket): Promise<Error> => {
  const purpose = await readFile(join(folder, holder.name), 'utf8').catch(() => '');
  const who = `process ${holder.pid}${purpose ? ` (${purpose})` : ''}`;
  const remedy =
    holder.pid === process.pid
      ? 'Close it there first, or use another directory.'
      : `Stop it (kill ${holder.pid}), or use another directory.`;
  return new Error(`${resolve(dir)} is in use by ${who}. ${remedy}`);
};

/**
 * Makes this process the only user of `dir` (created if absent) until `release`, or until it dies,
 * however it dies. Rejects if another living process has it, naming that process.
 *
 * Every contender leaves a ticket named after itself and then looks around: whoever came first has
 * been seen by whoever came second, and a dead process's ticket can be swept without a race, for
 * nobody else writes that name. Two that come in the same instant may both be refused.
 */
export const lockDirectory = async (dir: string, purpose: string): Promise<InstanceLock> => {
  const folder = join(resolve(dir), 'lock');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const birth = (await birthOf(process.pid)) ?? '';
  const name = `${process.pid}-${birth}-${randomBytes(4).toString('hex')}`;
  const path = join(folder, name);
  const release = async (): Promise<void> => {
    ours.delete(path);
    await rm(path, { force: true });
  };
  ours.add(path);
  try {
    await writeFile(path, purpose, { flag: 'wx', mode: 0o600 });
    const [holder] = await holders(folder, name);
    if (holder !== undefined) throw await refusal(dir, folder, holder);
    return { release };
  } catch (problem) {
    // A ticket that stays all the same is ours no more: the next lock of this process sweeps it.
    await release().catch(() => undefined);
    throw problem;
  }
};
