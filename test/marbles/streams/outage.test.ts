import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  concatMap,
  defer,
  from,
  ignoreElements,
  interval,
  map,
  of,
  takeUntil,
  tap,
  throwError,
  timer,
} from 'rxjs';
import type { Journal, Mark, Place } from '../../../src/model/journal.ts';
import type { DeliveryError } from '../../../src/model/outcome.ts';
import type { Report } from '../../../src/model/report.ts';
import type { ShopEvent } from '../../../src/model/shopEvent.ts';
import { sizeOf } from '../../../src/model/upload.ts';
import { uploads } from '../../../src/streams/uploads.ts';
import { emittedBy } from '../../support/marbles.ts';
import { assignment } from '../../support/readings.ts';
import { ingested, stageOf, uploadPolicy } from '../../support/uploads.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const heapMb = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1e6;
};

const HOUR_MS = 3_600_000;
const OUTAGE_MS = 8 * HOUR_MS;
const WINDOW_MS = 5_000;
const PER_WINDOW = 100;
const down: DeliveryError = { _tag: 'Transient', reason: 'no answer: ECONNREFUSED' };

const policy = uploadPolicy({
  batch: { maxItems: 50, maxWaitMs: 30_000 },
  retry: { maxRetries: 3, initialDelayMs: 1_000, maxDelayMs: 60_000 },
});

/** The n-th line of a file that nobody has to hold: `ts` is its number. */
const place = (offset: number): Place => ({ file: 'generated', offset });
const mark = (offset: number): Mark => ({ assignments: place(offset), dwells: place(0) });

it('eight hours of outage at 20 assignments a second: memory flat, caught up afterwards, oldest first', () => {
  let saved = 0;
  let settled = 0;
  let probes = 0;
  let nowMs = 0;
  let heapAtStart = 0;
  let heapAtEnd = 0;
  let oldestFirst = true;
  let lastPage = -1;
  let caughtUpAtMs = 0;
  let freshRowsMeanwhile = 0;
  const letters: string[] = [];
  const seen = new Uint8Array(1_000_000);
  let progress: Extract<Report, { _tag: 'CatchingUp' }>['backlog'] = { done: 0, total: 0 };
  let mostBehind = 0;

  const journal: Journal = {
    settled: mark(0),
    behind: 0,
    read: (after, maxItems) =>
      defer(() => {
        const start = after.assignments.offset;
        const end = Math.min(saved, start + maxItems);
        const items = Array.from(
          { length: end - start },
          (_, n): ShopEvent & { _tag: 'Assignment' } => ({
            _tag: 'Assignment',
            value: assignment(start + n),
          }),
        );
        return of({ items, upTo: mark(end), unreadable: 0 });
      }),
    find: (after, { assignments }) => {
      const last = assignments.at(-1)?.ts ?? -1;
      return of(last >= after.assignments.offset ? mark(last + 1) : after);
    },
    settle: (to) =>
      defer(() => {
        expect(to.assignments.offset).toBeGreaterThanOrEqual(settled);
        settled = to.assignments.offset;
        return of(undefined);
      }),
  };

  emittedBy((env) => {
    const isDown = (): boolean => env.scheduler.now() < OUTAGE_MS;
    const stage = stageOf(
      (item) =>
        timer(200, env.scheduler).pipe(
          map(() => {
            if (isDown()) throw down;
            for (const { ts } of item.assignments) seen[ts] = 1;
            const first = item.assignments[0]?.ts ?? 0;
            if (sizeOf(item) > policy.batch.maxItems) {
              oldestFirst &&= first > lastPage;
              lastPage = first;
            } else if (caughtUpAtMs === 0) freshRowsMeanwhile += sizeOf(item);
            return ingested(item);
          }),
        ),
      {
        journal,
        probe: defer(() => {
          probes += 1;
          return isDown() ? throwError(() => down) : of(true);
        }),
      },
    );
    const events$ = interval(WINDOW_MS, env.scheduler).pipe(
      takeUntil(timer(OUTAGE_MS + HOUR_MS / 4, env.scheduler)),
      concatMap(() =>
        from(
          Array.from({ length: PER_WINDOW }, (): ShopEvent => {
            saved += 1;
            return { _tag: 'Assignment', value: assignment(saved - 1) };
          }),
        ),
      ),
    );
    timer(60_000, env.scheduler).subscribe(() => {
      heapAtStart = heapMb();
    });
    timer(OUTAGE_MS - 1, env.scheduler).subscribe(() => {
      heapAtEnd = heapMb();
      nowMs = env.scheduler.now();
    });
    return events$.pipe(
      uploads(
        stage,
        (lines) => {
          letters.push(...lines);
          return of(undefined);
        },
        policy,
        env,
      ),
      tap((report) => {
        if (report._tag !== 'CatchingUp') return;
        mostBehind = Math.max(mostBehind, report.backlog.total - report.backlog.done);
        if (progress.total > 0 && report.backlog.total === 0)
          caughtUpAtMs = env.scheduler.now() - OUTAGE_MS;
        progress = report.backlog;
      }),
      ignoreElements(),
    );
  });

  expect(nowMs).toBe(OUTAGE_MS - 1);
  // Held, the 576,000 assignments of the outage would be hundreds of megabytes.
  expect(heapAtEnd - heapAtStart).toBeLessThan(10);
  expect(mostBehind).toBeGreaterThan(560_000);
  expect(letters).toHaveLength(1);
  expect(probes).toBeGreaterThan(480);
  expect(saved).toBe(((OUTAGE_MS + HOUR_MS / 4) / WINDOW_MS - 1) * PER_WINDOW);
  // The dead letter is left to a redrive.
  expect(seen.subarray(0, saved).reduce((sum, one) => sum + one, 0)).toBe(
    saved - policy.batch.maxItems,
  );
  expect(settled).toBe(saved);
  expect(oldestFirst).toBe(true);
  expect(freshRowsMeanwhile).toBeGreaterThan(0);
  expect(caughtUpAtMs).toBeGreaterThan(0);
  expect(caughtUpAtMs).toBeLessThan(HOUR_MS / 4);
}, 120_000);
