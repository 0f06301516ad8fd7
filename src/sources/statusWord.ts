import type { Speaker } from './rollCall.ts';

/** What a pipeline says on its status topic, retained; times in Unix seconds. */
export const onlineWord = (speaker: Speaker, since: number): string =>
  JSON.stringify({ state: 'online', since, ...speaker });

/** After a stop in order. */
export const stoppedWord = (speaker: Speaker, since: number): string =>
  JSON.stringify({ state: 'offline', reason: 'stopped', since, ...speaker });

/** The last will. */
export const lostWord = (speaker: Speaker): string =>
  JSON.stringify({ state: 'offline', reason: 'connection lost', ...speaker });
