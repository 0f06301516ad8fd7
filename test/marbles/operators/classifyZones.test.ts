import { concatMap, map, pipe } from 'rxjs';
import type { Assignment } from '../../../src/model/assignment.ts';
import type { RssiVector } from '../../../src/model/rssiVector.ts';
import type { SensorStatus } from '../../../src/model/sensorStatus.ts';
import type { Operator } from '../../../src/model/shapes.ts';
import {
  type Beliefs,
  classify,
  classifyZones,
  liveSensors,
  NO_BELIEFS,
} from '../../../src/operators/classifyZones.ts';
import {
  type Classifier,
  type Evidence,
  NO_CLASSIFIER,
} from '../../../src/positioning/classifier.ts';
import { counting } from '../../support/classifiers.ts';
import { windowed } from '../../support/flushes.ts';
import { marbles } from '../../support/marbles.ts';
import { assignment, OTHER_PHONE, vector } from '../../support/readings.ts';

const classifier: Classifier = {
  locate: ({ counts }) => ({
    estimate: {
      zone_id: counts['pi1'] ?? 0,
      runner_up: 3,
      confidence: 0.853_349,
      margin: 0.230_05,
      x: 1.2349,
      y: 17.994,
    },
    belief: null,
  }),
  beliefExpiryMs: 0,
};
/** Every vector a flush of its own. */
const assigned = (by: Classifier): Operator<RssiVector, Assignment> =>
  pipe(
    map((one: RssiVector) => windowed([one])),
    classifyZones(by),
    concatMap(({ assignments }) => assignments),
  );
const estimated = { confidence: 0.8533, margin: 0.2301, x: 1.23, y: 17.99, runner_up: 3 };

