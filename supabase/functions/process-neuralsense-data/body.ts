import { either as E } from 'fp-ts';
import { LIMITS } from '../_shared/contract.ts';
import { type Refusal, refusal } from './refusal.ts';

const tooLarge = () => refusal('too_large', `a body may hold at most ${LIMITS.bodyBytes} bytes`);

/** Reads no more than is allowed: what a sender says about its length is not believed. */
const readCapped = async (
  body: ReadableStream<Uint8Array> | null,
): Promise<E.Either<Refusal, string>> => {
  const text = new TextDecoder();
  let bytes = 0;
  let read = '';
  if (body === null) return E.right(read);
  const reader = body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength;
    if (bytes > LIMITS.bodyBytes) {
      await reader.cancel().catch(() => undefined);
      return E.left(tooLarge());
    }
    read += text.decode(part.value, { stream: true });
  }
  return E.right(read + text.decode());
};

export const readJson = async (request: Request): Promise<E.Either<Refusal, unknown>> => {
  if (Number(request.headers.get('content-length')) > LIMITS.bodyBytes) return E.left(tooLarge());
  const text = await readCapped(request.body).catch(() =>
    E.left(refusal('invalid_json', 'the body broke off')),
  );
  if (E.isLeft(text)) return text;
  try {
    return E.right(JSON.parse(text.right));
  } catch {
    return E.left(refusal('invalid_json', 'the body is not JSON'));
  }
};
