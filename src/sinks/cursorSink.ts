import { filter, map, pipe } from 'rxjs';
import type { Assignment } from '../model/assignment.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Deliver, Env, Operator } from '../model/shapes.ts';
import type { Upload } from '../model/upload.ts';
import { deliverWith } from '../operators/deliverWith.ts';

/** The next outcome brings a newer cursor: a failed save is not worth repeating. */
const ONCE = { maxRetries: 0, initialDelayMs: 0, maxDelayMs: 0 };

/**
 * Keeps the last assignment whose upload is settled, delivered or dead-lettered, so that a pipeline
 * that was killed knows where to go on. Expects uploads to be settled in order.
 */
export const cursorSink = <R>(
  save: Deliver<Assignment>,
  env: Env,
): Operator<Outcome<Upload, R>, Outcome<Assignment, void>> =>
  pipe(
    map(({ item }: Outcome<Upload, R>) => item.assignments.at(-1)),
    filter((assignment) => assignment !== undefined),
    deliverWith('upload_cursor', save, ONCE, env),
  );
