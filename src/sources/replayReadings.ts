import { either as E } from 'fp-ts';
import { Observable, type SchedulerLike } from 'rxjs';
import { isHeard, type Signal } from '../model/heard.ts';
import type { Rejected } from '../model/rejected.ts';
import type { Source } from '../model/shapes.ts';
import { decodeNative } from './formats/native.ts';

type Decoded = ReadonlyArray<E.Either<Rejected, Signal>>;

const encoder = new TextEncoder();

const decodeLine = (line: string, receivedAt: number): Decoded =>
  decodeNative({ topic: 'replay', payload: encoder.encode(line), receivedAt });

/** When the latest reading of a line was made, Unix ms; undefined where the line holds none. */
const dueMs = (decoded: Decoded): number | undefined => {
  const times = decoded.flatMap((one) =>
    E.isRight(one) && isHeard(one.right) ? [one.right.reading.ts * 1000] : [],
  );
  return times.length === 0 ? undefined : Math.max(...times);
};

/** When a recording begins: the time of its first usable reading, Unix ms. */
export const recordingStartMs = (lines: Iterable<string>): number | undefined => {
  for (const line of lines) {
    const due = line.trim() === '' ? undefined : dueMs(decodeLine(line, 0));
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
 * when its reading was made, out-of-order ones at once. Cold; lines are read as they come due, so
 * a recording may be larger than the memory. Completes with the last line; errors at a gap of more
 * than 30 days.
 */
export const replayReadings = (lines: Iterable<string>, scheduler: SchedulerLike): Source<Signal> =>
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
        pending = decodeLine(line.value, scheduler.now() / 1000);
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
