import type { either } from 'fp-ts';
import type { Observable, OperatorFunction, SchedulerLike } from 'rxjs';
import type { Outcome } from './outcome.ts';
import type { Rejected } from './rejected.ts';

/** Cold: subscribing connects, unsubscribing releases. What cannot be used comes as a value. */
export type Source<A> = Observable<either.Either<Rejected, A>>;

export type Operator<A, B> = OperatorFunction<A, B>;

/** A sink is an operator: it emits what became of each item, and it never errors. */
export type Sink<A, R = Outcome<A>> = OperatorFunction<A, R>;

/**
 * A port: hands an item over to the world. Cold, so a retry is a new subscription.
 * Emits one receipt and completes, or errors with a `DeliveryError`.
 */
export type Deliver<A, R = void> = (item: A) => Observable<R>;

/** What every operator may need of the world; live, it is the machine's, in replay the recording's. */
export interface Env {
  readonly scheduler: SchedulerLike;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: (event: PipelineEvent) => void;
}

/** A log line: a noun and what happened to it, with figures. Never a MAC address, never a secret. */
export interface PipelineEvent {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly event: string;
  readonly [detail: string]: unknown;
}

/** When a batch closes: after `maxItems`, or `maxWaitMs` after it opened, whichever is first. */
export interface BatchPolicy {
  readonly maxItems: number;
  readonly maxWaitMs: number;
}

/** How often and how patiently a failed delivery is tried again. */
export interface RetryPolicy {
  /** Tries after the first. */
  readonly maxRetries: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
}
