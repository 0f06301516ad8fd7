import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { ErrorEnvelope } from '../../../supabase/functions/_shared/contract.ts';

/**
 * Answers with the error envelope of the ingest contract; `retryAfterSeconds` says that sending
 * again can help. An answer that has already begun is cut instead: half of it must not look whole.
 */
export const refuse = (
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  retryAfterSeconds?: number,
): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const retryable = retryAfterSeconds !== undefined;
  const envelope: ErrorEnvelope = { error: { code, message, retryable, request_id: randomUUID() } };
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(retryable && { 'retry-after': String(retryAfterSeconds) }),
  });
  response.end(JSON.stringify(envelope));
};
