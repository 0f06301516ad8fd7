import { either as E } from 'fp-ts';
import type * as t from 'io-ts';
import { type Refusal, refusal } from './refusal.ts';

/** The database as the handler needs it: supabase-js's `rpc`, with the service role. */
export type Rpc = (
  name: string,
  args: Record<string, unknown>,
) => PromiseLike<{
  readonly data: unknown;
  readonly error: { readonly code?: string; readonly message: string } | null;
}>;

/** Connection lost, out of resources, shut down, timed out, dead-locked: all of these pass. */
const PASSING = /^(08|40|53|55P03|57|PGRST00)/;

/** Data that does not fit, or breaks a constraint: sent again it is the same data. */
const FOR_GOOD = /^2[23]/;

export const ingestFailed = (what: string, sqlstate: string): Refusal => ({
  ...refusal('ingest_failed', `${what} (${sqlstate})`),
  retryable: !FOR_GOOD.test(sqlstate),
});

const understand = (code: string, message: string): Refusal => {
  if (code === 'PT409') return refusal('batch_conflict', message);
  if (code === 'PT403') return refusal('unauthorized', message);
  if (code === 'PT422') return refusal('validation_failed', message);
  return code === '' || PASSING.test(code)
    ? refusal('db_unavailable', 'the database cannot answer just now')
    : ingestFailed('the database refused', code);
};

/** Calls one database function and decodes its answer; an answer of another shape is our fault. */
export const ask = async <A>(
  rpc: Rpc,
  name: string,
  args: Record<string, unknown>,
  answer: t.Type<A, unknown>,
): Promise<E.Either<Refusal, A>> => {
  try {
    const { data, error } = await rpc(name, args);
    if (error) return E.left(understand(error.code ?? '', error.message));
    const decoded = answer.decode(data);
    return E.isRight(decoded)
      ? decoded
      : E.left(refusal('ingest_failed', `${name} gave an answer that was not understood`));
  } catch {
    return E.left(refusal('db_unavailable', 'the database cannot be reached'));
  }
};
