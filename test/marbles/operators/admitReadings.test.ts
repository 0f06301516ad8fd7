import { either as E } from 'fp-ts';
import type { Heard } from '../../../src/model/heard.ts';
import { type RejectionKind, rejected } from '../../../src/model/rejected.ts';
import { admitReadings } from '../../../src/operators/admitReadings.ts';
import { marbles } from '../../support/marbles.ts';
import { heard, reading } from '../../support/readings.ts';

const policy = {
  sensors: new Set(['pi1', 'pi2']),
  storeNames: new Set(['demo']),
};
/** Kinds by how their reasons begin. */
const KINDS: ReadonlyArray<readonly [RegExp, RejectionKind]> = [
  [/^store: /, 'other_store'],
  [/does not belong on the topic/, 'wrong_topic'],
  [/is not in the sensors file/, 'unknown_sensor'],
  [/^rate: /, 'rate'],
];
const refusal = (of: Heard, ...reasons: ReadonlyArray<string>) => {
  const kind = KINDS.find(([text]) => text.test(reasons[0] ?? ''))?.[1] ?? 'malformed';
  const subject = kind === 'other_store' ? of.topic.split('/')[2] : of.reading.sensor_id;
  const cause = { kind, ...(subject !== undefined && { subject }) };
  return {
    _tag: 'Left',
    left: rejected(of, reasons, JSON.stringify(of.reading), cause),
  } as const;
};

describe('admitReadings', () => {
  it(
    'emits nothing for an empty source',
    marbles(({ cold, expectObservable }) => {
      const source = cold<E.Either<never, Heard>>('|');
      const expected = '                           |';

      expectObservable(source.pipe(admitReadings(policy))).toBe(expected);
    }),
  );

  it(
    'passes readings of this store from known sensors, with or without a store in the topic',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const plain = heard(reading(1));
      const named = heard(reading(1), { topic: 'neuralsense/rssi/demo' });
      const foreign = heard(reading(1), { topic: 'other/rssi/elsewhere' });
      const shouting = heard(reading(1), { topic: 'neuralsense/rssi/demo/PI1' });
      const source = cold('-abcd|', {
        a: E.right(plain),
        b: E.right(named),
        c: E.right(foreign),
        d: E.right(shouting),
      });
      const subs = '       ^----!';
      const expected = '   -xyzs|';

      expectObservable(source.pipe(admitReadings(policy))).toBe(expected, {
        x: E.right(plain),
        y: E.right(named),
        z: E.right(foreign),
        s: E.right(shouting),
      });
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'refuses another store and an unknown sensor, with every reason',
    marbles(({ cold, expectObservable }) => {
      const elsewhere = heard(reading(1), { topic: 'neuralsense/rssi/elsewhere' });
      const unknown = heard(reading(1, { sensor_id: 'pi9' }));
      const all = heard(reading(5_000, { sensor_id: 'pi9' }), {
        topic: 'neuralsense/rssi/elsewhere',
      });
      const source = cold('abc|', { a: E.right(elsewhere), b: E.right(unknown), c: E.right(all) });
      const expected = '   xyz|';
      const values = {
        x: refusal(elsewhere, "store: elsewhere is not this pipeline's store"),
        y: refusal(unknown, 'sensor_id: pi9 is not in the sensors file'),
        z: refusal(
          all,
          "store: elsewhere is not this pipeline's store",
          'sensor_id: pi9 is not in the sensors file',
        ),
      };

      expectObservable(source.pipe(admitReadings(policy))).toBe(expected, values);
    }),
  );

  it(
    'holds each sensor to its own topic',
    marbles(({ cold, expectObservable }) => {
      const own = heard(reading(1), { topic: 'neuralsense/rssi/demo/pi1' });
      const other = heard(reading(1), { topic: 'neuralsense/rssi/demo/pi2' });
      const source = cold('ab|', { a: E.right(own), b: E.right(other) });
      const expected = '   xy|';

      expectObservable(source.pipe(admitReadings(policy))).toBe(expected, {
        x: E.right(own),
        y: refusal(other, 'sensor_id: pi1 does not belong on the topic of pi2'),
      });
    }),
  );

  it(
    'holds each sensor to its quota, by the readings’ own time; what is refused takes none of it',
    marbles(({ cold, expectObservable }) => {
      const bounded = { ...policy, quota: { spanMs: 5_000, readings: 2 } };
      const foreign = heard(reading(1), { topic: 'neuralsense/rssi/elsewhere' });
      const first = heard(reading(1));
      const next = heard(reading(5));
      const other = heard(reading(2, { sensor_id: 'pi2' }));
      const source = cold('faaanao|', {
        a: E.right(first),
        f: E.right(foreign),
        n: E.right(next),
        o: E.right(other),
      });
      const expected = '   xaaynyo|';

      expectObservable(source.pipe(admitReadings(bounded))).toBe(expected, {
        a: E.right(first),
        n: E.right(next),
        o: E.right(other),
        x: refusal(foreign, "store: elsewhere is not this pipeline's store"),
        y: refusal(first, 'rate: more than 2 readings of one sensor in 5 s'),
      });
    }),
  );

  it(
    'knows its store by another writing of the same letters',
    marbles(({ cold, expectObservable }) => {
      const store = 'Café';
      const named = heard(reading(1), { topic: `neuralsense/rssi/${store.normalize('NFD')}` });
      const source = cold('a|', { a: E.right(named) });
      const expected = '   a|';

      const admitted$ = source.pipe(admitReadings({ ...policy, storeNames: new Set([store]) }));
      expectObservable(admitted$).toBe(expected, { a: E.right(named) });
    }),
  );

  it(
    'passes what was rejected before unchanged, and errors',
    marbles(({ cold, expectObservable }) => {
      const before = E.left(rejected(heard(reading(1)), ['not JSON'], '{'));
      const source = cold('a-#', { a: before });
      const expected = '   a-#';

      expectObservable(source.pipe(admitReadings(policy))).toBe(expected, { a: before });
    }),
  );

  it(
    'releases a source that never ends',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<E.Either<never, Heard>>('-');
      const unsub = '                              ^ 1m !';
      const expected = '                           -';

      expectObservable(source.pipe(admitReadings(policy)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );

  it(
    'hands on with a refusal what acknowledges its message',
    marbles(({ cold, expectObservable }) => {
      const acknowledge = () => {};
      const unknown = heard(reading(1, { sensor_id: 'pi9' }), { acknowledge });
      const source = cold('a|', { a: E.right(unknown) });
      const expected = '   x|';
      const { left } = refusal(unknown, 'sensor_id: pi9 is not in the sensors file');

      expectObservable(source.pipe(admitReadings(policy))).toBe(expected, {
        x: E.left({ ...left, acknowledge }),
      });
    }),
  );
});
