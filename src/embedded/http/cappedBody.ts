import type { IncomingMessage } from 'node:http';
import { Transform } from 'node:stream';

/** Generous beside the 256 KB that the function accepts: it shall refuse with its own words. */
export const MAX_BODY_BYTES = 1_048_576;

export class BodyTooLarge extends Error {
  constructor(maxBytes: number) {
    super(`a body may hold at most ${maxBytes} bytes`);
  }
}

export const declaresTooMuch = (request: IncomingMessage, maxBytes: number): boolean =>
  Number(request.headers['content-length'] ?? 0) > maxBytes;

const cap = (maxBytes: number): Transform => {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      bytes += chunk.length;
      if (bytes > maxBytes) next(new BodyTooLarge(maxBytes));
      else next(null, chunk);
    },
  });
};

/**
 * The request's body as it comes; errors with {@link BodyTooLarge} at the first byte too many.
 * The request itself stays usable, so that it can still be answered.
 */
export const cappedBody = (request: IncomingMessage, maxBytes: number): Transform => {
  const body = cap(maxBytes);
  request.once('error', (error) => body.destroy(error));
  return request.pipe(body);
};

/** Reads what is left into nowhere: an unread rest would block the connection's next request. */
export const drain = (request: IncomingMessage): void => {
  request.unpipe();
  request.resume();
};
