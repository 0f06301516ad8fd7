import fc from 'fast-check';
import {
  defer,
  delay,
  endWith,
  ignoreElements,
  NEVER,
  Observable,
  of,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';
import type {
  FailedUpload,
  RedrivenUpload,
  WaitingLetter,
} from '../../../src/model/failedUpload.ts';
import type { DeliveryError } from '../../../src/model/outcome.ts';
import type { Env } from '../../../src/model/shapes.ts';
import type { ShopEvent, ShopEventOf } from '../../../src/model/shopEvent.ts';
import { itemsOf, sizeOf, type Upload, type UploadItem } from '../../../src/model/upload.ts';
import { type UploadStage, uploads } from '../../../src/streams/uploads.ts';
import { emittedBy } from '../../support/marbles.ts';
import { assignment } from '../../support/readings.ts';
import {
  countingIds,
  dwell,
  ingested,
  memoryJournal,
  uploadPolicy,
} from '../../support/uploads.ts';

const policy = uploadPolicy({
  batch: { maxItems: 2, maxWaitMs: 10_000 },
  retry: { maxRetries: 1, initialDelayMs: 500, maxDelayMs: 5_000 },
  breaker: { failures: 2, initialDelayMs: 500, maxDelayMs: 20_000, parkedMs: 20_000 },
  catchUp: { waitingItems: 6, previewItems: 4, pageItems: 8, concurrency: 3, previewEvery: 3 },
  redrive: { intervalMs: 100, restMs: 5_000, triesToBlame: 8 },
});

/** What a try meets. `Lost`: the rows arrive, the answer does not. */
type Fault = 'None' | 'Down' | 'Lost' | 'Busy' | 'WrongToken' | 'Bad' | 'TooLarge';
const ERRORS: Record<Exclude<Fault, 'None'>, DeliveryError> = {
  Down: { _tag: 'Transient', reason: 'no answer' },
  Lost: { _tag: 'Transient', reason: 'no answer in time' },
  Busy: { _tag: 'Transient', reason: 'HTTP 429', status: 429, retryAfterMs: 3_000 },
  WrongToken: { _tag: 'Misconfigured', reason: 'HTTP 401' },
  Bad: { _tag: 'Permanent', reason: 'HTTP 422', status: 422, blames: 'rows' },
  TooLarge: { _tag: 'Permanent', reason: 'HTTP 413', status: 413, blames: 'size' },
};

const keyOf = ({ _tag, value }: UploadItem): string => `${_tag} ${JSON.stringify(value)}`;

/** What outlives a process: the files and the database. */
const world = (isPoison: (item: UploadItem) => boolean) => {
  const files = memoryJournal();
  const rows = new Set<string>();
  const failed: FailedUpload[] = [];
  const redriven = new Set<string>();
  const newBatchId = countingIds();
  const pending = (): ReadonlyArray<WaitingLetter & { readonly whole: FailedUpload }> => {
    const latest = new Map(failed.map((one) => [one.upload.batch_id, one]));
    return [...latest.values()]
      .filter(({ upload }) => !redriven.has(upload.batch_id))
      .map((whole) => {
        const { upload, ...rest } = whole;
        return {
          ...rest,
          batch_id: upload.batch_id,
          rows: sizeOf(upload),
          path: '',
          offset: 0,
          whole,
        };
      });
  };
  const stage = (
    faults: ReadonlyArray<Fault>,
    probeFaults: ReadonlyArray<Fault>,
    env: Env,
  ): UploadStage => {
    const left = [...faults];
    const probesLeft = [...probeFaults];
    const answer = (item: Upload) => {
      const next = left.shift() ?? 'None';
      const fault = next === 'TooLarge' && sizeOf(item) < 2 ? 'None' : next;
      const all = itemsOf(item);
      if (fault !== 'None' && fault !== 'Lost') return throwError(() => ERRORS[fault]);
      if (all.some(isPoison)) return throwError(() => ERRORS.Bad);
      for (const one of all) rows.add(keyOf(one));
      return fault === 'Lost' ? throwError(() => ERRORS.Lost) : of(ingested(item));
    };
    return {
      deliver: (item) =>
        timer(50, env.scheduler).pipe(
          ignoreElements(),
          endWith(true),
          (end$) =>
            new Observable((subscriber) =>
              end$.subscribe({
                complete: () => subscriber.add(answer(item).subscribe(subscriber)),
              }),
            ),
        ),
      probe: defer(() => {
        const fault = probesLeft.shift() ?? 'None';
        return fault === 'None' ? of(true) : throwError(() => ERRORS[fault]);
      }),
      newBatchId,
      journal: files.open(),
      letters: {
        letters$: defer(
          () =>
            new Observable<ReadonlyArray<WaitingLetter>>((subscriber) =>
              subscriber.next(pending()),
            ),
        ),
        load: (letter) =>
          defer(() => {
            const found = pending().find(({ batch_id }) => batch_id === letter.batch_id);
            return found ? of(found.whole) : throwError(() => new Error('gone'));
          }).pipe(delay(1, env.scheduler)),
        appendRedriven: (lines) =>
          of(undefined).pipe(delay(1, env.scheduler), (saved$) =>
            defer(() => {
              for (const line of lines) redriven.add((JSON.parse(line) as RedrivenUpload).batch_id);
              return saved$;
            }),
          ),
      },
    };
  };
  const appendFailed = (lines: ReadonlyArray<string>) =>
    defer(() => {
      failed.push(...lines.map((line): FailedUpload => JSON.parse(line)));
      return of(undefined);
    });
  return { files, rows, pending, stage, appendFailed };
};

interface Life {
  readonly savesAt: ReadonlyArray<number>;
  readonly faults: ReadonlyArray<Fault>;
  readonly probeFaults: ReadonlyArray<Fault>;
  readonly killedAt: number;
}

/** Runs processes one after the other, each until it is killed; returns what is left in the end. */
const live = (lives: ReadonlyArray<Life>, isPoison: (item: UploadItem) => boolean) => {
  const around = world(isPoison);
  const all: UploadItem[] = [];
  const cursors: number[] = [];
  for (const { savesAt, faults, probeFaults, killedAt } of lives) {
    const first = around.files.settled();
    cursors.push(first.assignments.offset + first.dwells.offset);
    emittedBy((env) => {
      const events$ = new Observable<ShopEvent>((subscriber) => {
        for (const at of savesAt)
          subscriber.add(
            timer(at, env.scheduler).subscribe(() => {
              const ts = all.length + 1;
              const item: ShopEventOf<'Assignment' | 'Dwell'> =
                ts % 4 === 0
                  ? { _tag: 'Dwell', value: dwell(ts, ts + 1) }
                  : { _tag: 'Assignment', value: assignment(ts) };
              all.push(item);
              around.files.save(item);
              subscriber.next(item);
            }),
          );
        return () => {};
      });
      return events$.pipe(
        uploads(around.stage(faults, probeFaults, env), around.appendFailed, policy, env),
        takeUntil(timer(killedAt, env.scheduler)),
      );
    });
  }
  return { ...around, all, cursors };
};

const fault = (...kinds: ReadonlyArray<Fault>) =>
  fc.array(fc.constantFrom<Fault>(...kinds), { maxLength: 25 });
const life = (...kinds: ReadonlyArray<Fault>): fc.Arbitrary<Life> =>
  fc.record({
    savesAt: fc.array(fc.integer({ min: 1, max: 90_000 }), { maxLength: 40 }),
    faults: fault('None', ...kinds),
    probeFaults: fault('None', 'Down', 'WrongToken'),
    killedAt: fc.integer({ min: 1, max: 120_000 }),
  });
/** In the end the path works, something new comes in now and then, and there is time. */
const goodEnd: Life = {
  savesAt: Array.from({ length: 60 }, (_, n) => 1 + n * 10_000),
  faults: [],
  probeFaults: [],
  killedAt: 700_000,
};
/** No row can be the reason for these; for the others it can. */
const OF_THE_PATH = ['Busy', 'WrongToken', 'TooLarge'] as const;
const TRANSIENT = [...OF_THE_PATH, 'Down', 'Lost'] as const;

/** By all that was seen of it a row was bad: chance made each of so many tries fail. */
const isUnlucky = ({ rows, retryable, attempts, reason }: WaitingLetter): boolean =>
  rows === 1 && !retryable && attempts >= policy.redrive.triesToBlame && reason.startsWith('no');

describe('uploads, over kills and faults', () => {
  it('bring every saved line to the database, and leave no dead letter, where all faults pass', () => {
    fc.assert(
      fc.property(fc.array(life(...OF_THE_PATH), { maxLength: 5 }), (lives) => {
        const { files, rows, pending, all, cursors } = live([...lives, goodEnd], () => false);

        expect([...rows].sort()).toEqual(all.map(keyOf).sort());
        expect(pending()).toEqual([]);
        expect(files.open().behind).toBe(0);
        expect(cursors).toEqual([...cursors].sort((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });

  it('bring all good lines there, and make a dead letter of each bad one, beside other faults', () => {
    fc.assert(
      fc.property(
        fc.array(life(...TRANSIENT), { maxLength: 4 }),
        fc.integer({ min: 3, max: 12 }),
        (lives, every) => {
          const isPoison = ({ value }: UploadItem) =>
            ('ts' in value ? value.ts : value.enter_ts) % every === 0;
          const { files, rows, pending, all } = live([...lives, goodEnd], isPoison);
          const keysOf = (letters: ReturnType<typeof pending>) =>
            letters.flatMap(({ whole }) => itemsOf(whole.upload).map(keyOf));
          const [poisoned, good] = [all.filter(isPoison).map(keyOf), new Set(rows)];
          const unlucky = pending().filter(
            (one) => isUnlucky(one) && !poisoned.includes(keysOf([one])[0] ?? ''),
          );
          for (const key of keysOf(unlucky)) good.add(key);

          expect([...good].sort()).toEqual(
            all
              .map(keyOf)
              .filter((key) => !poisoned.includes(key))
              .sort(),
          );
          const letters = pending().filter((one) => !unlucky.includes(one));
          expect(new Set(keysOf(letters))).toEqual(new Set(poisoned));
          expect(letters.every((one) => one.rows === 1 && !one.retryable)).toBe(true);
          expect(files.open().behind).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are not held up by a batch that fails for ever with what looks like a passing fault', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), (bad) => {
        const isBad = ({ value }: UploadItem) => 'ts' in value && value.ts === bad;
        const around = world(() => false);
        const all: UploadItem[] = Array.from({ length: 100 }, (_, n) => ({
          _tag: 'Assignment',
          value: assignment(n + 1),
        }));
        all.forEach(around.files.save);
        emittedBy((env) => {
          const stage = around.stage([], [], env);
          return (NEVER as Observable<ShopEvent>).pipe(
            uploads(
              {
                ...stage,
                deliver: (item) =>
                  itemsOf(item).some(isBad) ? throwError(() => ERRORS.Down) : stage.deliver(item),
              },
              around.appendFailed,
              policy,
              env,
            ),
            takeUntil(timer(3_600_000, env.scheduler)),
          );
        });
        expect(around.files.open().behind).toBe(0);
        const left = around.pending().flatMap(({ whole }) => itemsOf(whole.upload));
        expect(left).toEqual(expect.arrayContaining(all.filter(isBad)));
        expect([...around.rows, ...left.map(keyOf)].sort()).toEqual(all.map(keyOf).sort());
      }),
      { numRuns: 10 },
    );
  });
});
