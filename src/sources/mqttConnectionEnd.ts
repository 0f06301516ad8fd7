import type { Speaker } from './rollCall.ts';

/**
 * Why a connection ended. Lost and HungUp (by the broker, without a word) may come back at once;
 * Refused and TakenOver need somebody's hand; Second means that we are one pipeline too many.
 */
export interface ConnectionEnd {
  readonly _tag: 'Lost' | 'HungUp' | 'Refused' | 'TakenOver' | 'Second';
  readonly reason: string;
  /** From the broker's yes to the end; 0 where there was no yes. */
  readonly lastedMs: number;
}

/** MQTT reason codes, of 3.1.1 and 5, that pass by themselves: unavailable, busy, shutting down … */
const PASSING = new Set([3, 136, 137, 139, 151, 159, 160]);
const SESSION_TAKEN_OVER = 142;

const lost = (reason: string): ConnectionEnd => ({ _tag: 'Lost', reason, lastedMs: 0 });
const refused = (reason: string): ConnectionEnd => ({ _tag: 'Refused', reason, lastedMs: 0 });

const unspoken = (protocolVersion: 4 | 5): string =>
  `the broker does not speak MQTT ${protocolVersion === 5 ? '5: set MQTT_PROTOCOL=3.1.1' : '3.1.1'}`;

const refusal = (code: number, message: string, protocolVersion: 4 | 5): string => {
  if (code === 1 || code === 132) return unspoken(protocolVersion);
  if (code === 2 || code === 133) return 'the broker refused the client id';
  if (code === 4 || code === 134) return 'the broker refused the user name or password';
  if (code === 5 || code === 135) return 'the broker did not authorise this client';
  return message;
};

const codeOf = (thrown: unknown): unknown =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;

const isEnd = (thrown: unknown): thrown is ConnectionEnd =>
  typeof thrown === 'object' && thrown !== null && 'lastedMs' in thrown && 'reason' in thrown;

/** Reads whatever mqtt.js or Node reported. A numeric code is the broker's word, a text is Node's. */
export const endOf = (thrown: unknown, protocolVersion: 4 | 5): ConnectionEnd => {
  if (isEnd(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = codeOf(thrown);
  if (typeof code === 'number')
    return PASSING.has(code) ? lost(message) : refused(refusal(code, message, protocolVersion));
  // Node tries every address of a name, and the error over all of them has no message.
  if (typeof code === 'string')
    return lost(message.includes(code) ? message : `${code} ${message}`.trim());
  return lost(message);
};

const takenOver = (clientId: string): ConnectionEnd => ({
  _tag: 'TakenOver',
  reason: `another client took the client id ${clientId} over`,
  lastedMs: 0,
});

/** A pipeline that was there before us has our client id. */
export const secondOf = ({ client_id, started }: Speaker): ConnectionEnd => ({
  _tag: 'Second',
  reason:
    `another pipeline, started ${new Date(started * 1000).toISOString()}, is connected to this broker as ${client_id}. ` +
    'Stop it, or give this one a STORE_NAME or an MQTT_CLIENT_ID of its own.',
  lastedMs: 0,
});

/** The broker ended the connection, with an MQTT 5 reason or, as in 3.1.1, without a word. */
export const closedByBroker = (code: number | undefined, clientId: string): ConnectionEnd => {
  if (code === SESSION_TAKEN_OVER) return takenOver(clientId);
  if (code !== undefined && code !== 0)
    return lost(`the broker disconnected us (reason code ${code})`);
  return {
    _tag: 'HungUp',
    reason: `the broker closed the connection: it stops, or another client took the client id ${clientId} over`,
    lastedMs: 0,
  };
};

/**
 * Tells a rival from a broker that stops where the broker says neither (MQTT 3.1.1, and mosquitto
 * 2.0.11 in 5 too): being let in and thrown out again twice in a row is the work of a rival, for a
 * broker that stops would have been away in between. Connections of `longMs` and more do not count.
 */
export const rivalWatch = (clientId: string, longMs: number) => {
  let inARow = 0;
  return (end: ConnectionEnd): ConnectionEnd => {
    const thrownOut = end._tag === 'HungUp' && end.lastedMs > 0 && end.lastedMs < longMs;
    inARow = thrownOut ? inARow + 1 : 0;
    return inARow >= 2 ? { ...takenOver(clientId), lastedMs: end.lastedMs } : end;
  };
};

/** SUBACK with a failure: which filters, and why where the broker says why. */
export const refusedTopics = (
  topics: ReadonlyArray<string>,
  granted: ReadonlyArray<unknown> | undefined,
  error: Error,
): ConnectionEnd => {
  if (granted === undefined) return lost(error.message);
  const codes = granted.map(Number);
  const filters = topics.filter((_, index) => (codes[index] ?? 0) >= 128).join(', ');
  const why = codes.includes(135)
    ? 'not authorised'
    : 'refused by the broker, probably not authorised';
  return refused(`subscription to ${filters}: ${why}`);
};
