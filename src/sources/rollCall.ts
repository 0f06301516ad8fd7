import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { parseJson } from '../model/json.ts';

/** Who speaks on a status topic: a running pipeline, and which of its connections. */
const Speaker = t.strict({
  client_id: t.string,
  /** Made anew by each process. */
  instance: t.string,
  /** When that process began, Unix seconds. */
  started: t.number,
  /** Counts the connections of that process, from 1. */
  connection: t.number,
});
export type Speaker = t.TypeOf<typeof Speaker>;

/**
 * Finds out whether a pipeline that was there before us lives and has our client id. Of two such the
 * broker throws out one whenever the other one connects, and says of neither who it is; but each says
 * on the status topic, last will included, who it is and how often it has connected. Whoever's count
 * grows after our own word has come back to us is alive: a word of the dead may be as late, and come
 * as often, as it likes.
 */
export const rollCall = (clientId: string, instance: string, started: number) => {
  const counts = new Map<string, number>();
  let connection = 0;
  let hasHeardItself = false;
  const isElder = (other: Speaker): boolean =>
    other.started < started || (other.started === started && other.instance < instance);

  return {
    /** Who we are on a connection that is being opened. */
    begin: (): Speaker => {
      connection += 1;
      return { client_id: clientId, instance, started, connection };
    },
    /** Takes a word from the status topic; gives the rival that it proves to be there. */
    hears: (word: string): Speaker | undefined => {
      const decoded = Speaker.decode(parseJson(word));
      if (E.isLeft(decoded) || decoded.right.client_id !== clientId) return undefined;
      const speaker = decoded.right;
      if (speaker.instance === instance) {
        hasHeardItself = true;
        return undefined;
      }
      const before = counts.get(speaker.instance);
      counts.set(speaker.instance, Math.max(before ?? 0, speaker.connection));
      // Whoever comes back throws us out: before that has happened, a word is a word.
      const isBack =
        connection > 1 && hasHeardItself && before !== undefined && speaker.connection > before;
      return isBack && isElder(speaker) ? speaker : undefined;
    },
  };
};
export type RollCall = ReturnType<typeof rollCall>;
