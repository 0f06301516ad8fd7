import {
  defer,
  filter,
  map,
  NEVER,
  type Observable,
  Subject,
  skip,
  switchMap,
  takeUntil,
  tap,
  timer,
} from 'rxjs';
import type { IngestResult } from '../../supabase/functions/_shared/contract.ts';
import type { Journal } from '../model/journal.ts';
import type { Path } from '../model/path.ts';
import type { UploadPolicy } from '../model/policies.ts';
import { type Report, redriven, uploadPath } from '../model/report.ts';
import type { Deliver, Env, Operator } from '../model/shapes.ts';
import { isShopEvent, type ShopEvent } from '../model/shopEvent.ts';
import type { Upload, UploadItem } from '../model/upload.ts';
import { adaptiveLimit } from '../operators/adaptiveLimit.ts';
import { batch } from '../operators/batch.ts';
import { circuitBreaker } from '../operators/circuitBreaker.ts';
import { accompaniedBy, completion, drainIn } from '../operators/lifetime.ts';
import { oneAtATime } from '../operators/oneAtATime.ts';
import { keepDeadLetters } from '../sinks/keepDeadLetters.ts';
import { type DeadLetterBox, redrive, watchArrivals } from '../sinks/redrive.ts';
import { sendUpload, type Uploaded } from '../sinks/sendUpload.ts';
import { redrives } from './redrives.ts';
import { settleUploads } from './settleUploads.ts';

export interface UploadStage {
  readonly deliver: Deliver<Upload, IngestResult>;
  /** Passes where an upload can be expected to. */
  readonly probe: Observable<unknown>;
  readonly newBatchId: () => string;
  readonly journal: Journal;
  /** The dead letters, those that this stage writes included. */
  readonly letters: Omit<DeadLetterBox, 'appendFailed'>;
}

/** How long the last uploads may take once the source has ended; the cursor knows the rest. */
const DRAIN_MS = 60_000;
/** How long the path may stay broken then. */
const HEALING_MS = 5_000;

/** Emits when the source has ended and the path does not look as if it healed soon. */
const hopelessEnd = (
  events$: Observable<unknown>,
  path$: Observable<Path>,
  { scheduler }: Pick<Env, 'scheduler'>,
): Observable<unknown> =>
  completion(events$).pipe(
    switchMap(() => path$),
    switchMap(({ _tag }) =>
      _tag === 'Open' || _tag === 'Parked' ? timer(HEALING_MS, scheduler) : NEVER,
    ),
  );

/**
 * Assignments and dwells that were saved go to the database in batches. The files are the journal:
 * what waits in memory is bounded, what is beyond is read back, oldest first, and every saved line
 * is settled, across kills. While the path fails, only probes are sent. What fails for good goes to
 * failed_uploads, and only then the cursor moves on; what may arrive after all is sent again once
 * something else has arrived. When the source ends, uploads have a minute to settle, and seconds
 * where the path is broken.
 */
export const uploads = (
  stage: UploadStage,
  appendFailed: Deliver<ReadonlyArray<string>>,
  policy: UploadPolicy,
  env: Env,
): Operator<ShopEvent, Report> =>
  drainIn(
    DRAIN_MS,
    (events$) =>
      defer(() => {
        const limit = adaptiveLimit(policy.catchUp.concurrency, env);
        const breaker = circuitBreaker('upload', stage.probe, policy.breaker, env);
        const guarded = breaker.guard(limit.observe(stage.deliver));
        const { deliver, lastArrivalAt } = watchArrivals(guarded, env);
        const send = sendUpload(deliver, policy.retry, env);
        const box = { ...stage.letters, appendFailed: oneAtATime(appendFailed) };
        const again = redrive(send, box, lastArrivalAt, policy.redrive, env);

        const settled$ = new Subject<Uploaded>();
        const keep = keepDeadLetters(box.appendFailed, env);
        return events$.pipe(
          filter(isShopEvent('Assignment', 'Dwell')),
          batch<UploadItem>(policy.batch, env),
          settleUploads(send, keep, stage, policy, limit.current, env),
          tap((report) => {
            if (report._tag === 'Uploaded') settled$.next(report.outcome);
          }),
          accompaniedBy<Report>(
            breaker.path$.pipe(skip(1), map(uploadPath)),
            settled$.pipe(redrives(box.letters$, again, policy.redrive, env), map(redriven)),
          ),
          takeUntil(hopelessEnd(events$, breaker.path$, env)),
        );
      }),
    env,
  );
