import { NEVER, of, tap } from 'rxjs';
import {
  type FailedUpload,
  failedUpload,
  type WaitingLetter,
} from '../../../src/model/failedUpload.ts';
import type { DeliveryError } from '../../../src/model/outcome.ts';
import type { Env } from '../../../src/model/shapes.ts';
import { halvesOf, partId, sizeOf, type Upload } from '../../../src/model/upload.ts';
import { redrive } from '../../../src/sinks/redrive.ts';
import type { Uploaded } from '../../../src/sinks/sendUpload.ts';
import { marbles } from '../../support/marbles.ts';
import { assignment } from '../../support/readings.ts';
import { ingested, upload, uuid } from '../../support/uploads.ts';

const down: DeliveryError = { _tag: 'Transient', reason: 'HTTP 503' };
const busy: DeliveryError = { _tag: 'Transient', reason: 'HTTP 429', status: 429 };
const refused: DeliveryError = { _tag: 'Permanent', reason: 'HTTP 422' };
const EVERY_MS = 10;

const arrived = (item: Upload): Uploaded => ({
  _tag: 'Delivered',
  sink: 'upload',
  item,
  receipt: ingested(item),
  attempts: 1,
  latencyMs: 1,
});
const dead = (item: Upload, error: DeliveryError): Uploaded & { readonly _tag: 'DeadLetter' } => ({
  _tag: 'DeadLetter',
  sink: 'upload',
  item,
  attempts: 4,
  error,
  firstAttemptAt: 0,
  failedAt: 1,
});
const letterOf = (item: Upload): FailedUpload => failedUpload(dead(item, down));
const waiting = (item: Upload): WaitingLetter => {
  const { upload: _whole, ...rest } = letterOf(item);
  return { ...rest, batch_id: item.batch_id, rows: sizeOf(item), path: '', offset: 0 };
};

/** What is written, in order: `failed` with id and kind, `redriven` with id. */
const boxOf = (...items: ReadonlyArray<Upload>) => {
  const written: string[] = [];
  return {
    written,
    box: {
      load: ({ batch_id }: WaitingLetter) =>
        of(...items.filter((one) => one.batch_id === batch_id).map(letterOf)),
      appendFailed: (lines: ReadonlyArray<string>) =>
        of(undefined).pipe(
          tap(() => {
            for (const line of lines) {
              const { upload: whole, retryable, attempts } = JSON.parse(line) as FailedUpload;
              written.push(
                `failed ${whole.batch_id} ${retryable ? 'again' : 'by hand'} ${attempts}`,
              );
            }
          }),
        ),
      appendRedriven: (lines: ReadonlyArray<string>) =>
        of(undefined).pipe(
          tap(() => written.push(...lines.map((line) => `redriven ${JSON.parse(line).batch_id}`))),
        ),
    },
  };
};
const one = upload(1, [assignment(1), assignment(2)]);
const two = upload(2, [assignment(3)]);
const run = (
  items: ReadonlyArray<Upload>,
  send: (item: Upload) => ReturnType<typeof of<ReadonlyArray<Uploaded>>> | ReadonlyArray<Uploaded>,
  lastArrivalAt: number,
  env: Env,
  triesToBlame = 8,
) => {
  const policy = { intervalMs: EVERY_MS, triesToBlame };
  const { box, written } = boxOf(...items);
  const sending = (item: Upload) => {
    const outcomes = send(item);
    return Array.isArray(outcomes)
      ? of(...(outcomes as ReadonlyArray<Uploaded>))
      : (NEVER as never);
  };
  return {
    written,
    sent$: redrive(sending, box, () => lastArrivalAt, policy, env)(items.map(waiting)),
  };
};

