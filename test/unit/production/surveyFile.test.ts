import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSurveyFile } from '../../../src/production/surveyFile.ts';

const HEADER = 't0,x,y,pi1\n';
let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'survey-'));
  path = join(dir, 'survey.csv');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const append = (line: string): void => {
  const file = openSurveyFile(path, HEADER);
  file.add(line);
  file.close();
};

it.each([
  ['a new one', '', `${HEADER}2,1,1,-60\n`],
  ['one of its columns', `${HEADER}1,1,1,-50\n`, `${HEADER}1,1,1,-50\n2,1,1,-60\n`],
  ['one whose last line was cut off', `${HEADER}1,1`, `${HEADER}1,1\n2,1,1,-60\n`],
  [
    'one that a spreadsheet has written',
    't0,x,y,pi1\r\n1,1,1,-50\r\n',
    't0,x,y,pi1\r\n1,1,1,-50\r\n2,1,1,-60\n',
  ],
])('appends to %s', (_what, before, after) => {
  if (before !== '') writeFileSync(path, before);
  append('2,1,1,-60\n');
  expect(readFileSync(path, 'utf8')).toBe(after);
});

it.each(['t0,x,y,pi2\n', 't0,x,y,pi1,pi2\n'])('leaves one of other columns alone: %j', (before) => {
  writeFileSync(path, before);
  expect(() => append('2,1,1,-60\n')).toThrow('has other columns than t0,x,y,pi1');
  expect(readFileSync(path, 'utf8')).toBe(before);
});
