import type { Reading } from './reading.ts';

/** A reading together with how it came, so that a later check can still reject it with its origin. */
export interface Heard {
  readonly reading: Reading;
  readonly topic: string;
  /** Unix seconds on this machine's clock. */
  readonly receivedAt: number;
  /** The broker kept it while nobody was connected: it may be older than now. */
  readonly isBacklog?: boolean;
}
