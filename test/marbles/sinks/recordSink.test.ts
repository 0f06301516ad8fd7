import { map, type Observable, throwError, timer } from 'rxjs';
import type { Commit } from '../../../src/model/checkpoint.ts';
import { EMPTY_SNAPSHOT } from '../../../src/model/checkpoint.ts';
import type { Received } from '../../../src/model/received.ts';
import { rejected } from '../../../src/model/rejected.ts';
import type { Env } from '../../../src/model/shapes.ts';
import {
  type Entry,
  type Recorded,
  type RecordPorts,
  recordSink,
} from '../../../src/sinks/recordSink.ts';
import { marbles } from '../../support/marbles.ts';
import { reading } from '../../support/readings.ts';

/** A flush is its name here, and a line of that name. */
const commitOf = (flushes: ReadonlyArray<string>): Commit => ({
  lines: { dwells: [...flushes] },
  state: EMPTY_SNAPSHOT,
});

/** A disk that takes 3 ms a write and fails until `healsAt`. */
const disk = ({ scheduler }: Pick<Env, 'scheduler'>, healsAt = 0) => {
  const written: string[] = [];
  const write = (what: string): Observable<void> =>
    scheduler.now() < healsAt
      ? throwError(() => new Error('ENOSPC'))
      : timer(3, scheduler).pipe(map(() => void written.push(what)));
  const ports: RecordPorts = {
    append: (file) => (lines) => write(`${file} ${lines.length}`),
    commit: ({ lines }) => write(`commit ${lines.dwells?.join('+')}`),
  };
  return { ports, written };
};

const received: Record<'a' | 'b' | 'r' | 's', Received> = {
  a: { _tag: 'Reading', value: reading(1) },
  b: { _tag: 'Reading', value: reading(2) },
  r: { _tag: 'Rejected', value: rejected({ topic: 't', receivedAt: 1 }, ['no'], '{') },
  s: { _tag: 'Repeated' },
};
const entries: Record<string, Entry<string>> = {
  ...received,
  f: { _tag: 'Flush', flush: 'f' },
  g: { _tag: 'Flush', flush: 'g' },
};
const journalled = (...names: ReadonlyArray<keyof typeof received>): Recorded<string> => ({
  _tag: 'Journalled',
  received: names.map((name) => received[name]),
});
const released = (flush: string): Recorded<string> => ({ _tag: 'Released', flush });
const saving = (problem?: string): Recorded<string> => ({
  _tag: 'Saving',
  ...(problem !== undefined && { problem }),
});

describe('recordSink', () => {
  it(
    'emits nothing for an empty source',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold<Entry<string>>('|');
      const subs = '                      (^!)';
      const expected = '                  |';

      expectObservable(source.pipe(recordSink(commitOf, disk(env).ports, env))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'journals before it commits, and commits before what came later is journalled',
    marbles(({ cold, env, expectObservable, flush }) => {
      const { ports, written } = disk(env);
      const source = cold('(afbr)|', entries);
      const expected = '   ---x--y-----(z|)';
      const values = { x: journalled('a'), y: released('f'), z: journalled('b', 'r') };

      expectObservable(source.pipe(recordSink(commitOf, ports, env))).toBe(expected, values);
      flush();
      expect(written).toEqual([
        'rssi_readings 1',
        'commit f',
        'rssi_readings 1',
        'rejected_messages 1',
      ]);
    }),
  );

  it(
    'writes in one piece what came meanwhile: a run of flushes is one commit',
    marbles(({ cold, env, expectObservable, flush }) => {
      const { ports, written } = disk(env);
      const source = cold('a(bfsg)|', entries);
      const expected = '   ---x--y--(fg|)';
      const values = {
        x: journalled('a'),
        y: journalled('b', 's'),
        f: released('f'),
        g: released('g'),
      };

      expectObservable(source.pipe(recordSink(commitOf, ports, env))).toBe(expected, values);
      flush();
      expect(written).toEqual(['rssi_readings 1', 'rssi_readings 1', 'commit f+g']);
    }),
  );

  it(
    'has nothing to write of what was counted before, but keeps its place',
    marbles(({ cold, env, expectObservable, flush }) => {
      const { ports, written } = disk(env);
      const source = cold('as|', entries);
      const expected = '   ---(xy|)';

      expectObservable(source.pipe(recordSink(commitOf, ports, env))).toBe(expected, {
        x: journalled('a'),
        y: journalled('s'),
      });
      flush();
      expect(written).toEqual(['rssi_readings 1']);
    }),
  );

  it(
    'lets flushes go while the disk fails, acknowledges nothing, and writes all when it heals',
    marbles(({ cold, env, flush }) => {
      const { ports, written } = disk(env, 700);
      const source = cold('a 9ms f 89ms (bg)-|', entries);
      const seen: Array<readonly [number, Recorded<string>]> = [];
      source
        .pipe(recordSink(commitOf, ports, env))
        .subscribe((record) => seen.push([env.scheduler.now(), record]));
      flush();

      expect(seen.map(([, record]) => record)).toEqual([
        saving('ENOSPC'),
        released('f'),
        released('g'),
        saving(),
        journalled('a'),
        journalled('b'),
      ]);
      expect(seen.slice(0, 3).map(([at]) => at)).toEqual([0, 10, 100]);
      expect(written).toEqual(['rssi_readings 1', 'rssi_readings 1', 'commit f+g']);
      expect(env.logged.filter(({ level }) => level !== 'warn')).toEqual([
        { level: 'error', event: 'saving failed', reason: 'ENOSPC' },
        { level: 'info', event: 'saving resumed' },
      ]);
    }),
  );

  it(
    'lets a flush go when its own commit fails',
    marbles(({ cold, env, flush }) => {
      const { ports, written } = disk(env, 200);
      const seen: Array<Recorded<string>> = [];
      cold('-f|', entries)
        .pipe(recordSink(commitOf, ports, env))
        .subscribe((record) => seen.push(record));
      flush();

      expect(seen).toEqual([saving('ENOSPC'), released('f'), saving()]);
      expect(written).toEqual(['commit f']);
    }),
  );

  it(
    'passes an error, and releases a source that never ends',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const { ports } = disk(env);
      const failing = cold<Entry<string>>('-#');
      const endless = cold<Entry<string>>('-');
      const unsub = '                      ^ 1m !';

      expectObservable(failing.pipe(recordSink(commitOf, ports, env))).toBe('-#');
      expectObservable(endless.pipe(recordSink(commitOf, ports, env)), unsub).toBe('-');
      expectSubscriptions(endless.subscriptions).toBe(unsub);
    }),
  );
});
