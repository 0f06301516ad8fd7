import type { Outcome } from '../model/outcome.ts';
import type { Deliver, Env, RetryPolicy, Sink } from '../model/shapes.ts';
import { attemptDelivery } from '../operators/deliverWith.ts';
import { gather } from '../operators/gather.ts';

/** A failing disk is tried again until it heals: what waits is kept, in order. */
export const UNTIL_SAVED: RetryPolicy = {
  maxRetries: Number.POSITIVE_INFINITY,
  initialDelayMs: 500,
  maxDelayMs: 10_000,
};

/**
 * Writes each item as one line of JSON. Items that arrive during a write go out together in the
 * next; one outcome per write. `append` writes whole lines or none. Completes when all is written.
 */
export const jsonlSink = <A>(
  file: string,
  append: Deliver<ReadonlyArray<string>>,
  env: Env,
): Sink<A, Outcome<ReadonlyArray<A>>> => {
  const appendItems: Deliver<ReadonlyArray<A>> = (items) =>
    append(items.map((item) => `${JSON.stringify(item)}\n`));
  return gather(attemptDelivery(file, appendItems, UNTIL_SAVED, env));
};
