import type { RssiVector } from '../../../src/model/rssiVector.ts';
import {
  type Beliefs,
  classify,
  classifyZones,
  NO_BELIEFS,
} from '../../../src/operators/classifyZones.ts';
import type { Classifier, Evidence } from '../../../src/positioning/classifier.ts';
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
const estimated = { confidence: 0.8533, margin: 0.2301, x: 1.23, y: 17.99, runner_up: 3 };

describe('classifyZones', () => {
  it(
    'emits nothing for an empty source',
    marbles(({ cold, expectObservable }) => {
      const source = cold<RssiVector>('|');
      const expected = '               |';

      expectObservable(source.pipe(classifyZones(classifier))).toBe(expected);
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

      expectObservable(source.pipe(classifyZones(classifier))).toBe(expected, values);
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

      expectObservable(source.pipe(classifyZones(classifier))).toBe(expected, {
        x: assignment(1, 1, estimated),
      });
      expectObservable(source.pipe(classifyZones(noZones))).toBe(broken);
    }),
  );

  it(
    'releases a source that never ends',
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<RssiVector>('-');
      const unsub = '                  ^ 1m !';
      const expected = '               -';

      expectObservable(source.pipe(classifyZones(classifier)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );
});

/** Believes the number of windows so far, and puts it, and what it was told, where a test can see it. */
const counting = (told: Evidence[] = []): Classifier => ({
  beliefExpiryMs: 60_000,
  locate: (evidence, belief) => {
    told.push(evidence);
    const windows = typeof belief === 'number' ? belief + 1 : 1;
    return {
      estimate: { zone_id: windows, runner_up: null, confidence: 1, margin: 1, x: 0, y: 0 },
      belief: windows,
    };
  },
});

describe('classify', () => {
  const zones = (vectors: ReadonlyArray<RssiVector>, before: Beliefs = NO_BELIEFS) =>
    classify(counting(), before, vectors).assignments.map(({ zone_id }) => zone_id);
  const silent = (vectors: ReadonlyArray<RssiVector>) => {
    const told: Evidence[] = [];
    classify(counting(told), NO_BELIEFS, vectors);
    return told.map((evidence) => evidence.silent);
  };
  const by = (sensor: string) => ({ vector: { [sensor]: -60 }, counts: { [sensor]: 1 } });

  it('writes the fields in the order that the file promises', () => {
    const [placed = {}] = classify(classifier, NO_BELIEFS, [vector(1)]).assignments;

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

  it('hands a belief on, each phone its own, also from flush to flush', () => {
    const first = classify(counting(), NO_BELIEFS, [
      vector(1),
      vector(2, { phone_id: OTHER_PHONE }),
      vector(6),
    ]);

    expect(first.assignments.map(({ zone_id }) => zone_id)).toEqual([1, 1, 2]);
    expect(zones([vector(11), vector(12, { phone_id: OTHER_PHONE })], first.beliefs)).toEqual([
      3, 2,
    ]);
  });

  it('keeps a belief until it expires, and not a moment longer', () => {
    expect(zones([vector(1), vector(61), vector(121.1)])).toEqual([1, 2, 1]);
  });

  it('places a straggler without the belief, which stays', () => {
    const { beliefs } = classify(counting(), NO_BELIEFS, [vector(1), vector(26)]);

    const straggler = classify(counting(), beliefs, [vector(16)]);
    expect(straggler.assignments.map(({ zone_id }) => zone_id)).toEqual([1]);
    expect(zones([vector(31)], straggler.beliefs)).toEqual([3]);
  });

  it('remembers nothing for a classifier that has no memory', () => {
    expect(classify(classifier, NO_BELIEFS, [vector(1)]).beliefs.phones.size).toBe(0);
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
});
