import { either as E } from 'fp-ts';
import type { Errors } from 'io-ts';
import { explain } from '../../supabase/functions/_shared/codec.ts';
import { ErrorEnvelope, IngestResult } from '../../supabase/functions/_shared/contract.ts';
import { parseJson } from '../model/json.ts';
import type { DeliveryError } from '../model/outcome.ts';

/** A refusal as it came over HTTP. */
export interface Refusal {
  readonly status: number;
  /** The Retry-After header: seconds, or an HTTP date. */
  readonly retryAfter: string | null;
  readonly body: string;
}

const EXCERPT_CHARS = 300;
const MAY_HEAL = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Retry-After as ms from `nowMs`; undefined where it says nothing usable. */
export const retryAfterMs = (header: string | null, nowMs: number): number | undefined => {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
};

/**
 * The one place that decides whether sending again can help: the function's own word (`retryable`)
 * where it answered, the HTTP status where something before it did.
 */
export const judgeRefusal = (answer: Refusal, nowMs: number): DeliveryError => {
  const envelope = ErrorEnvelope.decode(parseJson(answer.body));
  const wait = retryAfterMs(answer.retryAfter, nowMs);
  const common = {
    status: answer.status,
    answer: answer.body.slice(0, EXCERPT_CHARS),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
  if (E.isLeft(envelope))
    return {
      _tag: MAY_HEAL.has(answer.status) ? 'Transient' : 'Permanent',
      reason: `HTTP ${answer.status}`,
      ...common,
    };
  const { code, message, retryable } = envelope.right.error;
  return { _tag: retryable ? 'Transient' : 'Permanent', reason: `${code}: ${message}`, ...common };
};

/**
 * The function's answer to an upload as a receipt. One that cannot be read was cut short or came
 * from something else: a passing fault, since sending again is harmless.
 */
export const judgeReceipt = (answer: unknown): E.Either<DeliveryError, IngestResult> =>
  E.mapLeft(
    (errors: Errors): DeliveryError => ({
      _tag: 'Transient',
      reason: `not the function's answer: ${explain(errors).slice(0, 3).join('; ')}`,
    }),
  )(IngestResult.decode(answer));
