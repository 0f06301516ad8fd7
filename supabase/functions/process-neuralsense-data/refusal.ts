import type { ErrorCode, ErrorEnvelope } from '../_shared/contract.ts';

/** Why a request is not served, before it becomes a response. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: unknown;
  /** Where it is not as usual for its code. */
  readonly retryable?: boolean;
}

export const refusal = (code: ErrorCode, message: string, details?: unknown): Refusal =>
  details === undefined ? { code, message } : { code, message, details };

const STATUS: Record<ErrorCode, number> = {
  invalid_json: 400,
  unauthorized: 401,
  method_not_allowed: 405,
  batch_conflict: 409,
  too_large: 413,
  validation_failed: 422,
  ingest_failed: 500,
  db_unavailable: 503,
};

/** What may heal by itself; everything else needs another request or another setting. */
const RETRYABLE: ReadonlySet<ErrorCode> = new Set(['ingest_failed', 'db_unavailable']);

const HEADERS: Partial<Record<ErrorCode, Record<string, string>>> = {
  method_not_allowed: { allow: 'GET, POST' },
  db_unavailable: { 'retry-after': '5' },
};

/** The one shape in which a request is refused. */
export const refuse = (why: Refusal, requestId: string): Response => {
  const body: ErrorEnvelope = {
    error: { retryable: RETRYABLE.has(why.code), ...why, request_id: requestId },
  };
  return Response.json(body, { status: STATUS[why.code], headers: HEADERS[why.code] ?? {} });
};
