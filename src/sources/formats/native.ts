import { either as E } from 'fp-ts';
import type * as t from 'io-ts';
import { explain } from '../../../supabase/functions/_shared/codec.ts';
import { type Heard, NON_PHONE, type NonPhone } from '../../model/heard.ts';
import type { Message } from '../../model/message.ts';
import { isNonPhone } from '../../model/phoneId.ts';
import { Reading } from '../../model/reading.ts';
import { type Rejected, rejected } from '../../model/rejected.ts';
import { isCleared, staleness } from './foreign.ts';
import { asJson, excerpt, type Fields, fieldsOf, PAYLOAD_BYTES, readJson } from './payload.ts';
import { usualReading } from './usualReading.ts';

/** What one message may hold at most. */
export interface NativeLimits {
  readonly payloadBytes: number;
  readonly readings: number;
}

export const NATIVE_LIMITS: NativeLimits = { payloadBytes: PAYLOAD_BYTES, readings: 10_000 };

type Decoded = E.Either<Rejected, Heard | NonPhone>;

const countProblem = (parsed: unknown, limits: NativeLimits): string | undefined => {
  if (!Array.isArray(parsed)) return undefined;
  if (parsed.length === 0) return 'payload: an empty array';
  if (parsed.length > limits.readings)
    return `payload: ${parsed.length} readings, at most ${limits.readings}`;
  return undefined;
};

/** The names that a field may have; the first one that an element has is read. */
const SPELLINGS = {
  sensor_id: ['sensor_id', 'rpi_id'],
  phone_id: ['phone_id', 'mac'],
  rssi: ['rssi'],
  ts: ['ts'],
} as const;

const spellingOf = (field: keyof typeof SPELLINGS, fields: Fields): string =>
  SPELLINGS[field].find((name) => fields[name] !== undefined) ?? field;

/** What to write where a field is missing. */
const MISSING: Readonly<Record<keyof typeof SPELLINGS, string>> = {
  sensor_id: 'sensor_id: missing; write the sensor as "sensor_id" or "rpi_id"',
  phone_id: 'phone_id: missing; write the phone as "phone_id" or "mac"',
  rssi: 'rssi: missing; write the strength as "rssi", in dBm',
  ts: 'ts: missing; write the time as "ts", in Unix seconds',
};

/**
 * The four fields alone, with a time. Needed beyond tidiness: io-ts copies objects by assignment,
 * which turns a key `__proto__` of the JSON into a prototype and its content into fields.
 */
const ownFields = (fields: Fields, receivedAt: number) => ({
  sensor_id: fields['sensor_id'] ?? fields['rpi_id'],
  phone_id: fields['phone_id'] ?? fields['mac'],
  rssi: fields['rssi'],
  ts: fields['ts'] === undefined ? receivedAt : fields['ts'],
});

/** Why an element is no reading, in the words that it was written in itself. */
const reasonsOf = (errors: t.Errors, fields: Fields): ReadonlyArray<string> =>
  explain(errors).map((reason) =>
    reason.replace(
      /^(\[\d+\]\.)?(sensor_id|phone_id|rssi|ts): (.*)$/s,
      (_all, at: string | undefined, field: keyof typeof SPELLINGS, why: string) =>
        `${at ?? ''}${why.endsWith(', got missing') ? MISSING[field] : `${spellingOf(field, fields)}: ${why}`}`,
    ),
  );

const heardAs = (
  reading: Reading,
  { topic, receivedAt, isBacklog, isRetained }: Message,
  isQueued: boolean,
  isUntimed: boolean,
): Decoded =>
  isNonPhone(reading.phone_id)
    ? E.right(NON_PHONE)
    : E.right({
        reading,
        topic,
        receivedAt,
        // A sensor marks what it sends later than it heard it: that is old with a right clock.
        ...((isBacklog === true || isQueued) && { isBacklog: true }),
        ...(isRetained === true && { isRelayed: true }),
        ...(isUntimed && { isUntimed }),
      });

const decodeElement = (element: unknown, at: string, message: Message): Decoded => {
  const usual = usualReading(element);
  if (usual) return heardAs(usual, message, Object(element).queued === true, false);
  const fields = fieldsOf(element);
  const actual = fields === undefined ? element : ownFields(fields, message.receivedAt);
  const isQueued = fields?.['queued'] === true;
  const isUntimed = fields !== undefined && fields['ts'] === undefined;
  const stale = isUntimed
    ? staleness({ ...message, ...(isQueued && { isBacklog: true }) })
    : undefined;
  if (stale !== undefined) {
    const reason = at === '' ? stale : `${at}.${stale}`;
    return E.left(rejected(message, [reason], asJson(element)));
  }
  const decoded = Reading.validate(actual, [{ key: at, type: Reading, actual }]);
  return E.isLeft(decoded)
    ? E.left(rejected(message, reasonsOf(decoded.left, fields ?? {}), asJson(element)))
    : heardAs(decoded.right, message, isQueued, isUntimed);
};

/**
 * Reads the native payload: one JSON object or an array of them,
 * `{"sensor_id":"pi5","phone_id":"a8:76:50:e9:28:20","rssi":-61,"ts":1740000000.5}`; `rpi_id` and
 * `mac` name the first two as well.
 *
 * `rssi` in dBm; `ts` in Unix seconds, milliseconds are recognised, without it the receive time
 * of a message that did not wait anywhere stands in; `"queued":true` says that the reading waited at its sensor; other keys are ignored.
 * One result per element, in order: a bad element is rejected with the path of what is wrong
 * (`[3].rssi: …`) and never costs its neighbours; an address that no phone has is no reading. What
 * is not an element list at all (empty, too large, not UTF-8, not JSON) gives exactly one rejection.
 * Never throws. Only an empty payload, which clears a retained topic, gives an empty list.
 */
export const decodeNative = (
  message: Message,
  limits: NativeLimits = NATIVE_LIMITS,
): ReadonlyArray<Decoded> => {
  const refuse = (reason: string) => [
    E.left(rejected(message, [reason], excerpt(message.payload))),
  ];
  if (isCleared(message)) return [];
  const parsed = readJson(message.payload, limits.payloadBytes);
  if (E.isLeft(parsed)) return refuse(parsed.left);
  const problem = countProblem(parsed.right, limits);
  if (problem !== undefined) return refuse(problem);
  return Array.isArray(parsed.right)
    ? parsed.right.map((element: unknown, index) => decodeElement(element, `[${index}]`, message))
    : [decodeElement(parsed.right, '', message)];
};
