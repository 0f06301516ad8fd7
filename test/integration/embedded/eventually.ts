import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again until the answer is not undefined; rejects after `withinMs`. */
export const eventually = async <A>(
  what: string,
  ask: () => Promise<A | undefined>,
  withinMs = 15_000,
): Promise<A> => {
  for (const until = Date.now() + withinMs; Date.now() < until; await sleep(50)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`${what} did not happen within ${withinMs} ms`);
};
