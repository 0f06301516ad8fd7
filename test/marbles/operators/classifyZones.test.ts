import type { RssiVector } from '../../../src/model/rssiVector.ts';
import { assignZone, classifyZones } from '../../../src/operators/classifyZones.ts';
import type { Classifier } from '../../../src/positioning/classifier.ts';
import { marbles } from '../../support/marbles.ts';
import { assignment, vector } from '../../support/readings.ts';

const classify: Classifier = ({ counts }) => ({
  zone_id: counts['pi1'] ?? 0,
  confidence: 0.853_349,
  margin: 0.230_05,
  x: 1.2349,
  y: 17.994,
});
const estimated = { confidence: 0.8533, margin: 0.2301, x: 1.23, y: 17.99 };

describe('classifyZones', () => {
  it(
    'emits nothing for an empty source',
    marbles(({ cold, expectObservable }) => {
      const source = cold<RssiVector>('|');
      const expected = '               |';

      expectObservable(source.pipe(classifyZones(classify))).toBe(expected);
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

      expectObservable(source.pipe(classifyZones(classify))).toBe(expected, values);
      expectSubscriptions(source.subscriptions).toBe(subs);
    }),
  );

  it(
    'passes an error, also one of the classifier',
    marbles(({ cold, expectObservable }) => {
      const source = cold('a-#', { a: vector(1) });
      const expected = '   x-#';
      const broken = '     #';
      const noZones: Classifier = () => {
        throw 'error';
      };

      expectObservable(source.pipe(classifyZones(classify))).toBe(expected, {
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

      expectObservable(source.pipe(classifyZones(classify)), unsub).toBe(expected);
      expectSubscriptions(source.subscriptions).toBe(unsub);
    }),
  );
});

describe('assignZone', () => {
  it('writes the fields in the order that the file promises', () => {
    expect(Object.keys(assignZone(classify)(vector(1)))).toEqual([
      'zone_id',
      'phone_id',
      'ts',
      'confidence',
      'margin',
      'sources',
      'vector',
      'x',
      'y',
    ]);
  });
});
