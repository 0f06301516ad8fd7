import fc from 'fast-check';
import { lowWaterMark } from '../../../src/sinks/lowWaterMark.ts';

it('passes in order what is settled in any, and nothing before what is not', () => {
  const marks = lowWaterMark<string>();
  for (const one of ['a', 'b', 'c', 'd']) marks.begin(one);
  expect(marks.settle('b')).toEqual([]);
  expect(marks.settle('c')).toEqual([]);
  expect(marks.settle('a')).toEqual(['a', 'b', 'c']);
  expect(marks.settle('d')).toEqual(['d']);
});

it('passes everything once, in the order in which it was begun', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 50 }), (order) => {
      const marks = lowWaterMark<number>();
      for (const [thing] of order.entries()) marks.begin(thing);
      const settled = [...order.keys()].sort((a, b) => (order[a] ?? 0) - (order[b] ?? 0));
      expect(settled.flatMap(marks.settle)).toEqual([...order.keys()]);
    }),
  );
});
