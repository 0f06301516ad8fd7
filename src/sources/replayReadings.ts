import { either as E } from 'fp-ts';
import { Observable, type SchedulerLike } from 'rxjs';
import { type Heard, isHeard, type Signal } from '../model/heard.ts';
import { parseJson } from '../model/json.ts';
import type { Rejected } from '../model/rejected.ts';
import type { Source } from '../model/shapes.ts';
import { UnixSeconds } from '../model/time.ts';
import { decodeNative } from './formats/native.ts';
import { type Fields, fieldsOf } from './formats/payload.ts';

/**
 * Which time of a line counts, where it holds when it came (`received_at`) beside `ts`. auto: it
 * comes when it came, so that the clocks of sensors can be judged as they are live. sensor: `ts`
 * alone. received: the time of receipt alone. Where it holds `ts` alone, that counts in any case.
 */
export type Times = 'auto' | 'sensor' | 'received';

type Decoded = ReadonlyArray<E.Either<Rejected, Signal>>;

const encoder = new TextEncoder();

/** Lines without these need not be read twice. */
const FURTHER_TIMES = /"(received_at|sensor_ts)"/;

/** What a line's readings hold beside what a sensor says, in order. */
const furtherIn = (line: string): ReadonlyArray<Fields | undefined> => {
  if (!FURTHER_TIMES.test(line)) return [];
  const parsed: unknown = parseJson(line);
  return Array.isArray(parsed) ? parsed.map(fieldsOf) : [fieldsOf(parsed)];
};

const instant = (value: unknown): number | undefined =>
  E.getOrElseW(() => undefined)(UnixSeconds.decode(value));

/** A reading that comes when it was made tells nothing of its sensor's clock. */
const timed = (heard: Heard, further: Fields | undefined, times: Times): Heard => {
  const receivedAt = times === 'sensor' ? undefined : instant(further?.['received_at']);
  const sensorTs = instant(further?.['sensor_ts']);
  const { ts } = heard.reading;
  const reading =
    sensorTs === undefined ? heard.reading : { ...heard.reading, sensor_ts: sensorTs };
  if (receivedAt === undefined) return { ...heard, reading, isRelayed: true };
  if (heard.isUntimed === true)
    return { ...heard, reading: { ...reading, ts: receivedAt }, receivedAt };
  if (times === 'auto') return { ...heard, reading, receivedAt };
  const received = { ...reading, ts: receivedAt, sensor_ts: sensorTs ?? ts };
  return { ...heard, reading: received, receivedAt, isRelayed: true };
};

const decodeLine = (line: string, nowTs: number, times: Times): Decoded => {
  const further = furtherIn(line);
  const message = { topic: 'replay', payload: encoder.encode(line), receivedAt: nowTs };
  return decodeNative(message).map((one, index) =>
    E.isRight(one) && isHeard(one.right) ? E.right(timed(one.right, further[index], times)) : one,
  );
};

/** When the latest reading of a line is due, Unix ms; undefined where the line holds none. */
const dueMs = (decoded: Decoded): number | undefined => {
  const due = decoded.flatMap((one) => {
    if (E.isLeft(one) || !isHeard(one.right)) return [];
    const { reading, receivedAt, isRelayed } = one.right;
    return [(isRelayed === true ? reading.ts : receivedAt) * 1000];
  });
  return due.length === 0 ? undefined : Math.max(...due);
};

/** When a recording begins: when its first usable reading is due, Unix ms. */
export const recordingStartMs = (
  lines: Iterable<string>,
  times: Times = 'auto',
): number | undefined => {
  for (const line of lines) {
    const due = line.trim() === '' ? undefined : dueMs(decodeLine(line, 0, times));
    if (due !== undefined) return due;
  }
  return undefined;
};

/** A longer one is a sensor without a clock: years of silence would be played through, tick by tick. */
const LONGEST_GAP_MS = 30 * 86_400_000;

const gapError = (line: string, waitMs: number): Error =>
  new Error(
    `This reading was made ${Math.round(waitMs / 86_400_000)} days after all before it; ` +
      `take those with a wrong clock out: ${line.slice(0, 200)}`,
  );

/**
 * A recording (native JSON, a message a line) as a source on `scheduler`'s clock: every line comes
 * when its reading was made, or received (see {@link Times}), out-of-order ones at once. Cold; lines are read as they come due, so
 * a recording may be larger than the memory. Completes with the last line; errors at a gap of more
 * than 30 days.
 */
export const replayReadings = (
  lines: Iterable<string>,
  scheduler: SchedulerLike,
  times: Times = 'auto',
): Source<Signal> =>
  new Observable((subscriber) => {
    const iterator = lines[Symbol.iterator]();
    let pending: Decoded = [];
    const emitPending = (): void => {
      for (const decoded of pending) subscriber.next(decoded);
      pending = [];
    };
    /** Emits what is due now; returns ms until the next line, undefined after the last one. */
    const advance = (): number | undefined => {
      for (;;) {
        emitPending();
        const line = iterator.next();
        if (line.done === true) return undefined;
        if (line.value.trim() === '') continue;
        pending = decodeLine(line.value, scheduler.now() / 1000, times);
        const wait = (dueMs(pending) ?? 0) - scheduler.now();
        if (wait > LONGEST_GAP_MS) throw gapError(line.value, wait);
        if (wait > 0) return wait;
      }
    };
    subscriber.add(() => iterator.return?.());
    subscriber.add(
      scheduler.schedule(function () {
        try {
          const wait = advance();
          if (wait === undefined) subscriber.complete();
          else this.schedule(undefined, wait);
        } catch (problem) {
          subscriber.error(problem);
        }
      }),
    );
  });
