import {
  type SchedulerAction,
  type SchedulerLike,
  type Subscription,
  VirtualTimeScheduler,
} from 'rxjs';

/** Virtual time in which promises run, too: nothing happens but what was scheduled. */
export interface VirtualTime {
  /** Unix ms. */
  readonly now: () => number;
  readonly after: (delayMs: number, work: () => void) => void;
  /** Settles a promise at a later time, so that whoever awaits it goes on before anything else happens. */
  readonly settle: (delayMs: number, work: () => void) => void;
  /** What a process may schedule by: dead ones do nothing more. */
  readonly schedulerOf: (isAlive: () => boolean) => SchedulerLike;
  /** Lets time pass until `isOver`, or until it is `untilMs`; whether it was over. */
  readonly run: (untilMs: number, isOver: () => boolean) => Promise<boolean>;
}

const microtasksDone = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const virtualTime = (startMs: number): VirtualTime => {
  const scheduler = new VirtualTimeScheduler();
  scheduler.frame = startMs;
  let isStirred = true;
  const after = (delayMs: number, work: () => void): void => {
    scheduler.schedule(work, delayMs);
  };
  const next = (untilMs: number) => {
    const [first] = scheduler.actions;
    return first !== undefined && first.delay <= untilMs ? scheduler.actions.shift() : undefined;
  };
  const run = async (untilMs: number, isOver: () => boolean): Promise<boolean> => {
    for (;;) {
      if (isStirred) await microtasksDone();
      isStirred = false;
      if (isOver()) return true;
      const action = next(untilMs);
      if (action === undefined) {
        // What still waits for a promise may have more to do.
        await microtasksDone();
        if (isOver()) return true;
        if ((scheduler.actions[0]?.delay ?? Number.POSITIVE_INFINITY) > untilMs) return false;
        continue;
      }
      scheduler.frame = action.delay;
      const problem: unknown = action.execute(action.state, action.delay);
      if (problem) throw problem;
    }
  };
  return {
    now: () => scheduler.now(),
    after,
    settle: (delayMs, work) =>
      after(delayMs, () => {
        isStirred = true;
        work();
      }),
    schedulerOf: (isAlive) => ({
      now: () => scheduler.now(),
      schedule: <T>(
        work: (this: SchedulerAction<T>, state?: T) => void,
        delayMs = 0,
        state?: T,
      ): Subscription =>
        scheduler.schedule<T>(
          function (given) {
            if (isAlive()) work.call(this, given);
          },
          delayMs,
          state,
        ),
    }),
    run,
  };
};