describe('classifyZones', () => {
  it(
    'makes up no zone where nothing is known to place a phone by, and believes nothing',
    marbles(({ cold, expectObservable }) => {
      const source = cold('a|', { a: windowed([vector(1), vector(2)], 5_000) });
      const expected = '   x|';

      const told$ = source.pipe(
        classifyZones(NO_CLASSIFIER),
        map(({ vectors, assignments, beliefs }) => ({
          ...{ vectors: vectors.length, assignments, phones: beliefs.phones.size },
          sensors: [...beliefs.sensors.keys()],
        })),
      );
      expectObservable(told$).toBe(expected, {
        x: { vectors: 2, assignments: [], phones: 0, sensors: ['pi1'] },
      });
    }),
  );

  it(
    'emits nothing for an empty source',
    marbles(({ cold, expectObservable }) => {
      const source = cold<RssiVector>('|');
      const expected = '               |';

      expectObservable(source.pipe(assigned(classifier))).toBe(expected);
    }),
  );

  it(
    'makes each vector one assignment, at once and in order',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-(bc|)', {
        a: vector(1),
        b: vector(2, { counts: { pi1: 7 } }),
        c: vector(3, { vector: { pi1: -60, pi7: -71.5 }, counts: { pi1: 1, pi7: 2 } }),
      });
      const subs = '       ^--!';
      const expected = '   -x-(yz|)';
      const values = {
        x: assignment(1, 1, estimated),
        y: assignment(2, 7, estimated),
        z: assignment(3, 1, {
          ...estimated,
          sources: ['pi1', 'pi7'],
          vector: { pi1: -60, pi7: -71.5 },
        }),
      };

      expectObservable(source.pipe(assigned(classifier))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'passes an error, also one of the classifier',
    marbles(({ cold, expectObservable }) => {
      const source = cold('a-#', { a: vector(1) });
      const expected = '   x-#';
      const broken = '     #';
      const noZones: Classifier = {
        ...classifier,
        locate: () => {
          throw 'error';
        },
      };

      expectObservable(source.pipe(assigned(classifier))).toBe(expected, {
        x: assignment(1, 1, estimated),
      });
      expectObservable(source.pipe(assigned(noZones))).toBe(broken);
    }),
  );

  it(
    'releases a source that never ends',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<RssiVector>('-');
      const unsub = '                  ^ 1m !';
      const expected = '               -';

      expectObservable(source.pipe(assigned(classifier)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );
});

describe('classify', () => {
  const NOW = 1_000;
  const zones = (vectors: ReadonlyArray<RssiVector>, before: Beliefs = NO_BELIEFS) =>
    classify(counting(), before, vectors, NOW).assignments.map(({ zone_id }) => zone_id);
  const silent = (vectors: ReadonlyArray<RssiVector>) => {
    const told: Evidence[] = [];
    classify(counting(told), NO_BELIEFS, vectors, NOW);
    return told.map((evidence) => evidence.silent);
  };
  const by = (sensor: string) => ({ vector: { [sensor]: -60 }, counts: { [sensor]: 1 } });

  it('writes the fields in the order that the file promises', () => {
    const [placed = {}] = classify(classifier, NO_BELIEFS, [vector(1)], NOW).assignments;

    expect(Object.keys(placed)).toEqual([
      'zone_id',
      'phone_id',
      'ts',
      'confidence',
      'margin',
      'sources',
      'vector',
      'x',
      'y',
      'runner_up',
    ]);
  });

  it('knows which sensors are alive from what they say, and which are dead from their last wills', () => {
    const says = (sensor_id: string, isAlive: boolean, ts: number): SensorStatus => ({
      _tag: 'SensorStatus',
      sensor_id,
      isAlive,
      ts,
    });
    const silentAt = (ts: number, statuses: ReadonlyArray<SensorStatus>, before = NO_BELIEFS) => {
      const told: Evidence[] = [];
      const { beliefs } = classify(counting(told), before, [vector(ts)], NOW, statuses);
      return { silent: told[0]?.silent, beliefs };
    };
    const alive = silentAt(100, [says('pi2', true, 90), says('pi3', true, 39)]);
    expect(alive.silent).toEqual(['pi2']);

    const dead = silentAt(105, [says('pi2', false, 104)], alive.beliefs);
    expect(dead.silent).toEqual([]);
    // What it heard before it died comes late, and does not raise it.
    const late = classify(counting(), dead.beliefs, [vector(103, by('pi2'))], NOW);
    expect(silentAt(106, [], late.beliefs).silent).toEqual([]);
    expect(silentAt(110, [says('pi2', true, 109)], late.beliefs).silent).toEqual(['pi2']);
  });

  it('hands a belief on, each phone its own, also from flush to flush', () => {
    const first = classify(
      counting(),
      NO_BELIEFS,
      [vector(1), vector(2, { phone_id: OTHER_PHONE }), vector(6)],
      NOW,
    );

    expect(first.assignments.map(({ zone_id }) => zone_id)).toEqual([1, 1, 2]);
    expect(zones([vector(11), vector(12, { phone_id: OTHER_PHONE })], first.beliefs)).toEqual([
      3, 2,
    ]);
  });

  it('keeps a belief until it expires, and not a moment longer', () => {
    expect(zones([vector(1), vector(61), vector(121.1)])).toEqual([1, 2, 1]);
  });

  it('places a straggler without the belief, which stays', () => {
    const { beliefs } = classify(counting(), NO_BELIEFS, [vector(1), vector(26)], NOW);

    const straggler = classify(counting(), beliefs, [vector(16)], NOW);
    expect(straggler.assignments.map(({ zone_id }) => zone_id)).toEqual([1]);
    expect(zones([vector(31)], straggler.beliefs)).toEqual([3]);
  });

  it('forgets what has expired, by the time of the phones that are heard', () => {
    const { beliefs } = classify(counting(), NO_BELIEFS, [vector(1)], NOW);
    const other = (ts: number) => [vector(ts, { phone_id: OTHER_PHONE })];
    const phones = (after: Beliefs) => [...after.phones.keys()];

    expect(phones(classify(counting(), beliefs, other(61), NOW).beliefs)).toHaveLength(2);
    expect(phones(classify(counting(), beliefs, other(62), NOW).beliefs)).toEqual([OTHER_PHONE]);
    expect(phones(classify(counting(), beliefs, other(62), 30).beliefs)).toHaveLength(2);
    expect(phones(classify(counting(), beliefs, [], NOW).beliefs)).toHaveLength(1);
  });

  it('remembers nothing for a classifier that has no memory', () => {
    expect(classify(classifier, NO_BELIEFS, [vector(1)], NOW).beliefs.phones.size).toBe(0);
  });

  it('names the sensors that hear others: of the same window, and of the last minute', () => {
    expect(
      silent([
        vector(1, by('pi2')),
        vector(2, { phone_id: OTHER_PHONE, ...by('pi1') }),
        vector(61, by('pi2')),
        vector(62.1, by('pi3')),
      ]),
    ).toEqual([['pi1'], ['pi2'], ['pi1', 'pi3'], ['pi2']]);
  });

  it('names silent sensors in alphabetical order, whoever was heard first', () => {
    expect(
      silent([vector(1, by('pi9')), vector(2, by('pi10')), vector(3, by('pi2'))]).at(-1),
    ).toEqual(['pi10', 'pi9']);
  });

  it('knows the sensors of a window before its first phone, in whatever order windows come', () => {
    const told = silent([vector(11, by('pi3')), vector(1, by('pi2')), vector(2, by('pi1'))]);
    expect(told).toEqual([['pi1'], ['pi2'], ['pi1', 'pi2']]);
  });

  it('takes a sensor for alive for a minute, to the second', () => {
    const heard = [vector(1, by('pi2')), vector(61), vector(61.5)];
    expect(silent(heard)).toEqual([[], ['pi2'], []]);
    const sensors = new Map([
      ['pi1', 40],
      ['pi2', 39.9],
    ]);
    expect([liveSensors(sensors, 99), liveSensors(sensors, 100)]).toEqual([2, 1]);
  });

  it('is told of sensors in any order: what is newer counts, a last will against what was heard', () => {
    const status = (isAlive: boolean, ts: number): SensorStatus => ({
      _tag: 'SensorStatus',
      sensor_id: 'pi2',
      isAlive,
      ts,
    });
    const silentAt = (ts: number, ...statuses: ReadonlyArray<SensorStatus>) => {
      const told: Evidence[] = [];
      classify(counting(told), NO_BELIEFS, [vector(ts)], NOW, statuses);
      return told[0]?.silent;
    };
    expect(silentAt(100, status(true, 90), status(true, 10))).toEqual(['pi2']);
    expect(silentAt(100, status(false, 90), status(false, 10), status(true, 80))).toEqual([]);
    expect(silentAt(100, status(true, 90), status(false, 90))).toEqual([]);
    // A straggler takes nothing of a sensor's life.
    expect(silent([vector(80, by('pi2')), vector(10, by('pi2')), vector(100)])).toEqual([
      [],
      [],
      ['pi2'],
    ]);
  });
});
