/** A message, or one reading of it, that cannot be used, and why. */
export interface Rejected {
  readonly topic: string;
  readonly reasons: ReadonlyArray<string>;
  /** Unix seconds. */
  readonly received_at: number;
  /** The beginning of what came. */
  readonly payload: string;
}

const EXCERPT_CHARS = 2_000;

export const rejected = (
  message: { readonly topic: string; readonly receivedAt: number },
  reasons: ReadonlyArray<string>,
  payload: string,
): Rejected => ({
  topic: message.topic,
  reasons,
  received_at: message.receivedAt,
  payload: payload.slice(0, EXCERPT_CHARS),
});
