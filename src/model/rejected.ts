import type { Acknowledge } from './received.ts';

/** What is wrong, as it is counted: texts have ids in them, which anybody can invent. */
export type RejectionKind =
  /** It cannot be read: the subject is the field at fault, or `payload`. */
  | 'malformed'
  /** Of the store that is the subject. */
  | 'other_store'
  /** The subject is a sensor in the remaining four. */
  | 'wrong_topic'
  | 'unknown_sensor'
  | 'clock'
  | 'rate';

export interface Cause {
  readonly kind: RejectionKind;
  readonly subject?: string;
}

/** A message, or one reading of it, that cannot be used, and why. */
export interface Rejected {
  readonly topic: string;
  readonly reasons: ReadonlyArray<string>;
  /** Unix seconds. */
  readonly received_at: number;
  /** The beginning of what came. */
  readonly payload: string;
  /** The first of the reasons; no part of the line that is written. */
  readonly cause: Cause;
  /** With the last part of a message; no part of the line that is written. */
  readonly acknowledge?: Acknowledge;
}

const EXCERPT_CHARS = 2_000;
/** A topic may have 65,535 bytes and a message 10,000 readings, each of which may be rejected. */
const TOPIC_CHARS = 256;
const REASON_CHARS = 300;

const clipped = (text: string, chars: number): string =>
  text.length > chars ? `${text.slice(0, chars)}…` : text;

const SUBJECT_CHARS = 40;

/** The reason why a message cannot be read begins with what is at fault: `[3].rssi: must be …`. */
const malformed = (reason = ''): Cause => ({
  kind: 'malformed',
  subject: /^(?:\[\d+\]\.)?(\w+):/.exec(reason)?.[1] ?? 'payload',
});

export const rejected = (
  message: { readonly topic: string; readonly receivedAt: number },
  reasons: ReadonlyArray<string>,
  payload: string,
  cause: Cause = malformed(reasons[0]),
): Rejected => ({
  topic: clipped(message.topic, TOPIC_CHARS),
  reasons: reasons.map((reason) => clipped(reason, REASON_CHARS)),
  received_at: message.receivedAt,
  payload: payload.slice(0, EXCERPT_CHARS),
  cause:
    cause.subject === undefined
      ? cause
      : { kind: cause.kind, subject: clipped(cause.subject, SUBJECT_CHARS) },
});
