import type { Reading } from './reading.ts';
import type { SensorStatus } from './sensorStatus.ts';

/** What one tick of the 5 s clock took in. Steps of the pipeline add what they made of it. */
export interface Flush {
  readonly readings: ReadonlyArray<Reading>;
  /** What sensors said of their health, in the order of its coming. */
  readonly statuses?: ReadonlyArray<SensorStatus>;
  /** Unix ms; infinite where the stream has ended and everything open is to be closed. */
  readonly nowMs: number;
}
