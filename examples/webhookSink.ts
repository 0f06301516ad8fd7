import { map, pipe } from 'rxjs';
import type { Assignment } from '../src/model/assignment.ts';
import type { Outcome } from '../src/model/outcome.ts';
import type { Deliver, Env, Sink } from '../src/model/shapes.ts';
import { batch } from '../src/operators/batch.ts';
import { deliverWith } from '../src/operators/deliverWith.ts';

/** What a webhook may learn: where and when, never who. */
export type Presence = Pick<Assignment, 'zone_id' | 'ts' | 'confidence'>;

const BATCH = { maxItems: 50, maxWaitMs: 10_000 };
const RETRY = { maxRetries: 3, initialDelayMs: 500, maxDelayMs: 30_000 };

/** Posts assignments in batches, with retries; one outcome a batch. */
export const webhookSink = (
  post: Deliver<ReadonlyArray<Presence>>,
  env: Env,
): Sink<Assignment, Outcome<ReadonlyArray<Presence>>> =>
  pipe(
    map(({ zone_id, ts, confidence }: Assignment): Presence => ({ zone_id, ts, confidence })),
    batch(BATCH, env),
    deliverWith('webhook', post, RETRY, env),
  );
