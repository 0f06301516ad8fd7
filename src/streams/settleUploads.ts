import {
  BehaviorSubject,
  concat,
  defer,
  distinctUntilChanged,
  map,
  type Observable,
  skip,
  tap,
} from 'rxjs';
import type { Journal } from '../model/journal.ts';
import type { UploadPolicy } from '../model/policies.ts';
import { type Backlog, catchingUp, type Report } from '../model/report.ts';
import type { Env, Operator } from '../model/shapes.ts';
import type { Upload, UploadItem } from '../model/upload.ts';
import { accompaniedBy } from '../operators/lifetime.ts';
import { pull } from '../operators/pull.ts';
import type { Uploaded } from '../sinks/sendUpload.ts';
import { type Sending, uploadCursor } from '../sinks/uploadCursor.ts';
import { uploadFeed } from '../sinks/uploadFeed.ts';

const NO_BACKLOG: Backlog = { done: 0, total: 0 };

const isSame = (a: Backlog, b: Backlog): boolean => a.done === b.done && a.total === b.total;

/** Sends what the feed gives, keeps what fails, and then moves the cursor on. */
export const settleUploads = (
  send: (upload: Upload) => Observable<Uploaded>,
  keep: Operator<Uploaded, Report>,
  { journal, newBatchId }: { readonly journal: Journal; readonly newBatchId: () => string },
  policy: UploadPolicy,
  mostUnderWay: () => number,
  env: Env,
): Operator<ReadonlyArray<UploadItem>, Report> => {
  const cursor = uploadCursor(journal, env);
  const feed = uploadFeed(journal, cursor.position, newBatchId, policy, env);
  const backlog$ = new BehaviorSubject(NO_BACKLOG);
  const tellBacklog = (): void => backlog$.next(feed.backlog() ?? NO_BACKLOG);

  const work = (sending: Sending): Observable<Report> => {
    const outcomes: Array<Uploaded['_tag']> = [];
    let isFirstAttempt = true;
    cursor.begin(sending);
    return concat(
      send(sending.upload).pipe(
        tap(({ _tag, attempts }) => {
          outcomes.push(_tag);
          isFirstAttempt &&= attempts === 1;
        }),
        keep,
      ),
      defer(() => {
        feed.sent(sending, isFirstAttempt && outcomes.length === 1 && outcomes[0] === 'Delivered');
        tellBacklog();
        return cursor.settle(sending);
      }),
    );
  };
  return (batches$) => {
    const wake$ = batches$.pipe(
      tap(feed.offer),
      tap(tellBacklog),
      accompaniedBy<unknown>(feed.again$),
    );
    const limit = (): number => (feed.backlog() ? mostUnderWay() : 1);
    return pull({ next: feed.next, wake$ }, work, limit).pipe(
      accompaniedBy<Report>(backlog$.pipe(distinctUntilChanged(isSame), skip(1), map(catchingUp))),
    );
  };
};