describe('redrive', () => {
  it(
    'sends letters one after the other, at the rate, and notes what arrived',
    marbles(({ env, expectObservable, flush }) => {
      const { sent$, written } = run([one, two], (item) => [arrived(item)], 0, env);

      expectObservable(sent$).toBe('10ms a 9ms (b|)', { a: arrived(one), b: arrived(two) });
      flush();
      expect(written).toEqual([`redriven ${uuid(1)}`, `redriven ${uuid(2)}`]);
    }),
  );

  it(
    'completes with no letters, and releases one that hangs',
    marbles(({ env, expectObservable }) => {
      expectObservable(run([], () => [], 0, env).sent$).toBe('|');
      expectObservable(run([one], () => NEVER, 0, env).sent$, '^ 1m !').toBe('-');
    }),
  );

  it(
    'writes what failed of a letter before it says that the letter is done with',
    marbles(({ env, expectObservable, flush }) => {
      const bad = upload(9, [assignment(2)]);
      const outcomes = [dead(bad, refused), arrived(one)];
      const { sent$, written } = run([one], () => outcomes, 0, env);

      expectObservable(sent$).toBe('10ms (ab|)', { a: outcomes[0], b: outcomes[1] });
      flush();
      expect(written).toEqual([`failed ${uuid(9)} by hand 8`, `redriven ${uuid(1)}`]);
    }),
  );

  it(
    'leaves a letter that is refused for good to be sent by hand, with its history',
    marbles(({ env, expectObservable, flush }) => {
      const { sent$, written } = run([two], (item) => [dead(item, refused)], 0, env);

      expectObservable(sent$).toBe('10ms (a|)', { a: dead(two, refused) });
      flush();
      expect(written).toEqual([`failed ${uuid(2)} by hand 8`]);
    }),
  );

  it(
    'leaves letters as they are where nothing arrived since',
    marbles(({ env, expectObservable, flush }) => {
      const { sent$, written } = run(
        [one],
        (item) => [dead(item, down)],
        Number.NEGATIVE_INFINITY,
        env,
      );

      expectObservable(sent$).toBe('10ms (a|)', { a: dead(one, down) });
      flush();
      expect(written).toEqual([]);
    }),
  );

  it(
    'leaves letters as they are where the last arrival was no later than their first attempt',
    marbles(({ env, expectObservable, flush }) => {
      const { sent$, written } = run([one], (item) => [dead(item, down)], 0, env);

      expectObservable(sent$).toBe('10ms (a|)', { a: dead(one, down) });
      flush();
      expect(written).toEqual([]);
    }),
  );

  it(
    'halves a letter that fails while others arrive, and gives a single row up',
    marbles(({ env, expectObservable, flush }) => {
      const { sent$, written } = run([one, two], (item) => [dead(item, down)], 5, env);

      expectObservable(sent$).toBe('10ms a 9ms (b|)', { a: dead(one, down), b: dead(two, down) });
      flush();
      expect(written).toEqual([
        ...halvesOf(one).map(({ batch_id }) => `failed ${batch_id} again 8`),
        `redriven ${uuid(1)}`,
        `failed ${uuid(2)} by hand 8`,
      ]);
      expect(halvesOf(one)[0]?.batch_id).toBe(partId(uuid(1), 'first half'));
    }),
  );

  it(
    'gives no row up before enough tries, whatever else arrives',
    marbles(({ env, expectObservable, flush }) => {
      const { sent$, written } = run([two], (item) => [dead(item, down)], 5, env, 9);

      expectObservable(sent$).toBe('10ms (a|)', { a: dead(two, down) });
      flush();
      expect(written).toEqual([`failed ${uuid(2)} again 8`]);
    }),
  );

  it.each([busy, { ...down, retryAfterMs: 3_000 }])(
    'blames no row for a receiver that asks for patience: %j',
    (error) =>
      marbles(({ env, expectObservable, flush }) => {
        const { sent$, written } = run([one, two], (item) => [dead(item, error)], 5, env);

        expectObservable(sent$).toBe('10ms a 9ms (b|)', {
          a: dead(one, error),
          b: dead(two, error),
        });
        flush();
        expect(written).toEqual([]);
      })(),
  );
});
