import { either as E } from 'fp-ts';
import { readGroundTruth } from '../../../src/model/groundTruth.ts';

const read = (...lines: ReadonlyArray<string>) => readGroundTruth(lines.join('\n'), 'truth.csv');

describe('readGroundTruth', () => {
  it.each<[string, ReadonlyArray<string>, object]>([
    ['metres', ['ts,x,y', '5,1.5,2'], { ts: 5, x: 1.5, y: 2 }],
    ['metres with a height', ['ts,x,y,z', '5,1.5,2,1.8'], { ts: 5, x: 1.5, y: 2 }],
    ['a zone alone', ['ts,zone_id', '5,7'], { ts: 5, zone_id: 7 }],
    ['a zone that was written as a fraction', ['ts,zone_id', '5,7.0'], { ts: 5, zone_id: 7 }],
    ['a zone where the metres are missing', ['ts,x,y,zone_id', '5,,,7'], { ts: 5, zone_id: 7 }],
    ['both', ['zone_id,y,x,ts', '7,2,1,5'], { ts: 5, x: 1, y: 2, zone_id: 7 }],
    ['other names', ['Timestamp,True_X,True_Y,Zone', '5,1,2,7'], { ts: 5, x: 1, y: 2, zone_id: 7 }],
    [
      'what says that it is true beside what was estimated',
      ['ts,x,y,zone,true_x,true_y,true_zone', '5,9,9,3,1,2,7'],
      { ts: 5, x: 1, y: 2, zone_id: 7 },
    ],
    ['one of two names', ['ts,time,x,y', '5,6,1,2'], { ts: 5, x: 1, y: 2 }],
    ['milliseconds', ['ts,x,y', '1581249601408.7,1,2'], { ts: 1581249601.4087, x: 1, y: 2 }],
    ['an instant', ['time,x,y', '2020-02-09T12:00:01+00:00,1,2'], { ts: 1581249601, x: 1, y: 2 }],
    [
      'an address in another writing',
      ['ts,x,y,mac', '5,1,2,E7-8F-13-56-24-CE'],
      { ts: 5, x: 1, y: 2, phone_id: 'e7:8f:13:56:24:ce' },
    ],
    ['another id', ['ts,x,y,phone', '5,1,2,Anna'], { ts: 5, x: 1, y: 2, phone_id: 'id:anna' }],
  ])('reads %s', (_, lines, record) => expect(read(...lines)).toEqual(E.right([record])));

  it('leaves out the rows of which nobody knows', () => {
    expect(read('ts,x,y', '1,,', '2,3,4', '3,5,')).toEqual(E.right([{ ts: 2, x: 3, y: 4 }]));
  });

  it.each<[ReadonlyArray<string>, ReadonlyArray<string>]>([
    [['when,x,y', '1,2,3'], ['truth.csv: needs the column ts (Unix seconds)']],
    [['ts,x', '1,2'], ['truth.csv: needs the column x and y (metres), or zone_id']],
    [
      ['ts,x,y', '1,two,3', '2,1,1', 'noon,1,1'],
      [
        'truth.csv line 2: x: must be a number of metres within 10 km, got "two"',
        'truth.csv line 4: ts: must be Unix seconds (or milliseconds), got "noon"',
      ],
    ],
    [['ts,x,y', '1,,'], ['truth.csv: no row says a place or a zone']],
  ])('says what is wrong with %j', (lines, problems) =>
    expect(read(...lines)).toEqual(E.left(problems)),
  );
});
