import type { SchedulerLike } from 'rxjs';
import { seededRandom } from '../../src/embedded/shop/random.ts';
import type { Disk } from '../../src/production/files/disk.ts';
import { type FakeDisk, fakeDisk } from '../simulation/fakeDisk.ts';
import { type VirtualTime, virtualTime } from '../simulation/virtualTime.ts';

/** How something ended that a process was at: nobody hears how it was when the process died. */
export type Ending<A> =
  | { readonly _tag: 'Done'; readonly value: A }
  /** For the disk's reasons; all others are thrown. */
  | { readonly _tag: 'Failed' }
  | { readonly _tag: 'Died' };

/** `power` takes with it what was not synced, also of a process that is dead. */
export type Manner = 'kill' | 'power';

export interface MortalProcess {
  readonly disk: Disk;
  readonly scheduler: SchedulerLike;
  readonly isAlive: () => boolean;
  /** Waits for `work` until it or the process has ended. */
  readonly run: <A>(work: () => Promise<A>) => Promise<Ending<A>>;
  /** The process ends in so many steps of its disk; at once with 0. */
  readonly dieIn: (steps: number, manner: Manner) => void;
}

export interface Machine {
  readonly time: VirtualTime;
  readonly disk: FakeDisk;
  /** A process of this machine; one at a time. */
  readonly start: () => MortalProcess;
  readonly pass: (ms: number) => Promise<void>;
}

const NOON = Date.parse('2026-03-01T12:00:00Z');
const LONG_MS = 86_400_000;

const NEVER: { readonly steps: number; readonly manner: Manner } = {
  steps: Number.POSITIVE_INFINITY,
  manner: 'kill',
};

const isOfDisk = (problem: unknown): boolean => ['EIO', 'ENOSPC'].includes(Object(problem).code);

/**
 * Where a sync has failed, and was not made good, the power goes too, whatever the manner: the next
 * process would be told that its sync is done when it is not.
 */
const startOn = (time: VirtualTime, disk: FakeDisk): MortalProcess => {
  let alive = true;
  let death = NEVER;
  const isAlive = (): boolean => alive;
  const dieWhenDue = (): void => {
    if (death.steps > 0) return;
    if (death.manner === 'power' || (alive && disk.isDeceptive())) disk.losePower();
    alive = false;
    death = NEVER;
  };
  const stepped = (): void => {
    if (!alive) return;
    death = { ...death, steps: death.steps - 1 };
    dieWhenDue();
  };
  const run = async <A>(work: () => Promise<A>): Promise<Ending<A>> => {
    let ending: Ending<A> | undefined;
    let problem: unknown;
    work().then(
      (value) => {
        ending = { _tag: 'Done', value };
      },
      (thrown: unknown) => {
        problem = thrown;
        ending = { _tag: 'Failed' };
      },
    );
    const isOver = await time.run(time.now() + LONG_MS, () => ending !== undefined || !alive);
    if (!isOver) throw new Error('it does not come to an end');
    if (problem !== undefined && !isOfDisk(problem)) throw problem;
    return ending ?? { _tag: 'Died' };
  };
  return {
    disk: disk.mount(isAlive, stepped),
    scheduler: time.schedulerOf(isAlive),
    isAlive,
    run,
    dieIn: (steps, manner) => {
      death = { steps, manner };
      dieWhenDue();
    },
  };
};

/** A machine whose disk draws by `seed` what goes wrong when it is told to misbehave. */
export const machine = (seed: number): Machine => {
  const time = virtualTime(NOON);
  const disk = fakeDisk(time, seededRandom(seed));
  return {
    time,
    disk,
    start: () => startOn(time, disk),
    pass: async (ms) => {
      time.after(ms, () => undefined);
      await time.run(time.now() + ms, () => false);
    },
  };
};
