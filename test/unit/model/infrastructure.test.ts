import { either as E } from 'fp-ts';
import { readInfrastructure } from '../../../src/model/infrastructure.ts';

const read = (text: string) =>
  E.Functor.map(readInfrastructure(text, 'infrastructure.csv'), (listed) => [...listed]);

it('reads addresses in any writing, with or without a header, notes and comments', () => {
  expect(
    read(
      '\uFEFFphone_id,what,note\r\nDC-A6-32-00-00-01,infrastructure,till\r\n\r\n' +
        'b05476000002 # by the door\n0C1D2E3F4A5B6C7D\na8:76:50:00:00:01;phone\n' +
        '"a8:76:50:00:00:02","Phone","mine, too"\n',
    ),
  ).toEqual(
    E.right([
      ['dc:a6:32:00:00:01', true],
      ['b0:54:76:00:00:02', true],
      ['hashed:unknown:0c1d2e3f4a5b6c7d', true],
      ['a8:76:50:00:00:01', false],
      ['a8:76:50:00:00:02', false],
    ]),
  );
  expect(read('dc:a6:32:00:00:01')).toEqual(E.right([['dc:a6:32:00:00:01', true]]));
  expect(read('')).toEqual(E.right([]));
});

it('tells by line what it cannot read, and nothing of its text', () => {
  expect(read('phone_id\ndc:a6:32:00:00\nb0:54:76:00:00:02\n')).toEqual(
    E.left([expect.stringMatching(/^infrastructure\.csv line 2: write an address such as/)]),
  );
  expect(JSON.stringify(read('dc:a6:32:00:00'))).not.toContain('dc:a6');
});

it.each(['phones', 'constructor', '__proto__'])('takes %s for neither word', (word) => {
  expect(read(`a8:76:50:00:00:01,${word}\n`)).toEqual(
    E.left(['infrastructure.csv line 1: write phone or infrastructure behind the id, or nothing']),
  );
});
