import { either as E } from 'fp-ts';
import type { Decoder, Errors } from 'io-ts';
import { explain } from '../../supabase/functions/_shared/codec.ts';
import {
  ErrorEnvelope,
  IngestResult,
  LiveReceipt,
} from '../../supabase/functions/_shared/contract.ts';
import { parseJson } from '../model/json.ts';
import type { DeliveryError } from '../model/outcome.ts';

/** A refusal as it came over HTTP. */
export interface Refusal {
  readonly status: number;
  /** The Retry-After header: seconds, or an HTTP date. */
  readonly retryAfter: string | null;
  readonly body: string;
}

export const EXCERPT_CHARS = 300;
const MAY_HEAL = new Set([408, 425, 429]);

const mayHeal = (status: number): boolean => MAY_HEAL.has(status) || status >= 500;

/** What a person can do about a refusal that no other batch would escape. */
const ADVICE: Readonly<Record<number, string>> = {
  401: 'the token or the key was refused: check INGEST_TOKEN and SUPABASE_ANON_KEY; npm run token lists and makes tokens',
  403: 'this gateway may not use the function: check SUPABASE_ANON_KEY, INGEST_TOKEN, STORE_ID and ORG_ID',
  404: 'there is no such function: check SUPABASE_URL, or deploy process-neuralsense-data (docs/supabase.md)',
  405: 'something else answers there: check SUPABASE_URL',
  402: 'the project may not be used: its plan or its quota; see the Supabase dashboard',
};

/** No row makes a server, or something before it, answer anything else below 500. */
const ELSEWHERE =
  'something between here and the function refuses: check SUPABASE_URL and any proxy on the way';

const BLAMES: Readonly<Record<number, 'size' | 'rows'>> = {
  400: 'rows',
  409: 'rows',
  413: 'size',
  422: 'rows',
};

/** Retry-After as ms from `nowMs`; undefined where it says nothing usable. */
export const retryAfterMs = (header: string | null, nowMs: number): number | undefined => {
  if (header === null || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
};

/**
 * The one place that decides whether sending again can help: the function's own word (`retryable`)
 * where it answered, the HTTP status where something before it did. A final refusal is of the batch
 * where the status, or the function, blames what it holds, and else a mistake of configuration.
 */
export const judgeRefusal = (answer: Refusal, nowMs: number): DeliveryError => {
  const envelope = ErrorEnvelope.decode(parseJson(answer.body));
  const wait = retryAfterMs(answer.retryAfter, nowMs);
  const { status, body } = answer;
  const said = E.isRight(envelope) ? envelope.right.error : undefined;
  // A final no of the function itself that blames nobody is about what it was sent.
  const blames = BLAMES[status] ?? (said ? 'rows' : undefined);
  const advice = ADVICE[status] ?? (blames ? undefined : ELSEWHERE);
  const common = {
    reason: said ? `${said.code}: ${said.message}` : `HTTP ${status}`,
    status,
    answer: body.slice(0, EXCERPT_CHARS),
  };
  if (said?.retryable ?? mayHeal(status))
    return { _tag: 'Transient', ...common, ...(wait !== undefined && { retryAfterMs: wait }) };
  if (advice !== undefined) return { _tag: 'Misconfigured', ...common, advice };
  return { _tag: 'Permanent', ...common, ...(blames && { blames }) };
};

/**
 * The function's answer as a receipt. One that cannot be read was cut short or came from something
 * else: a passing fault, since sending again is harmless.
 */
const judgeAnswer =
  <A>(receipt: Decoder<unknown, A>) =>
  (answer: unknown): E.Either<DeliveryError, A> =>
    E.mapLeft(
      (errors: Errors): DeliveryError => ({
        _tag: 'Transient',
        reason: `not the function's answer: ${explain(errors).slice(0, 3).join('; ')}`,
      }),
    )(receipt.decode(answer));

export const judgeReceipt = judgeAnswer(IngestResult);
export const judgeLiveReceipt = judgeAnswer(LiveReceipt);
