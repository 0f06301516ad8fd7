/** What a broker delivered, undecoded. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Unix seconds on this machine's clock. */
  readonly receivedAt: number;
}
