import type { Acknowledge } from './received.ts';

/**
 * What a sensor, or the broker in its stead, says of its health. `isAlive` is evidence of an instant,
 * like a reading: a sensor that says nothing more counts as dead after a while.
 */
export interface SensorStatus {
  readonly _tag: 'SensorStatus';
  readonly sensor_id: string;
  readonly isAlive: boolean;
  /** Unix seconds. */
  readonly ts: number;
  /** On the last part of a message. */
  readonly acknowledge?: Acknowledge;
}
