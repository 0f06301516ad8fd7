import { join } from 'node:path';
import { defer, Observable, of } from 'rxjs';
import type { WaitingLetter } from '../../model/failedUpload.ts';
import type { DeadLetterBox } from '../../sinks/redrive.ts';
import { type InstanceLock, lockDirectory } from '../instanceLock.ts';
import { loadLetter, readDeadLetters } from './deadLetters.ts';

/** Keeps every other redrive of a directory out, in this process or another. Rejects naming who is at it. */
export const lockRedrive = (dir: string, purpose: string): Promise<InstanceLock> =>
  lockDirectory(join(dir, 'redriving'), purpose);

/** The dead letters of a directory. */
export const deadLetterBox = (
  dir: string,
  purpose: string,
): Pick<DeadLetterBox, 'letters$' | 'load'> => ({
  letters$: new Observable<ReadonlyArray<WaitingLetter>>((subscriber) => {
    lockRedrive(dir, purpose).then(
      ({ release }) => {
        subscriber.add(() => void release());
        if (!subscriber.closed) subscriber.next(readDeadLetters(dir).pending);
      },
      (problem: unknown) => subscriber.error(problem),
    );
  }),
  load: (letter) => defer(() => of(loadLetter(letter))),
});
