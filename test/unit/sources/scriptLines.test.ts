import { either as E } from 'fp-ts';
import type { ScriptFile, ScriptLine } from '../../../src/model/scriptRow.ts';
import { OURS, readScriptLine } from '../../../src/sources/scriptLines.ts';
import { assignment, PHONE } from '../../support/readings.ts';
import { scriptAssignment, scriptDwell, scriptLines } from '../../support/scriptLines.ts';
import { dwell } from '../../support/uploads.ts';

const read = (text: string, file: ScriptFile = 'zone_assignments') => {
  const [line] = scriptLines([text], { file });
  return readScriptLine(line as ScriptLine);
};
const kindOf = (text: string, file?: ScriptFile): string | undefined => {
  const one = read(text, file);
  return E.isLeft(one) ? one.left.kind : undefined;
};

describe('readScriptLine', () => {
  it('takes where a phone was and when, and no score for a probability, no session for a visit', () => {
    expect(read(scriptAssignment(1_581_249_732.9415))).toMatchObject({
      right: {
        item: {
          _tag: 'Assignment',
          value: {
            ts: 1_581_249_732.9415,
            phone_id: PHONE,
            zone_id: 8,
            x: -3,
            y: 0,
            vector: { pi5: -54, pi7: -55 },
          },
        },
      },
    });
    expect(JSON.stringify(read(scriptAssignment(1)))).not.toMatch(/"item":\{[^}]*(confid|S0001)/);
  });

  it('takes a first line behind a byte order mark', () => {
    expect(read(`\uFEFF${scriptAssignment(100)}`)).toMatchObject({ right: { item: {} } });
  });

  it('takes a stay, as long as from its beginning to its end', () => {
    expect(read(scriptDwell(100, 124, { dwell_sec: 24.02 }), 'dwells')).toMatchObject({
      right: { item: { _tag: 'Dwell', value: { ...dwell(100, 124), zone_id: 8 } } },
    });
  });

  it('reads other writings of an address, and ids of sixteen digits', () => {
    expect(read(scriptAssignment(1, { phone_id: 'A8-76-50-E9-28-20' }))).toMatchObject({
      right: { item: { value: { phone_id: PHONE } } },
    });
    expect(read(scriptAssignment(1, { phone_id: '0123456789abcdef' }))).toMatchObject({
      right: { item: { value: { phone_id: 'hashed:unknown:0123456789abcdef' } } },
    });
  });

  it('knows the lines of this pipeline, in both files', () => {
    expect(kindOf(JSON.stringify(assignment(1)))).toBe(OURS);
    expect(kindOf(JSON.stringify(dwell(1, 2)), 'dwells')).toBe(OURS);
  });

  it('takes lines of the script from before it had sessions', () => {
    expect(kindOf(scriptAssignment(1, { session_id: undefined }))).toBeUndefined();
    expect(kindOf(scriptDwell(1, 2, { session_id: undefined }), 'dwells')).toBeUndefined();
  });

  it.each<[string, string, ScriptFile, RegExp]>([
    ['no JSON', '{"ts":1,', 'zone_assignments', /^not a JSON object$/],
    ['a list', '[1]', 'dwells', /^not a JSON object$/],
    ['an empty line', '', 'dwells', /^not a JSON object$/],
    [
      'a group address',
      scriptAssignment(1, { phone_id: 'ff:ff:ff:ff:ff:ff' }),
      'zone_assignments',
      /no phone/,
    ],
    ['a stay of one', scriptDwell(1, 2, { phone_id: '01:00:5e:00:00:fb' }), 'dwells', /no phone/],
    ['no phone', scriptAssignment(1, { phone_id: '' }), 'zone_assignments', /^phone_id: /],
    ['no zone', scriptAssignment(1, { zone_id: null }), 'zone_assignments', /^zone_id: /],
    [
      'no position',
      scriptAssignment(1, { x: null, y: null }),
      'zone_assignments',
      /^x: .*zones\.csv.*; y: /,
    ],
    ['no time', scriptAssignment(Number.NaN), 'zone_assignments', /^ts: /],
    ['a level above 0', scriptAssignment(1, { vector: { pi5: 3 } }), 'zone_assignments', /^vector/],
    ['nothing heard', scriptAssignment(1, { vector: {} }), 'zone_assignments', /^vector/],
    ['an end before the beginning', scriptDwell(9, 2), 'dwells', /ends before it begins/],
    ['three days', scriptDwell(1, 1 + 3 * 86_400), 'dwells', /two days/],
  ])('leaves %s out, and says why', (_what, text, file, why) => {
    expect(kindOf(text, file)).toMatch(why);
  });

  it('says why without the address of anybody', () => {
    expect(kindOf(scriptAssignment(1, { phone_id: 'a8:76:50:e9:28:2x' }))).not.toContain('28:2x');
  });
});
