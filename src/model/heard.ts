import type { Reading } from './reading.ts';
import type { Acknowledge } from './received.ts';
import type { SensorStatus } from './sensorStatus.ts';

/** A reading together with how it came, so that a later check can still reject it with its origin. */
export interface Heard {
  readonly reading: Reading;
  readonly topic: string;
  /** Unix seconds on this machine's clock. */
  readonly receivedAt: number;
  /** It waited for a connection, at the broker or at its sensor: it may be older than now. */
  readonly isBacklog?: boolean;
  /** Retained, or handed on by another than its sensor: it is of an age that nobody knows. */
  readonly isRelayed?: boolean;
  /** The reading had no `ts`: when it was received stands in, and tells it from no other. */
  readonly isUntimed?: boolean;
  /** On the last reading of a message. */
  readonly acknowledge?: Acknowledge;
}

/** Heard under an address that no phone has: of a group, such as broadcast, or of none. */
export interface NonPhone {
  readonly _tag: 'NonPhone';
  /** On the last part of a message. */
  readonly acknowledge?: Acknowledge;
}

export const NON_PHONE: NonPhone = { _tag: 'NonPhone' };

/** What one message, or a part of it, can say. */
export type Signal = Heard | SensorStatus | NonPhone;

export const isHeard = (signal: Signal): signal is Heard => !('_tag' in signal);

export const isStatus = (signal: object): signal is SensorStatus =>
  '_tag' in signal && signal._tag === 'SensorStatus';
