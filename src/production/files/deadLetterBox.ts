import { join } from 'node:path';
import { defer, Observable, of, type Subscriber } from 'rxjs';
import type { WaitingLetter } from '../../model/failedUpload.ts';
import type { DeliveryError } from '../../model/outcome.ts';
import type { Env } from '../../model/shapes.ts';
import type { DeadLetterBox } from '../../sinks/redrive.ts';
import { type InstanceLock, lockDirectory } from '../instanceLock.ts';
import { codeOf, reasonOf } from '../thrown.ts';
import { loadLetter, readDeadLetters } from './deadLetters.ts';
import { DISK, type Disk } from './disk.ts';

/** Keeps every other redrive of a directory out, in this process or another. Rejects naming who is at it. */
export const lockRedrive = (dir: string, purpose: string): Promise<InstanceLock> =>
  lockDirectory(join(dir, 'redriving'), purpose);

/** What Node says of a file, and what a person can do where the file is another user's. */
const explained = (problem: unknown): unknown => {
  if (!['EACCES', 'EPERM'].includes(codeOf(problem) ?? '')) return problem;
  const advice =
    "give it to the pipeline's user (chown): sudo npm run redrive leaves files of root";
  return { _tag: 'Misconfigured', reason: reasonOf(problem), advice } satisfies DeliveryError;
};

/** The dead letters of a directory. A lock that cannot be given back is logged: the next round sweeps it. */
export const deadLetterBox = (
  dir: string,
  purpose: string,
  log: Env['log'],
  disk: Disk = DISK,
): Pick<DeadLetterBox, 'letters$' | 'load'> => {
  const letGo = ({ release }: InstanceLock): Promise<void> =>
    release().catch((problem: unknown) =>
      log({ level: 'warn', event: 'redrive lock not released', dir, reason: reasonOf(problem) }),
    );
  const lend = async (subscriber: Subscriber<ReadonlyArray<WaitingLetter>>): Promise<void> => {
    const lock = await lockRedrive(dir, purpose);
    subscriber.add(() => void letGo(lock));
    if (!subscriber.closed) subscriber.next(readDeadLetters(dir, disk).pending);
  };
  return {
    letters$: new Observable((subscriber) => {
      lend(subscriber).catch((problem: unknown) => subscriber.error(explained(problem)));
    }),
    load: (letter) => defer(() => of(loadLetter(letter, disk))),
  };
};
