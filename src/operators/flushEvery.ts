import { bufferTime, concat, map, of } from 'rxjs';
import type { Flush } from '../model/flush.ts';
import type { Reading } from '../model/reading.ts';
import type { Env, Operator } from '../model/shapes.ts';

/**
 * The pipeline's clock: every `spanMs` what has come since the last tick, also when that is
 * nothing. On completion what is left, and then a last flush at the end of time; on error nothing.
 */
export const flushEvery =
  (spanMs: number, env: Pick<Env, 'scheduler'>): Operator<Reading, Flush> =>
  (readings$) =>
    concat(
      readings$.pipe(
        bufferTime(spanMs, env.scheduler),
        map((readings): Flush => ({ readings, nowMs: env.scheduler.now() })),
      ),
      of<Flush>({ readings: [], nowMs: Number.POSITIVE_INFINITY }),
    );
