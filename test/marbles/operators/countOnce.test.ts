import { either as E } from 'fp-ts';
import type { Signal } from '../../../src/model/heard.ts';
import type { Received } from '../../../src/model/received.ts';
import { type Rejected, rejected } from '../../../src/model/rejected.ts';
import { countOnce } from '../../../src/operators/countOnce.ts';
import { marbles } from '../../support/marbles.ts';
import { heard, OTHER_PHONE, reading } from '../../support/readings.ts';

type Incoming = E.Either<Rejected, Signal>;

const acknowledge = () => {};
const of = (...changes: Parameters<typeof heard>): Incoming => E.right(heard(...changes));
const counted = (ts: number, changes = {}): Received => ({
  _tag: 'Reading',
  value: reading(ts, changes),
});
const repeated: Received = { _tag: 'Repeated' };

describe('countOnce', () => {
  it(
    'emits nothing for an empty source',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Incoming>('|');
      const subs = '                 (^!)';
      const expected = '             |';

      expectObservable(source.pipe(countOnce(10))).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'marks what is delivered again, and only that: sensor, phone and time make a reading',
    marbles(({ cold, expectObservable }) => {
      const source = cold('abcda|', {
        a: of(reading(1)),
        b: of(reading(1, { sensor_id: 'pi2' })),
        c: of(reading(1, { phone_id: OTHER_PHONE })),
        d: of(reading(1.001)),
      });
      const expected = '   wxyzr|';
      const values = {
        w: counted(1),
        x: counted(1, { sensor_id: 'pi2' }),
        y: counted(1, { phone_id: OTHER_PHONE }),
        z: counted(1.001),
        r: repeated,
      };

      expectObservable(source.pipe(countOnce(10))).toBe(expected, values);
    }),
  );

  it(
    'counts what is no phone apart and remembers nothing of it',
    marbles(({ cold, expectObservable }) => {
      const nonPhone = { _tag: 'NonPhone', acknowledge } as const;
      const source = cold('nn|', { n: E.right(nonPhone) });
      const expected = '   nn|';

      expectObservable(source.pipe(countOnce(10))).toBe(expected, { n: nonPhone });
    }),
  );

  it(
    'goes by what the sensor said, however its time was corrected',
    marbles(({ cold, expectObservable }) => {
      const source = cold('abc|', {
        a: of(reading(9.7, { sensor_ts: 1 })),
        b: of(reading(9.6, { sensor_ts: 1 })),
        c: of(reading(9.7, { sensor_ts: 2 })),
      });
      const expected = '   xrr|';
      const known = [reading(4, { sensor_ts: 2 })];

      expectObservable(source.pipe(countOnce(10, known))).toBe(expected, {
        x: counted(9.7, { sensor_ts: 1 }),
        r: repeated,
      });
    }),
  );

  it(
    'never marks readings without a time of their own',
    marbles(({ cold, expectObservable }) => {
      const source = cold('aa|', { a: of(reading(1), { isUntimed: true }) });
      const expected = '   xx|';

      expectObservable(source.pipe(countOnce(10))).toBe(expected, { x: counted(1) });
    }),
  );

  it(
    'knows what was journalled before',
    marbles(({ cold, expectObservable }) => {
      const source = cold('ab|', { a: of(reading(1)), b: of(reading(2)) });
      const expected = '   rx|';

      expectObservable(source.pipe(countOnce(10, [reading(1)]))).toBe(expected, {
        r: repeated,
        x: counted(2),
      });
    }),
  );

  it(
    'remembers the last so many, and not everything',
    marbles(({ cold, expectObservable }) => {
      const source = cold('abca--defgha|', {
        a: of(reading(1)),
        b: of(reading(2)),
        c: of(reading(3)),
        d: of(reading(4)),
        e: of(reading(5)),
        f: of(reading(6)),
        g: of(reading(7)),
        h: of(reading(8)),
      });
      const expected = '   uvwr--xyzklu|';
      const values = {
        u: counted(1),
        v: counted(2),
        w: counted(3),
        r: repeated,
        x: counted(4),
        y: counted(5),
        z: counted(6),
        k: counted(7),
        l: counted(8),
      };

      expectObservable(source.pipe(countOnce(3))).toBe(expected, values);
    }),
  );

  it(
    'hands acknowledgements on, of rejects beside what is written of them',
    marbles(({ cold, expectObservable }) => {
      const reject = rejected({ topic: 't', receivedAt: 1 }, ['not JSON'], '{');
      const source = cold('aab|', {
        a: of(reading(1), { acknowledge }),
        b: E.left({ ...reject, acknowledge }),
      });
      const expected = '   xry|';
      const values = {
        x: { ...counted(1), acknowledge },
        r: { ...repeated, acknowledge },
        y: { _tag: 'Rejected', value: reject, acknowledge } as const,
      };

      expectObservable(source.pipe(countOnce(10))).toBe(expected, values);
    }),
  );

  it(
    'passes an error, and starts anew for each subscriber',
    marbles(({ cold, expectObservable }) => {
      const counted$ = cold('a-#', { a: of(reading(1)) }).pipe(countOnce(10));
      const expected = '     x-#';

      expectObservable(counted$).toBe(expected, { x: counted(1) });
      expectObservable(counted$).toBe(expected, { x: counted(1) });
    }),
  );
});
