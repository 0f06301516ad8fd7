import { either as E } from 'fp-ts';
import { isZoneVectors, readZoneVectors } from '../../../src/model/zoneVectors.ts';

const zones = [1, 2, 3].map((zone_id) => ({
  ...{ zone_id, x: 2 * zone_id, y: 1 },
  ...{ zone_name: `Zone ${zone_id}`, zone_type: 'display' as const },
}));
const LAYOUT = { zones, sensors: ['pi5', 'pi7', 'pi8'].map((sensor_id) => ({ sensor_id })) };

const record = (zone_id: number, created_ts: number, ...vectors: ReadonlyArray<object>): string =>
  `${JSON.stringify({ zone_id, created_ts, vectors })}\n`;
const HERE = { pi5: 6, pi7: 0, pi8: -6 };
const THERE = { pi5: -6, pi7: 0, pi8: 6 };
const read = (text: string) => {
  const survey = readZoneVectors(LAYOUT, text, 'calibration.jsonl');
  if (E.isLeft(survey)) throw new Error(survey.left.join('\n'));
  return survey.right;
};

describe('readZoneVectors', () => {
  it('averages the windows of a zone at its centre, in levels against each other', () => {
    const survey = read(record(1, 10, HERE, { pi5: 4, pi7: 0, pi8: -4 }) + record(2, 10, THERE));
    expect(survey).toMatchObject({ levels: 'relative', unheard: [], notes: [] });
    expect(survey.points).toMatchObject([
      { x: 2, y: 1, windows: 2 },
      { x: 4, y: 1, windows: 1 },
    ]);
    const [one, two] = survey.points.map(({ levels }) => levels);
    expect((one?.['pi5'] ?? 0) - (one?.['pi8'] ?? 0)).toBeCloseTo(10, 6);
    expect((two?.['pi5'] ?? 0) - (two?.['pi8'] ?? 0)).toBeCloseTo(-12, 6);
  });

  it('takes the newest record of a zone, wherever in the file it stands', () => {
    const newest = read(record(1, 10, HERE) + record(2, 10, HERE));
    expect(read(record(1, 10, HERE) + record(2, 10, HERE) + record(1, 9, THERE))).toEqual(newest);
    expect(read(record(1, 9, THERE) + record(1, 10, HERE) + record(2, 10, HERE))).toEqual(newest);
  });

  it('keeps the calibration of a zone when a newer one was begun and given up', () => {
    expect(read(record(1, 10, HERE) + record(1, 11))).toEqual(read(record(1, 10, HERE)));
    expect(read(record(1, 10, HERE) + record(1, 11, {}))).toEqual(read(record(1, 10, HERE)));
  });

  it('puts windows beside each other whose median is of other sensors', () => {
    // The same place: without pi5 the median is 3 dB lower.
    const { points } = read(record(1, 10, HERE, HERE, { pi7: 3, pi8: -3 }));
    const levels = points[0]?.levels ?? {};
    expect((levels['pi5'] ?? 0) - (levels['pi7'] ?? 0)).toBeCloseTo(6, 6);
    expect((levels['pi7'] ?? 0) - (levels['pi8'] ?? 0)).toBeCloseTo(6, 6);
  });

  it('tells what it leaves out: a torn end, other zones and sensors, lines that are none', () => {
    const whole = record(1, 10, HERE) + record(2, 10, { ...THERE, pi99: 3, pi7: null });
    const survey = read(`${whole}{"zone_id":3}\n${record(98, 1, HERE)}{"zone_id":3,"creat`);
    expect(survey.points.map(({ x }) => x)).toEqual([2, 4]);
    expect(survey.notes).toEqual([
      'its last line is cut off: left out',
      expect.stringMatching(/^no calibration of a zone, left out: line 3 \(created_ts/),
      'calibrations of zones that the zones file lacks, left out: 98',
      'levels of sensors that the sensors file lacks, left out: pi99',
    ]);
  });

  it('knows sensors in any case, and names those that nobody heard', () => {
    const { points, unheard } = read(record(1, 10, { PI5: 1, Pi7: -1 }));
    expect(Object.keys(points[0]?.levels ?? {})).toEqual(['pi5', 'pi7']);
    expect(unheard).toEqual(['pi8']);
  });

  it.each([
    ['other zones', record(98, 10, HERE), /zones here: 98/],
    ['other sensors', record(1, 10, { pi98: 1 }), /other sensors here: pi98/],
    ['no windows', record(1, 10), /holds no calibration/],
  ])('refuses a file of %s', (_what, text, message) => {
    const survey = readZoneVectors(LAYOUT, text, 'calibration.jsonl');
    expect(E.isLeft(survey) ? survey.left.join() : '').toMatch(message);
  });
});

it.each([
  ['records', record(1, 10, HERE), true],
  ['records behind a line that is none', `torn\n${record(1, 10, HERE)}`, true],
  ['a survey as CSV', 'zone_id,pi5\n1,-60\n', false],
  ['a calibration', '{"format":"neuralsense-calibration-1","points":[]}', false],
  ['nothing', '', false],
])('isZoneVectors knows %s', (_what, text, isOne) => {
  expect(isZoneVectors(text)).toBe(isOne);
});
