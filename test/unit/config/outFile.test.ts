import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepInputs } from '../../../src/commands/outFile.ts';

const dir = mkdtempSync(join(tmpdir(), 'out-'));
const survey = join(dir, 'survey.csv');
beforeAll(() => {
  writeFileSync(survey, 'a survey');
  symlinkSync(survey, join(dir, 'link.csv'));
});
afterAll(() => rmSync(dir, { recursive: true }));

it.each([survey, join(dir, '.', 'survey.csv'), join(dir, 'link.csv')])(
  'writes nothing over what was read: %s',
  (out) => {
    expect(() => keepInputs(out, [undefined, survey])).toThrow(/--out: .* is read for it/);
  },
);

it.each([join(dir, 'calibration.json'), join(dir, 'elsewhere', 'survey.csv')])(
  'lets %s be written',
  (out) => {
    expect(() => keepInputs(out, [undefined, survey])).not.toThrow();
  },
);
