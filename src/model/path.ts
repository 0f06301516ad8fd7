/**
 * How the path to a receiver is: `Open` (as a circuit breaker is) while it fails and nothing but
 * probes are sent, `Parked` while a person has to change a setting first.
 */
export type Path =
  | { readonly _tag: 'Closed' }
  | { readonly _tag: 'HalfOpen' }
  | {
      readonly _tag: 'Open';
      readonly reason: string;
      /** When it is tried next, Unix ms. */
      readonly retryAt: number;
    }
  | {
      readonly _tag: 'Parked';
      readonly reason: string;
      readonly advice: string;
      readonly retryAt: number;
    };

/** When a failing path is given rest, and how often it is tried then. */
export interface BreakerPolicy {
  /** Transient failures in a row after which nothing but probes are sent. */
  readonly failures: number;
  /** Between probes: exponential with full jitter, behind what the receiver asked for. */
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  /** Between probes while a setting is wrong. */
  readonly parkedMs: number;
}
