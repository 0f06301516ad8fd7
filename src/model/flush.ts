import type { Reading } from './reading.ts';

/** What one tick of the 5 s clock took in. Steps of the pipeline add what they made of it. */
export interface Flush {
  readonly readings: ReadonlyArray<Reading>;
  /** Unix ms; infinite where the stream has ended and everything open is to be closed. */
  readonly nowMs: number;
}
