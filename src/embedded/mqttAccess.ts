import { createHash, timingSafeEqual } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { PIPELINE, SURVEY } from '../production/certificates/certificateFolder.ts';

/** Who a client has proven to be: somebody on this machine, or a name from outside. */
export type Identity =
  | { readonly _tag: 'Local' }
  | { readonly _tag: 'Pipeline' }
  | { readonly _tag: 'Survey' }
  | { readonly _tag: 'Sensor'; readonly name: string };

export const LOCAL: Identity = { _tag: 'Local' };

const named = (name: string): Identity => {
  if (name === PIPELINE) return { _tag: 'Pipeline' };
  return name === SURVEY ? { _tag: 'Survey' } : { _tag: 'Sensor', name };
};

const digest = (text: string | Buffer): Buffer => createHash('sha256').update(text).digest();

/** Who comes over TLS: by a certificate of our authority, else by a password of the list. */
export const identify = (
  socket: TLSSocket,
  passwords: ReadonlyMap<string, string>,
  username: string | undefined,
  password: Buffer | undefined,
): Identity | undefined => {
  if (socket.authorized) {
    const name: unknown = socket.getPeerCertificate().subject?.CN;
    return typeof name === 'string' && name !== '' ? named(name) : undefined;
  }
  const expected = passwords.get(username ?? '');
  // A name that nobody has takes as long to refuse as a wrong password.
  const isRight = timingSafeEqual(digest(password ?? ''), digest(expected ?? 'nobody'));
  return username !== undefined && expected !== undefined && isRight ? named(username) : undefined;
};

const isOwn = (name: string, clientId: string): boolean =>
  clientId === name || clientId.startsWith(`${name}/`);

/** Client ids are one's own: nobody throws another out, or takes its kept session over. */
export const mayBeCalled = (who: Identity, clientId: string): boolean => {
  if (who._tag === 'Sensor') return isOwn(who.name, clientId);
  return who._tag !== 'Survey' || isOwn(SURVEY, clientId);
};

/** What a status says is short. */
const MOST_STATUS_BYTES = 4_096;

/** What of a message an access rule goes by. */
interface Publication {
  readonly topic: string;
  readonly payload: string | Buffer;
}

/** Whether a topic tells how its publisher is: the one thing that the broker may keep for newcomers. */
export const isStatus = (topic: string): boolean => topic.endsWith('/status');

/**
 * A sensor publishes as itself, to one of `stores`; it and the pipeline say how they are, briefly, the
 * survey nothing. `$…` is the broker's own.
 */
export const mayPublish = (
  who: Identity,
  { topic, payload }: Publication,
  stores: ReadonlySet<string>,
): boolean => {
  if (topic.startsWith('$')) return false;
  const levels = topic.split('/');
  const [root, branch, third, last] = levels;
  if (who._tag === 'Local') return true;
  if (who._tag === 'Survey' || root !== 'neuralsense' || levels.length !== 4) return false;
  if (isStatus(topic) && payload.length > MOST_STATUS_BYTES) return false;
  if (who._tag === 'Pipeline') return branch === 'pipeline' && last === 'status';
  return branch === 'sensors'
    ? third === who.name && last === 'status'
    : branch === 'rssi' && stores.has(third ?? '') && last === who.name;
};

/** Sensors read nothing. */
export const mayRead = (who: Identity): boolean => who._tag !== 'Sensor';
