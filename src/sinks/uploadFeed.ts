import { defer, EMPTY, exhaustMap, mergeMap, type Observable, of, Subject, timer } from 'rxjs';
import type { Journal, Mark } from '../model/journal.ts';
import type { UploadPolicy } from '../model/policies.ts';
import type { Backlog } from '../model/report.ts';
import type { Env } from '../model/shapes.ts';
import { sizeOf, toUpload, type Upload, type UploadItem } from '../model/upload.ts';
import { retryBackoff } from '../operators/retryBackoff.ts';
import { broughtBack } from './broughtBack.ts';
import type { Sending } from './uploadCursor.ts';

export interface UploadFeed {
  /** Takes a batch of what was saved just now. */
  readonly offer: (items: ReadonlyArray<UploadItem>) => void;
  /** What is to be sent next; completes without a value where there is nothing. */
  readonly next: () => Observable<Sending>;
  /** Learns what became of a sending. */
  readonly sent: (sending: Sending, wentSmoothly: boolean) => void;
  /** Emits when it is time to ask again, though nothing was offered. */
  readonly again$: Observable<unknown>;
  /** Undefined while nothing is read back. */
  readonly backlog: () => Backlog | undefined;
  /** Rows in memory, those that are under way not counted. */
  readonly waitingItems: () => number;
}

interface CatchUp {
  readonly from: Mark;
  readonly backlog: Backlog;
  readonly turn: number;
}

/** A failing disk is asked again until it heals. */
const UNTIL_READ = {
  maxRetries: Number.POSITIVE_INFINITY,
  initialDelayMs: 500,
  maxDelayMs: 10_000,
};

/** So long after the end of the files they are read again, where they lack what is no longer in memory. */
const LOOK_AGAIN_MS = 5_000;

/**
 * What to send, and from where. While uploads keep up, batches go from memory, in order. When more
 * waits than memory may hold, or an earlier process left something behind, the files are read back
 * from the cursor in ever larger pages, oldest first; of every few uploads one is of the present
 * then, which the files bring once more. When they have brought all that memory could not hold,
 * batches go from memory again.
 */
export const uploadFeed = (
  journal: Journal,
  position: () => Mark,
  newBatchId: () => string,
  { batch, catchUp }: Pick<UploadPolicy, 'batch' | 'catchUp'>,
  env: Env,
): UploadFeed => {
  const waiting: Upload[] = [];
  let liveUnderWay = 0;
  let pageItems = batch.maxItems;
  let behind: CatchUp | undefined;
  const files = broughtBack();
  const isShort$ = new Subject<void>();

  const waitingItems = (): number => waiting.reduce((sum, upload) => sum + sizeOf(upload), 0);
  const begin = (total: number): void => {
    env.log({ level: 'info', event: 'catching up begun', behind: total });
    behind = { from: position(), backlog: { done: 0, total }, turn: 0 };
  };
  const end = (done: number): void => {
    env.log({ level: 'info', event: 'catching up ended', rows: done });
    behind = undefined;
  };
  const dropOldest = (most: number): void => {
    let items = waitingItems();
    const first = waiting.findIndex((upload) => {
      const fits = items <= most;
      items -= sizeOf(upload);
      return fits;
    });
    for (const upload of waiting.splice(0, first < 0 ? waiting.length : first))
      files.dropped(upload);
  };
  const live = (): Observable<Sending> => {
    const upload = waiting.shift();
    if (upload === undefined) return EMPTY;
    files.sent(upload);
    if (behind === undefined) liveUnderWay += sizeOf(upload);
    return of({ upload, ends: behind === undefined ? 'looked up' : 'nowhere' });
  };
  const readOn = (at: CatchUp): Observable<Sending> =>
    journal.read(at.from, pageItems).pipe(
      retryBackoff(UNTIL_READ, env),
      mergeMap(({ items, upTo, unreadable }) => {
        const { done, total } = behind?.backlog ?? at.backlog;
        const read = done + items.length + unreadable;
        if (unreadable > 0) env.log({ level: 'warn', event: 'lines passed over', unreadable });
        files.read(items);
        if (items.length === 0) {
          if (files.isAll()) end(read);
          else isShort$.next();
          return live();
        }
        const backlog = { done: read, total: Math.max(total, read) };
        behind = { from: upTo, backlog, turn: at.turn };
        return of<Sending>({ upload: toUpload(newBatchId(), items), ends: upTo });
      }),
    );
  const next = (): Observable<Sending> => {
    if (behind === undefined) return live();
    behind = { ...behind, turn: behind.turn + 1 };
    const isPreview = behind.turn % catchUp.previewEvery === 0 && waiting.length > 0;
    return isPreview ? live() : readOn(behind);
  };

  if (journal.behind > 0) begin(journal.behind);
  return {
    offer: (items) => {
      waiting.push(toUpload(newBatchId(), items));
      files.offered(items);
      if (behind) {
        const { done, total } = behind.backlog;
        behind = { ...behind, backlog: { done, total: total + items.length } };
      } else if (waitingItems() > catchUp.waitingItems) begin(waitingItems() + liveUnderWay);
      if (behind) dropOldest(catchUp.previewItems);
    },
    next: () => defer(next),
    sent: ({ upload, ends }, wentSmoothly) => {
      if (ends === 'looked up') liveUnderWay -= sizeOf(upload);
      pageItems = wentSmoothly
        ? Math.min(catchUp.pageItems, pageItems * 2)
        : Math.max(Math.min(batch.maxItems, catchUp.pageItems), Math.floor(pageItems / 2));
    },
    again$: isShort$.pipe(exhaustMap(() => timer(LOOK_AGAIN_MS, env.scheduler))),
    backlog: () => behind?.backlog,
    waitingItems,
  };
};
