/**
 * Why a delivery failed, and what helps: `Transient` may heal by itself, `Permanent` needs another
 * request, `Misconfigured` a person who changes a setting, while the request is as good as any.
 */
export interface DeliveryError {
  readonly _tag: 'Transient' | 'Permanent' | 'Misconfigured';
  readonly reason: string;
  /** HTTP status, where there was an answer. */
  readonly status?: number;
  /** What the receiver asked us to wait. */
  readonly retryAfterMs?: number;
  /** The beginning of the receiver's answer. */
  readonly answer?: string;
  /** What a person can do about it. */
  readonly advice?: string;
  /** Parts of the request may pass where the whole does not: it is too large, or a row is bad. */
  readonly blames?: 'size' | 'rows';
}

/** What arrived, and the receiver's receipt for it. */
export interface Delivered<A, R = unknown> {
  readonly _tag: 'Delivered';
  readonly sink: string;
  readonly item: A;
  readonly receipt: R;
  readonly attempts: number;
  /** From the first attempt to the last answer. */
  readonly latencyMs: number;
}

/** What could not be delivered: complete, so that it can be sent again. Times in Unix ms. */
export interface DeadLetter<A> {
  readonly _tag: 'DeadLetter';
  readonly sink: string;
  readonly item: A;
  readonly attempts: number;
  readonly error: DeliveryError;
  readonly firstAttemptAt: number;
  readonly failedAt: number;
}

export type Outcome<A, R = unknown> = Delivered<A, R> | DeadLetter<A>;

const TAGS: ReadonlySet<unknown> = new Set<DeliveryError['_tag']>([
  'Transient',
  'Permanent',
  'Misconfigured',
]);

const isDeliveryError = (value: unknown): value is DeliveryError =>
  typeof value === 'object' &&
  value !== null &&
  '_tag' in value &&
  TAGS.has(value._tag) &&
  'reason' in value;

/** Anything thrown becomes a delivery error; what is not understood may be a passing fault. */
export const toDeliveryError = (thrown: unknown): DeliveryError =>
  isDeliveryError(thrown)
    ? thrown
    : { _tag: 'Transient', reason: thrown instanceof Error ? thrown.message : String(thrown) };

export const isDeadLetter = <A, R>(outcome: Outcome<A, R>): outcome is DeadLetter<A> =>
  outcome._tag === 'DeadLetter';

export const isDelivered = <A, R>(outcome: Outcome<A, R>): outcome is Delivered<A, R> =>
  outcome._tag === 'Delivered';
