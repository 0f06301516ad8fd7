import type { Acknowledge } from './received.ts';

/** What a broker delivered, undecoded. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Unix seconds on this machine's clock. */
  readonly receivedAt: number;
  /** The broker kept it while nobody was connected: its readings may be older than now. */
  readonly isBacklog?: boolean;
  /** The broker keeps it for whoever comes: it may be of any age, and comes with each connection. */
  readonly isRetained?: boolean;
  readonly acknowledge?: Acknowledge;
}
