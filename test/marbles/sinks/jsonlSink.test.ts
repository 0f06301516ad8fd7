import { of } from 'rxjs';
import type { Deliver } from '../../../src/model/shapes.ts';
import { jsonlSink } from '../../../src/sinks/jsonlSink.ts';
import { marbles } from '../../support/marbles.ts';

interface Item {
  readonly n: number;
}
const values = { a: { n: 1 }, b: { n: 2 }, c: { n: 3 } };
const saved = (items: ReadonlyArray<Item>, attempts: number, latencyMs: number) => ({
  _tag: 'Delivered',
  sink: 'things',
  item: items,
  receipt: undefined,
  attempts,
  latencyMs,
});

describe('jsonlSink', () => {
  it(
    'writes nothing for an empty source',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const source = cold<Item>('|');
      const subs = '             (^!)';
      const expected = '         |';

      expectObservable(source.pipe(jsonlSink('things', () => of(undefined), env))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'writes each item as one line of JSON, and what came during a write in the next',
    marbles(({ cold, env, expectObservable, expectSubscriptions, flush }) => {
      const writes: ReadonlyArray<string>[] = [];
      const append: Deliver<ReadonlyArray<string>> = (lines) => {
        writes.push(lines);
        return cold('----(w|)', { w: undefined });
      };
      const source = cold('abc|', values);
      const subs = '       ^--!';
      const expected = '   ----x---(y|)';

      expectObservable(source.pipe(jsonlSink('things', append, env))).toBe(expected, {
        x: saved([values.a], 1, 4),
        y: saved([values.b, values.c], 1, 4),
      });
      expectSubscriptions(source.subscriptions).toBe(subs);
      flush();
      expect(writes).toEqual([['{"n":1}\n'], ['{"n":2}\n', '{"n":3}\n']]);
    }),
  );

  it(
    'tries a failing disk again until it heals, with what waits kept in order',
    marbles(({ cold, env, expectObservable, flush }) => {
      const file: string[] = [];
      let tries = 0;
      const append: Deliver<ReadonlyArray<string>> = (lines) => {
        tries += 1;
        if (tries <= 6) return cold('#', undefined, new Error('ENOSPC'));
        file.push(...lines);
        return of(undefined);
      };
      const source = cold('abc|', values);
      // half of 500 ms, 1 s, 2 s, 4 s, 8 s and, at most, 10 s
      const expected = '   12750ms (xy|)';

      expectObservable(source.pipe(jsonlSink('things', append, env))).toBe(expected, {
        x: saved([values.a], 7, 12_750),
        y: saved([values.b, values.c], 1, 0),
      });
      flush();
      expect(file).toEqual(['{"n":1}\n', '{"n":2}\n', '{"n":3}\n']);
    }),
  );

  it(
    'keeps a whole night of a failing disk, and gives nothing up',
    marbles(({ cold, env, expectObservable }) => {
      const append: Deliver<ReadonlyArray<string>> = () =>
        env.scheduler.now() < 8 * 3_600_000
          ? cold('#', undefined, new Error('ENOSPC'))
          : of(undefined);
      const source = cold('a|', values);
      const expected = '   28802750ms (x|)';

      expectObservable(source.pipe(jsonlSink('things', append, env))).toBe(expected, {
        x: saved([values.a], 5765, 28_802_750),
      });
    }),
  );

  it(
    'passes an error of the source',
    marbles(({ cold, env, expectObservable }) => {
      const source = cold('a-#', values);
      const expected = '   x-#';

      expectObservable(source.pipe(jsonlSink('things', () => of(undefined), env))).toBe(expected, {
        x: saved([values.a], 1, 0),
      });
    }),
  );

  it(
    'releases source and write on an unsubscription',
    marbles(({ cold, env, expectObservable, expectSubscriptions }) => {
      const hanging = cold<void>('-');
      const source = cold('a', values);
      const unsub = '      ^ 1m !';
      const expected = '   -';

      expectObservable(source.pipe(jsonlSink('things', () => hanging, env)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(unsub);
      expectSubscriptions(hanging.subscriptions).toBe(unsub);
    }),
  );
});
