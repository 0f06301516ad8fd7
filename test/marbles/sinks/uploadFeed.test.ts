import { defer, of, take, throwError } from 'rxjs';
import type { Journal, Page } from '../../../src/model/journal.ts';
import { sizeOf, type UploadItem } from '../../../src/model/upload.ts';
import type { Sending } from '../../../src/sinks/uploadCursor.ts';
import { uploadFeed } from '../../../src/sinks/uploadFeed.ts';
import { type Marbles, marbles } from '../../support/marbles.ts';
import { assignment } from '../../support/readings.ts';
import { countingIds, memoryJournal } from '../../support/uploads.ts';

const item = (ts: number): UploadItem => ({ _tag: 'Assignment', value: assignment(ts) });
const items = (from: number, to: number): ReadonlyArray<UploadItem> =>
  Array.from({ length: to - from + 1 }, (_, at) => item(from + at));
const POLICY = {
  batch: { maxItems: 2, maxWaitMs: 1_000 },
  catchUp: { waitingItems: 4, previewItems: 2, pageItems: 8, concurrency: 8, previewEvery: 3 },
};

/** A feed over what `files` hold; `next` is what it gives at once. */
const rig = (
  { env }: Pick<Marbles, 'env'>,
  files = memoryJournal(),
  change: Partial<Journal> = {},
) => {
  let position = files.open().settled;
  const journal = { ...files.open(), ...change };
  const feed = uploadFeed(journal, () => position, countingIds(), POLICY, env);
  const next = (): Sending | undefined => {
    let given: Sending | undefined;
    feed.next().subscribe((sending) => {
      given = sending;
    });
    return given;
  };
  const times = (sending: Sending | undefined) =>
    sending?.upload.assignments.map(({ ts }) => ts) ?? [];
  const save = (...saved: ReadonlyArray<UploadItem>): void => {
    saved.forEach(files.save);
    feed.offer(saved);
  };
  const settleAll = (): void => {
    const offset = files.lines.assignments.length;
    position = { ...position, assignments: { file: 'memory', offset } };
  };
  return { feed, next, nextTimes: () => times(next()), times, save, settleAll };
};

describe('uploadFeed', () => {
  it(
    'gives from memory, in order, as long as no more waits than may',
    marbles(({ env }) => {
      const { feed, next, times, save } = rig({ env });
      save(...items(1, 2));
      save(...items(3, 4));
      expect(feed.waitingItems()).toBe(4);
      expect(feed.backlog()).toBeUndefined();
      const [one, two, none] = [next(), next(), next()];
      expect([times(one), times(two), none]).toEqual([[1, 2], [3, 4], undefined]);
      expect([one?.ends, two?.ends]).toEqual(['looked up', 'looked up']);
    }),
  );

  it(
    'reads back from the files once more waits, all that is not settled counted',
    marbles(({ env }) => {
      const { feed, next, save } = rig({ env });
      save(...items(1, 2));
      expect(next()).toBeDefined();
      save(...items(3, 5));
      expect(feed.backlog()).toBeUndefined();
      save(...items(6, 7));
      // Five in memory and two under way.
      expect(feed.backlog()).toEqual({ done: 0, total: 7 });
      expect(env.logged).toEqual([{ level: 'info', event: 'catching up begun', behind: 7 }]);
      save(item(8));
      expect(feed.backlog()).toEqual({ done: 0, total: 8 });
    }),
  );

  it(
    'counts nothing as under way that was sent',
    marbles(({ env }) => {
      const { feed, next, save } = rig({ env });
      save(...items(1, 3));
      const sending = next();
      if (sending) feed.sent(sending, true);
      save(...items(4, 8));
      expect(feed.backlog()).toEqual({ done: 0, total: 5 });
    }),
  );

  it(
    'keeps exactly as much of the present as may wait meanwhile, the newest',
    marbles(({ env }) => {
      const { feed, next, times, save } = rig({ env });
      for (let ts = 1; ts <= 6; ts += 1) save(item(ts));
      expect(feed.waitingItems()).toBe(2);
      // Two of the past, then one of the present, which ends nowhere: the files bring it once more.
      const [one, two, present] = [next(), next(), next()];
      expect([times(one), times(two), times(present)]).toEqual([[1, 2], [3, 4], [5]]);
      expect(present?.ends).toBe('nowhere');
      expect(one?.ends).toMatchObject({ assignments: { offset: 2 } });
    }),
  );

  it(
    'reads ever larger pages while all goes smoothly, up to the largest, and half of it where not',
    marbles(({ env }) => {
      const { feed, next } = rig({ env }, memoryJournal(...items(1, 100)));
      const sizes: number[] = [];
      for (const isSmooth of [true, true, true, false, false, false, true]) {
        const sending = next();
        if (!sending) break;
        sizes.push(sizeOf(sending.upload));
        feed.sent(sending, isSmooth);
      }
      expect(sizes).toEqual([2, 4, 8, 8, 4, 2, 2]);
    }),
  );

  it(
    'counts lines that cannot be read as done, says how many, and more than it knew of as the total',
    marbles(({ env }) => {
      const files = memoryJournal(...items(1, 2));
      const { read } = files.open();
      const withBad: Journal['read'] = (after, most) =>
        defer(() => {
          let page: Page | undefined;
          read(after, most).subscribe((given) => {
            page = given;
          });
          return of({ ...(page as Page), unreadable: 3 });
        });
      const { feed, nextTimes } = rig({ env }, files, { read: withBad });
      expect(feed.backlog()).toEqual({ done: 0, total: 2 });
      expect(nextTimes()).toEqual([1, 2]);
      expect(feed.backlog()).toEqual({ done: 5, total: 5 });
      expect(env.logged).toContainEqual({
        level: 'warn',
        event: 'lines passed over',
        unreadable: 3,
      });
    }),
  );

  it(
    'goes on from memory when the files have brought all that memory could not hold',
    marbles(({ env }) => {
      const { feed, next, nextTimes, save, settleAll } = rig(
        { env },
        memoryJournal(...items(1, 3)),
      );
      expect([nextTimes(), nextTimes()]).toEqual([[1, 2], [3]]);
      settleAll();
      expect(next()).toBeUndefined();
      expect(feed.backlog()).toBeUndefined();
      expect(env.logged.at(-1)).toEqual({ level: 'info', event: 'catching up ended', rows: 3 });
      save(item(4));
      expect(next()).toMatchObject({ ends: 'looked up' });
    }),
  );

  it(
    'looks again in five seconds where the files lack what is no longer in memory',
    marbles(({ env, expectObservable }) => {
      const { feed, next } = rig({ env });
      // Offered, dropped from memory, and not saved yet: the disk fails.
      for (let ts = 1; ts <= 6; ts += 1) feed.offer([item(ts)]);
      expectObservable(feed.again$.pipe(take(1))).toBe('5s (a|)', { a: 0 });
      env.scheduler.schedule(() => {
        next();
        expect(feed.backlog()).toBeDefined();
      });
    }),
  );

  it(
    'asks a disk that fails again, until it heals',
    marbles(({ env, expectObservable }) => {
      const files = memoryJournal(...items(1, 2));
      const { read } = files.open();
      let failures = 3;
      const healing: Journal['read'] = (...asked) =>
        defer(() => {
          failures -= 1;
          return failures >= 0 ? throwError(() => new Error('EIO')) : read(...asked);
        });
      const { feed } = rig({ env }, files, { read: healing });
      // Half of 0.5, 1 and 2 s.
      expectObservable(feed.next()).toBe('1750ms (a|)', { a: expect.anything() });
    }),
  );
});
