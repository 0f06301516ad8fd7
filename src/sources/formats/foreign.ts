import { either as E } from 'fp-ts';
import { explain } from '../../../supabase/functions/_shared/codec.ts';
import type { Signal } from '../../model/heard.ts';
import type { Message } from '../../model/message.ts';
import { phoneIdOf } from '../../model/phoneId.ts';
import { Reading } from '../../model/reading.ts';
import { type Rejected, rejected } from '../../model/rejected.ts';
import { sensorName } from '../../model/sensorId.ts';
import { UnixSeconds } from '../../model/time.ts';
import { asJson, excerpt, type Fields, fieldsOf, readJson, readText } from './payload.ts';

export type Decoded = ReadonlyArray<E.Either<Rejected, Signal>>;

/** A message of somebody else's that says nothing about a phone or a sensor's health. */
export const NOTHING: Decoded = [];

export const refuse = (message: Message, reason: string): Decoded => [
  E.left(rejected(message, [reason], excerpt(message.payload))),
];

/** The id of a sensor by what its topic calls it; left: why there is none. */
export type SensorIdOf = (name: string) => E.Either<string, string>;

/** So many names are remembered, to tell that two of them would be one. */
const MOST_NAMES = 10_000;

/**
 * Topics name rooms, such as "Living Room"; a sensor's id has letters, digits and . : _ -, and anything
 * else in a name becomes _. The second of two names of which that makes the same id has none.
 */
export const sensorIds = (): SensorIdOf => {
  const names = new Map<string, string>();
  return (name) => {
    const written = sensorName(name.trim());
    const id = written.replaceAll(/[^\p{L}\p{M}\p{N}_.:-]/gu, '_');
    const first = names.get(id) ?? written;
    if (names.size < MOST_NAMES) names.set(id, first);
    return first === written
      ? E.right(id)
      : E.left(`sensor_id: "${name}" and "${first}" would both be ${id}: rename one of them`);
  };
};

/** What gateways send that are told to publish no strengths. */
export const DISTANCE_ALONE = 'rssi: none, and a distance alone places nobody';

const number = (value: unknown): number | undefined => {
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof read === 'number' && Number.isFinite(read) ? read : undefined;
};

/** Radio stacks say "no strength" with a number that no receiver could measure. */
const strength = (value: unknown): E.Either<string, number> => {
  const dbm = number(value);
  if (dbm === undefined) return E.left(`rssi: must be dBm, got ${asJson(value)}`);
  return dbm < 0 && dbm > -120 ? E.right(dbm) : E.left(`rssi: ${dbm} stands for none`);
};

/** What a gateway counts from before it has learnt the time, s: the start of 1970, or its own. */
const NO_CLOCK = 1e9;

const TEXT_WITHOUT_ZONE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?$/;

/** An instant as number or text, Unix seconds; undefined where it is none or of no use. */
export const instantOf = (value: unknown): number | undefined => {
  const read = number(value);
  const text = typeof value === 'string' ? value.trim() : '';
  const parsed = read ?? Date.parse(TEXT_WITHOUT_ZONE.test(text) ? `${text}Z` : text) / 1000;
  const seconds = UnixSeconds.decode(parsed);
  return E.isRight(seconds) && seconds.right > NO_CLOCK ? seconds.right : undefined;
};

/** Why the receive time cannot stand in for a time that a message lacks: it must be fresh. */
export const staleness = ({ isRetained, isBacklog }: Message): string | undefined => {
  if (isRetained === true) return 'ts: none, and the message was retained';
  return isBacklog === true ? 'ts: none, and the message waited at the broker' : undefined;
};

const timeOf = (message: Message, own: number | undefined): E.Either<string, number> => {
  if (own !== undefined) return E.right(own);
  const stale = staleness(message);
  return stale === undefined ? E.right(message.receivedAt) : E.left(stale);
};

/** One reading as somebody else's message has it; `ts` undefined where it carries none. */
export interface Found {
  readonly sensor: string;
  readonly phone: unknown;
  readonly rssi: unknown;
  readonly ts: number | undefined;
  /** Another than the sensor sends it, when it likes. */
  readonly isRelayed?: boolean;
}

/** A reading, or every reason why it is none. */
export const readingOf = (
  message: Message,
  { sensor, phone, rssi, ts, isRelayed = message.isRetained === true }: Found,
  idOf: SensorIdOf,
): Decoded[number] => {
  const id = idOf(sensor);
  const dbm = strength(rssi);
  const time = timeOf(message, ts);
  const early = [id, dbm, time].flatMap((part) => (E.isLeft(part) ? [part.left] : []));
  const refusal = (reasons: ReadonlyArray<string>) =>
    E.left(rejected(message, reasons, excerpt(message.payload)));
  if (E.isLeft(id) || E.isLeft(dbm) || E.isLeft(time)) return refusal(early);
  const decoded = Reading.decode({
    sensor_id: id.right,
    phone_id: typeof phone === 'string' ? phoneIdOf(phone) : phone,
    rssi: dbm.right,
    ts: time.right,
  });
  if (E.isLeft(decoded)) return refusal(explain(decoded.left));
  const { topic, receivedAt, isBacklog } = message;
  return E.right({
    reading: decoded.right,
    topic,
    receivedAt,
    ...(isBacklog === true && { isBacklog }),
    ...(isRelayed && { isRelayed }),
    ...(ts === undefined && { isUntimed: true }),
  });
};

/** Whoever empties a retained topic publishes nothing to it. */
export const isCleared = ({ payload }: Message): boolean => payload.byteLength === 0;

/** The payload's fields, or the rejection. */
export const readFields = (message: Message): E.Either<Decoded, Fields> => {
  if (isCleared(message)) return E.left(NOTHING);
  const parsed = readJson(message.payload);
  if (E.isLeft(parsed)) return E.left(refuse(message, parsed.left));
  const fields = fieldsOf(parsed.right);
  return fields === undefined
    ? E.left(refuse(message, 'payload: not a JSON object'))
    : E.right(fields);
};

const wordOf = (text: string): unknown => {
  const fields = fieldsOf(parseLoosely(text));
  return fields === undefined ? text : (fields['state'] ?? fields['status']);
};

const parseLoosely = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** A sensor's own word, or its last will: `online` or `offline`, plain or in JSON. */
export const statusOf = (message: Message, sensor: string, idOf: SensorIdOf): Decoded => {
  if (isCleared(message)) return NOTHING;
  const text = readText(message.payload);
  const word = E.isRight(text) ? wordOf(text.right.trim()) : undefined;
  const said = typeof word === 'string' ? word.toLowerCase() : '';
  if (said !== 'online' && said !== 'offline')
    return refuse(message, 'status: must be online or offline');
  return healthOf(message, sensor, said === 'online', idOf);
};

export const healthOf = (
  message: Message,
  sensor: string,
  isAlive: boolean,
  idOf: SensorIdOf,
): Decoded => {
  const id = idOf(sensor);
  return E.isLeft(id)
    ? refuse(message, id.left)
    : [
        E.right({
          _tag: 'SensorStatus',
          sensor_id: id.right,
          isAlive,
          ts: message.receivedAt,
        }),
      ];
};
