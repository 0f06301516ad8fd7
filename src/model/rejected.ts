import type { Acknowledge } from './received.ts';

/** A message, or one reading of it, that cannot be used, and why. */
export interface Rejected {
  readonly topic: string;
  readonly reasons: ReadonlyArray<string>;
  /** Unix seconds. */
  readonly received_at: number;
  /** The beginning of what came. */
  readonly payload: string;
  /** With the last part of a message; no part of the line that is written. */
  readonly acknowledge?: Acknowledge;
}

const EXCERPT_CHARS = 2_000;
/** A topic may have 65,535 bytes and a message 10,000 readings, each of which may be rejected. */
const TOPIC_CHARS = 256;
const REASON_CHARS = 300;

const clipped = (text: string, chars: number): string =>
  text.length > chars ? `${text.slice(0, chars)}…` : text;

export const rejected = (
  message: { readonly topic: string; readonly receivedAt: number },
  reasons: ReadonlyArray<string>,
  payload: string,
): Rejected => ({
  topic: clipped(message.topic, TOPIC_CHARS),
  reasons: reasons.map((reason) => clipped(reason, REASON_CHARS)),
  received_at: message.receivedAt,
  payload: payload.slice(0, EXCERPT_CHARS),
});
