import { either as E } from 'fp-ts';
import { explain } from '../../../supabase/functions/_shared/codec.ts';
import type { Heard } from '../../model/heard.ts';
import type { Message } from '../../model/message.ts';
import { Reading } from '../../model/reading.ts';
import { type Rejected, rejected } from '../../model/rejected.ts';
import { asJson, excerpt, fieldsOf, PAYLOAD_BYTES, readJson } from './payload.ts';

/** What one message may hold at most. */
export interface NativeLimits {
  readonly payloadBytes: number;
  readonly readings: number;
}

export const NATIVE_LIMITS: NativeLimits = { payloadBytes: PAYLOAD_BYTES, readings: 10_000 };

type Decoded = E.Either<Rejected, Heard>;

const countProblem = (parsed: unknown, limits: NativeLimits): string | undefined => {
  if (!Array.isArray(parsed)) return undefined;
  if (parsed.length === 0) return 'payload: an empty array';
  if (parsed.length > limits.readings)
    return `payload: ${parsed.length} readings, at most ${limits.readings}`;
  return undefined;
};

/**
 * The four fields alone, with a time. Needed beyond tidiness: io-ts copies objects by assignment,
 * which turns a key `__proto__` of the JSON into a prototype and its content into fields.
 */
const ownFields = (element: unknown, receivedAt: number): unknown => {
  const fields = fieldsOf(element);
  return fields === undefined
    ? element
    : {
        sensor_id: fields['sensor_id'],
        phone_id: fields['phone_id'],
        rssi: fields['rssi'],
        ts: fields['ts'] === undefined ? receivedAt : fields['ts'],
      };
};

/** A sensor marks what it sends later than it heard it: such a reading is old with a right clock. */
const waited = (element: unknown, message: Message): boolean =>
  message.isBacklog === true || fieldsOf(element)?.['queued'] === true;

const decodeElement = (element: unknown, at: string, message: Message): Decoded => {
  const fields = ownFields(element, message.receivedAt);
  const decoded = Reading.validate(fields, [{ key: at, type: Reading, actual: fields }]);
  if (E.isRight(decoded))
    return E.right({
      reading: decoded.right,
      topic: message.topic,
      receivedAt: message.receivedAt,
      ...(waited(element, message) && { isBacklog: true }),
      ...(fieldsOf(element)?.['ts'] === undefined && { isUntimed: true }),
    });
  return E.left(rejected(message, explain(decoded.left), asJson(element)));
};

/**
 * Reads the native payload: one JSON object or an array of them,
 * `{"sensor_id":"pi5","phone_id":"a8:76:50:e9:28:20","rssi":-61,"ts":1740000000.5}`.
 *
 * `rssi` in dBm; `ts` in Unix seconds, milliseconds are recognised, without it the receive time
 * stands in; `"queued":true` says that the reading waited at its sensor; other keys are ignored.
 * One result per element, in order: a bad element is rejected with the path of what is wrong
 * (`[3].rssi: …`) and never costs its neighbours. What is not an element list at all (empty, too
 * large, not UTF-8, not JSON) gives exactly one rejection. Never throws, never returns an empty list.
 */
export const decodeNative = (
  message: Message,
  limits: NativeLimits = NATIVE_LIMITS,
): ReadonlyArray<Decoded> => {
  const refuse = (reason: string) => [
    E.left(rejected(message, [reason], excerpt(message.payload))),
  ];
  const parsed = readJson(message.payload, limits.payloadBytes);
  if (E.isLeft(parsed)) return refuse(parsed.left);
  const problem = countProblem(parsed.right, limits);
  if (problem !== undefined) return refuse(problem);
  return Array.isArray(parsed.right)
    ? parsed.right.map((element: unknown, index) => decodeElement(element, `[${index}]`, message))
    : [decodeElement(parsed.right, '', message)];
};
