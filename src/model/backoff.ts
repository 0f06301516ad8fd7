import type { RetryPolicy } from './shapes.ts';

/**
 * Exponential back-off with full jitter: uniform in 0…min(max, initial · 2^(attempt − 1)), ms.
 *
 * @param attempt failed tries so far, from 1
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export const backoffDelayMs = (
  policy: Pick<RetryPolicy, 'initialDelayMs' | 'maxDelayMs'>,
  attempt: number,
  random: () => number,
): number =>
  Math.round(random() * Math.min(policy.maxDelayMs, policy.initialDelayMs * 2 ** (attempt - 1)));
