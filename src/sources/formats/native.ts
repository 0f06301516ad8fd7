import { either as E } from 'fp-ts';
import { explain } from '../../../supabase/functions/_shared/codec.ts';
import type { Heard } from '../../model/heard.ts';
import type { Message } from '../../model/message.ts';
import { Reading } from '../../model/reading.ts';
import { type Rejected, rejected } from '../../model/rejected.ts';

/** What one message may hold at most. */
export interface NativeLimits {
  readonly payloadBytes: number;
  readonly readings: number;
}

export const NATIVE_LIMITS: NativeLimits = { payloadBytes: 262_144, readings: 10_000 };

type Decoded = E.Either<Rejected, Heard>;

/** Enough bytes for the excerpt that {@link rejected} keeps, whatever their encoding. */
const EXCERPT_BYTES = 8_192;

const excerpt = (payload: Uint8Array): string =>
  new TextDecoder().decode(payload.subarray(0, EXCERPT_BYTES));

/** JSON can nest deeper than what walks over it may recurse; such a value is named, not shown. */
const asJson = (value: unknown): string => {
  try {
    return JSON.stringify(value);
  } catch {
    return '(nested too deeply to show)';
  }
};

/** The text of the payload, or why there is none. Nothing is parsed before its size is known. */
const readText = (payload: Uint8Array, limits: NativeLimits): E.Either<string, string> => {
  if (payload.byteLength > limits.payloadBytes)
    return E.left(`payload: ${payload.byteLength} bytes, at most ${limits.payloadBytes}`);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
    return text.trim() === '' ? E.left('payload: empty') : E.right(text);
  } catch {
    return E.left('payload: not valid UTF-8');
  }
};

const parse = (text: string): E.Either<string, unknown> => {
  try {
    return E.right(JSON.parse(text));
  } catch (problem) {
    return E.left(`payload: not JSON: ${problem instanceof Error ? problem.message : problem}`);
  }
};

const countProblem = (parsed: unknown, limits: NativeLimits): string | undefined => {
  if (!Array.isArray(parsed)) return undefined;
  if (parsed.length === 0) return 'payload: an empty array';
  if (parsed.length > limits.readings)
    return `payload: ${parsed.length} readings, at most ${limits.readings}`;
  return undefined;
};

const isRecord = (value: unknown): value is Partial<Record<keyof Reading, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The four fields alone, with a time. Needed beyond tidiness: io-ts copies objects by assignment,
 * which turns a key `__proto__` of the JSON into a prototype and its content into fields.
 */
const ownFields = (element: unknown, receivedAt: number): unknown =>
  isRecord(element)
    ? {
        sensor_id: element.sensor_id,
        phone_id: element.phone_id,
        rssi: element.rssi,
        ts: element.ts === undefined ? receivedAt : element.ts,
      }
    : element;

const decodeElement = (element: unknown, at: string, message: Message): Decoded => {
  const fields = ownFields(element, message.receivedAt);
  const decoded = Reading.validate(fields, [{ key: at, type: Reading, actual: fields }]);
  if (E.isRight(decoded))
    return E.right({
      reading: decoded.right,
      topic: message.topic,
      receivedAt: message.receivedAt,
      ...(message.isBacklog === true && { isBacklog: true }),
    });
  return E.left(rejected(message, explain(decoded.left), asJson(element)));
};

/**
 * Reads the native payload: one JSON object or an array of them,
 * `{"sensor_id":"pi5","phone_id":"a8:76:50:e9:28:20","rssi":-61,"ts":1740000000.5}`.
 *
 * `rssi` in dBm; `ts` in Unix seconds, milliseconds are recognised, without it the receive time
 * stands in; other keys are ignored. One result per element, in order: a bad element is rejected
 * with the path of what is wrong (`[3].rssi: …`) and never costs its neighbours. What is not an
 * element list at all (empty, too large, not UTF-8, not JSON) gives exactly one rejection.
 * Never throws, never returns an empty list.
 */
export const decodeNative = (
  message: Message,
  limits: NativeLimits = NATIVE_LIMITS,
): ReadonlyArray<Decoded> => {
  const refuse = (reason: string) => [
    E.left(rejected(message, [reason], excerpt(message.payload))),
  ];
  const parsed = E.Monad.chain(readText(message.payload, limits), parse);
  if (E.isLeft(parsed)) return refuse(parsed.left);
  const problem = countProblem(parsed.right, limits);
  if (problem !== undefined) return refuse(problem);
  return Array.isArray(parsed.right)
    ? parsed.right.map((element: unknown, index) => decodeElement(element, `[${index}]`, message))
    : [decodeElement(parsed.right, '', message)];
};
