import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { parseJson } from '../model/json.ts';

/** Who speaks on a status topic: a running pipeline, and whom it has heard there. */
const Speaker = t.strict({
  client_id: t.string,
  /** Made anew by each process. */
  instance: t.string,
  /** When that process began, Unix seconds. */
  started: t.number,
  /** Instances of the same client id, as of this connection; the latest ones. */
  heard: t.readonlyArray(t.string),
});
export type Speaker = t.TypeOf<typeof Speaker>;

/** More than will ever fight for one client id. */
const MOST_HEARD = 8;

/**
 * Finds out whether a pipeline that was there before us lives and has our client id. Of two such the
 * broker throws out one whenever the other one connects, and says of neither who it is; but each says
 * on the status topic, last will included, who it is and whom it has heard. Whoever has heard us lived
 * after we began: what the dead said may come as late, and as often, as it likes.
 */
export const rollCall = (clientId: string, instance: string, started: number) => {
  let heard: ReadonlyArray<string> = [];
  let connections = 0;
  const isElder = (other: Speaker): boolean =>
    other.started < started || (other.started === started && other.instance < instance);

  return {
    /** Who we are on a connection that is being opened. */
    begin: (): Speaker => {
      connections += 1;
      return { client_id: clientId, instance, started, heard };
    },
    /** Takes a word from the status topic; gives the rival that it proves to be there. */
    hears: (word: string): Speaker | undefined => {
      const decoded = Speaker.decode(parseJson(word));
      if (E.isLeft(decoded) || decoded.right.client_id !== clientId) return undefined;
      const speaker = decoded.right;
      if (speaker.instance === instance) return undefined;
      if (!heard.includes(speaker.instance))
        heard = [...heard, speaker.instance].slice(-MOST_HEARD);
      // A rival throws us out: before that has happened, a word is a word.
      const isProven = connections > 1 && speaker.heard.includes(instance);
      return isProven && isElder(speaker) ? speaker : undefined;
    },
  };
};
export type RollCall = ReturnType<typeof rollCall>;
