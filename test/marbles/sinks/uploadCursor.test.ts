import { defer, of, throwError } from 'rxjs';
import type { Journal, Mark } from '../../../src/model/journal.ts';
import { type Sending, uploadCursor } from '../../../src/sinks/uploadCursor.ts';
import { marbles } from '../../support/marbles.ts';
import { assignment } from '../../support/readings.ts';
import { upload } from '../../support/uploads.ts';

const START: Mark = { assignments: { file: 'a', offset: 0 }, dwells: { file: 'd', offset: 0 } };
const mark = (offset: number): Mark => ({ ...START, assignments: { file: 'a', offset } });
const sending = (n: number, ends: Sending['ends'] = mark(n)): Sending => ({
  upload: upload(n, [assignment(n)]),
  ends,
});

/** A journal that remembers what was saved, and finds uploads by `find`. */
const rig = (find: Journal['find'] = () => of(START)) => {
  const saved: number[] = [];
  const journal: Journal = {
    settled: START,
    behind: 0,
    read: () => of({ items: [], upTo: START, unreadable: 0 }),
    find,
    settle: ({ assignments }) =>
      defer(() => {
        saved.push(assignments.offset);
        return of(undefined);
      }),
  };
  return { journal, saved };
};

describe('uploadCursor', () => {
  it(
    'moves behind what is settled with all before it, whatever is settled first',
    marbles(({ env, expectObservable, flush }) => {
      const { journal, saved } = rig();
      const { begin, settle, position } = uploadCursor(journal, env);
      const [one, two, three] = [sending(1), sending(2), sending(3)];
      for (const each of [one, two, three]) begin(each);

      expectObservable(settle(two)).toBe('|');
      expectObservable(settle(one)).toBe('|');
      flush();
      expect(position()).toEqual(mark(2));
      expect(saved).toEqual([2]);
    }),
  );

  it(
    'looks up what went live from where it stands, and leaves alone what ends nowhere',
    marbles(({ env, expectObservable, flush }) => {
      const asked: number[] = [];
      const { journal, saved } = rig((after, { assignments }) => {
        asked.push(after.assignments.offset);
        return of(mark(assignments[0]?.ts ?? 0));
      });
      const { begin, settle } = uploadCursor(journal, env);
      const all = [sending(1), sending(2, 'nowhere'), sending(3, 'looked up')];
      for (const each of all) begin(each);

      for (const each of all) expectObservable(settle(each)).toBe('|');
      flush();
      expect(asked).toEqual([1]);
      expect(saved).toEqual([1, 3]);
    }),
  );

  it(
    'stays where an upload cannot be looked up, says so, and moves on with the next',
    marbles(({ env, expectObservable, flush }) => {
      const { journal, saved } = rig((_after, { assignments }) =>
        assignments[0]?.ts === 1 ? throwError(() => new Error('EIO')) : of(mark(2)),
      );
      const { begin, settle, position } = uploadCursor(journal, env);
      const [one, two] = [sending(1, 'looked up'), sending(2, 'looked up')];
      begin(one);
      begin(two);

      expectObservable(settle(one)).toBe('|');
      flush();
      expect(position()).toEqual(START);
      expect(saved).toEqual([]);
      expect(env.logged).toEqual([
        { level: 'warn', event: 'upload cursor stayed', reason: expect.stringContaining('EIO') },
      ]);

      expectObservable(settle(two)).toBe('|');
      flush();
      expect(position()).toEqual(mark(2));
      expect(saved).toEqual([2]);
    }),
  );

  it(
    'tries a save once: the next upload that is settled brings a newer one',
    marbles(({ env, expectObservable, flush }) => {
      const { journal } = rig();
      let tries = 0;
      const failing: Journal = {
        ...journal,
        settle: () =>
          defer(() => {
            tries += 1;
            return throwError(() => new Error('ENOSPC'));
          }),
      };
      const { begin, settle, position } = uploadCursor(failing, env);
      const one = sending(1);
      begin(one);

      expectObservable(settle(one)).toBe('|');
      flush();
      expect(tries).toBe(1);
      expect(position()).toEqual(mark(1));
    }),
  );
});
