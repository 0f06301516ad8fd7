/** The largest answer that any of our own receivers gives is a tenth of this. */
export const MOST_ANSWER_BYTES = 4_000_000;

export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';

  constructor(mostBytes: number) {
    super(`the answer is larger than ${mostBytes} bytes`);
  }
}

/**
 * `fetch` whose bodies error with {@link AnswerTooLarge} at the first byte beyond `mostBytes`, counted
 * behind decompression: a few bytes of gzip can stand for all of this machine's memory. The rest is
 * not received.
 */
export const boundedFetch =
  (mostBytes = MOST_ANSWER_BYTES): typeof fetch =>
  async (input, init) => {
    const answer = await fetch(input, init);
    if (answer.body === null) return answer;
    let bytes = 0;
    const bound = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        bytes += chunk.byteLength;
        if (bytes > mostBytes) controller.error(new AnswerTooLarge(mostBytes));
        else controller.enqueue(chunk);
      },
    });
    return new Response(answer.body.pipeThrough(bound), answer);
  };
