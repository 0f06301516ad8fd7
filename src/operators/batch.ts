import { bufferTime, filter } from 'rxjs';
import type { BatchPolicy, Env, Operator } from '../model/shapes.ts';

/**
 * Items in groups of at most `maxItems`, none waiting longer than `maxWaitMs`. Idle ticks emit
 * nothing; on completion the open group is emitted; on error it is dropped with the error.
 */
export const batch =
  <A>(policy: BatchPolicy, env: Pick<Env, 'scheduler'>): Operator<A, ReadonlyArray<A>> =>
  (items$) =>
    items$.pipe(
      bufferTime(policy.maxWaitMs, null, policy.maxItems, env.scheduler),
      filter((items) => items.length > 0),
    );
