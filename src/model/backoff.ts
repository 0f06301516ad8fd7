import type { RetryPolicy } from './shapes.ts';

/** A receiver may ask for patience, not for silence. */
const LONGEST_WAIT_MS = 300_000;

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

/**
 * Until a receiver is asked again, ms: what it asked for itself (Retry-After; five minutes at most), and
 * the back-off on top, so that all whom it told the same do not come back in the same instant.
 */
export const patienceMs = (
  policy: Pick<RetryPolicy, 'initialDelayMs' | 'maxDelayMs'>,
  attempt: number,
  askedMs: number | undefined,
  random: () => number,
): number => Math.min(askedMs ?? 0, LONGEST_WAIT_MS) + backoffDelayMs(policy, attempt, random);
