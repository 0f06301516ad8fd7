import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { parseJson } from '../../model/json.ts';

/** One message of the Phoenix protocol, which Supabase Realtime speaks, either way. */
export interface Frame {
  /** The ref of the join by which its sender is in the channel. */
  readonly joinRef: string | null;
  /** What a reply refers to. */
  readonly ref: string | null;
  readonly topic: string;
  readonly event: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The serialisations: objects, and arrays since 2.0.0. */
export type Version = '1.0.0' | '2.0.0';

const Ref = t.union([t.string, t.null]);
const ArrayFrame = t.tuple([Ref, Ref, t.string, t.string, t.UnknownRecord]);
const ObjectFrame = t.intersection([
  t.type({ topic: t.string, event: t.string, payload: t.UnknownRecord }),
  t.partial({ ref: Ref, join_ref: Ref }),
]);

/** What a client sent as text; undefined where it is no frame. */
export const readFrame = (version: Version, text: string): Frame | undefined => {
  const json = parseJson(text);
  if (version === '1.0.0') {
    const read = ObjectFrame.decode(json);
    if (E.isLeft(read)) return undefined;
    const { topic, event, payload, ref = null, join_ref = null } = read.right;
    return { joinRef: join_ref, ref, topic, event, payload };
  }
  const read = ArrayFrame.decode(json);
  if (E.isLeft(read)) return undefined;
  const [joinRef, ref, topic, event, payload] = read.right;
  return { joinRef, ref, topic, event, payload };
};

const BROADCAST_PUSH = 3;
const HEADER_BYTES = 7;

/**
 * What a client sent as bytes: a broadcast of its own, without what it says. Header: kind, lengths
 * of joinRef, ref, topic, event and metadata, encoding; then these texts, then the payload.
 */
export const readBroadcastPush = (bytes: Buffer): Frame | undefined => {
  const [kind, ...lengths] = bytes.subarray(0, 4);
  if (kind !== BROADCAST_PUSH || lengths.length < 3) return undefined;
  let at = HEADER_BYTES;
  const texts = lengths.map((length) => {
    const text = bytes.toString('utf8', at, at + length);
    at += length;
    return text;
  });
  const [joinRef = '', ref = '', topic = ''] = texts;
  return { joinRef: joinRef || null, ref: ref || null, topic, event: 'broadcast', payload: {} };
};

/** A frame as text for a client of this version. */
export const writeFrame = (version: Version, frame: Frame): string => {
  const { joinRef, ref, topic, event, payload } = frame;
  return JSON.stringify(
    version === '1.0.0'
      ? { topic, event, payload, ref, join_ref: joinRef }
      : [joinRef, ref, topic, event, payload],
  );
};
