import {
  bufferTime,
  concat,
  map,
  type Observable,
  of,
  type SchedulerAction,
  type SchedulerLike,
} from 'rxjs';
import type { Flush } from '../model/flush.ts';
import { isStatus } from '../model/heard.ts';
import type { Reading } from '../model/reading.ts';
import type { SensorStatus } from '../model/sensorStatus.ts';
import type { Env } from '../model/shapes.ts';

/** The scheduler, with every delay drawn out to where `beatMs` past a multiple of `spanMs` is met. */
const onTheBeat = (scheduler: SchedulerLike, spanMs: number, beatMs: number): SchedulerLike => {
  const untilBeat = (): number =>
    spanMs - ((((scheduler.now() - beatMs) % spanMs) + spanMs) % spanMs);
  return {
    now: () => scheduler.now(),
    schedule: <T>(
      work: (this: SchedulerAction<T>, state?: T) => void,
      _delay?: number,
      state?: T,
    ) => scheduler.schedule(work, untilBeat(), state),
  };
};

const flushOf = (items: ReadonlyArray<Reading | SensorStatus>, nowMs: number): Flush => {
  const statuses = items.filter(isStatus);
  const readings = items.flatMap((item) => (isStatus(item) ? [] : [item]));
  return { readings, nowMs, ...(statuses.length > 0 && { statuses }) };
};

/**
 * The pipeline's clock: every `spanMs` what has come since the last tick, also when that is
 * nothing. On completion what is left, and then a last flush at the end of time; on error nothing.
 *
 * @param beatMs ticks fall so long after each multiple of `spanMs` in Unix time, and timers that run
 * late do not add up; absent, they are counted from the subscription
 */
export const flushEvery =
  (spanMs: number, { scheduler }: Pick<Env, 'scheduler'>, beatMs?: number) =>
  (readings$: Observable<Reading | SensorStatus>): Observable<Flush> =>
    concat(
      readings$.pipe(
        bufferTime(spanMs, beatMs === undefined ? scheduler : onTheBeat(scheduler, spanMs, beatMs)),
        map((items): Flush => flushOf(items, scheduler.now())),
      ),
      of<Flush>({ readings: [], nowMs: Number.POSITIVE_INFINITY }),
    );
