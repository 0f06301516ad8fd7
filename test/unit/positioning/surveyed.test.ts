import fc from 'fast-check';
import { type Calibration, readCalibration } from '../../../src/model/calibration.ts';
import { type PlacedSensor, placedSensors } from '../../../src/model/layout.ts';
import { readSurvey } from '../../../src/model/survey.ts';
import { cholesky, solveLower, solveUpper } from '../../../src/positioning/cholesky.ts';
import { fitProcess, interpolate, uncertainty } from '../../../src/positioning/gaussianProcess.ts';
import { gridOf } from '../../../src/positioning/grid.ts';
import { surveyedClassifier, surveyedMap } from '../../../src/positioning/surveyed.ts';
import { SHOP } from '../../support/shop.ts';

const IDS = SHOP.sensors.map(({ sensor_id }) => sensor_id);

/** A shop with a wall that no formula knows: the eastern half is 12 dB quieter to western sensors. */
const level = (x: number, y: number, sensor: PlacedSensor): number => {
  const metres = Math.max(Math.hypot(x - sensor.x, y - sensor.y, sensor.z - 1.2), 0.5);
  return -59 - 20 * Math.log10(metres) - (x > 10 !== sensor.x > 10 ? 12 : 0);
};
const levelsAt = (x: number, y: number, offsetDb = 0) =>
  Object.fromEntries(
    placedSensors(SHOP).map((sensor) => [sensor.sensor_id, level(x, y, sensor) + offsetDb]),
  );
const POINTS = Array.from({ length: 100 }, (_, index) => {
  const [x, y] = [1 + 2 * (index % 10), 1 + 1.8 * Math.floor(index / 10)];
  return { x, y, windows: 10, levels: levelsAt(x, y) };
});
const calibration = (method: Calibration['method']): Calibration => ({
  format: 'neuralsense-calibration-1',
  method,
  levels: 'absolute',
  sensors: placedSensors(SHOP),
  points: POINTS,
});
const evidence = (x: number, y: number, offsetDb = 0) => ({
  vector: levelsAt(x, y, offsetDb),
  counts: Object.fromEntries(IDS.map((id) => [id, 8])),
  silent: [],
  window_start: 0,
  ts: 0,
});

describe('linear algebra', () => {
  it('solves what it factors', () => {
    const numbers = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), {
      minLength: 20,
      maxLength: 20,
    });
    fc.assert(
      fc.property(numbers, (values) => {
        const a = (row: number, column: number) => values[4 * row + column] ?? 0;
        const matrix = Float64Array.from({ length: 16 }, (_, index) => {
          const [row, column] = [index >> 2, index & 3];
          const product = [0, 1, 2, 3].reduce((sum, k) => sum + a(row, k) * a(column, k), 0);
          return product + (row === column ? 1 : 0);
        });
        const b = Float64Array.from(values.slice(16));
        const lower = cholesky(matrix, 4);
        const x = solveUpper(lower, solveLower(lower, b));
        for (let row = 0; row < 4; row += 1) {
          const product = x.reduce((sum, value, k) => sum + value * (matrix[4 * row + k] ?? 0), 0);
          expect(product).toBeCloseTo(b[row] ?? 0, 6);
        }
      }),
    );
  });
});

describe('Gaussian process', () => {
  const places = { x: Float64Array.of(0, 5, 50), y: Float64Array.of(0, 0, 0) };
  const surveyed = { x: Float64Array.of(0, 5), y: Float64Array.of(0, 0) };
  const fitted = fitProcess({ lengthM: 4, sdDb: 5 }, surveyed, Float64Array.of(1e-4, 1e-4));

  it('goes through the surveyed places and returns to nothing far from them', () => {
    const [here, there, far] = interpolate(fitted, Float64Array.of(3, -2), places);
    expect(here).toBeCloseTo(3, 2);
    expect(there).toBeCloseTo(-2, 2);
    expect(far).toBeCloseTo(0, 6);
  });

  it('is sure where it was surveyed and unsure elsewhere', () => {
    const [here, , far] = uncertainty(fitted, places);
    expect(here).toBeLessThan(0.01);
    expect(far).toBeCloseTo(25, 6);
  });
});

describe.each(['gaussian-process', 'naive-bayes'] as const)('a survey by %s', (method) => {
  const classifier = surveyedClassifier(SHOP, calibration(method));
  const locate = (x: number, y: number, offsetDb = 0) =>
    classifier.locate(evidence(x, y, offsetDb), undefined).estimate;

  it('finds most zones in spite of a wall', () => {
    const found = SHOP.zones.filter(({ zone_id, x, y }) => locate(x, y).zone_id === zone_id);
    expect(found.length).toBeGreaterThanOrEqual(method === 'gaussian-process' ? 15 : 13);
  });

  it('gives a phone that is 8 dB weaker nearly the same place', () => {
    for (const { x, y } of SHOP.zones) {
      const [plain, weaker] = [locate(x, y), locate(x, y, -8)];
      expect(Math.hypot(plain.x - weaker.x, plain.y - weaker.y)).toBeLessThan(1.2);
    }
  });

  it('leaves out sensors that the survey did not hear', () => {
    const deaf = POINTS.map(({ levels: { pi1: _pi1, ...levels }, ...point }) => ({
      ...point,
      levels,
    }));
    const map = surveyedMap(SHOP, { ...calibration(method), points: deaf })(gridOf(SHOP));
    expect([...map.levels.keys()]).toEqual(IDS.filter((id) => id !== 'pi1'));
  });
});

it('puts a phone at the mean of the zones where nobody knows where the sensors hang', () => {
  const [one, two] = SHOP.zones;
  if (one === undefined || two === undefined) throw new Error('no zones');
  const shop = { zones: [one, two], sensors: IDS.map((sensor_id) => ({ sensor_id })) };
  const { estimate } = surveyedClassifier(shop, calibration('naive-bayes')).locate(
    evidence((one.x + two.x) / 2, (one.y + two.y) / 2),
    undefined,
  );
  const share = estimate.zone_id === one.zone_id ? estimate.confidence : 1 - estimate.confidence;
  expect(estimate.x).toBeCloseTo(share * one.x + (1 - share) * two.x, 9);
  expect(estimate.y).toBeCloseTo(share * one.y + (1 - share) * two.y, 9);
});

describe('a survey in levels against each other', () => {
  const relative: Calibration = {
    ...calibration('gaussian-process'),
    levels: 'relative',
    points: POINTS.map((point) => {
      const all = Object.values(point.levels);
      const mean = all.reduce((sum, dbm) => sum + dbm, 0) / all.length;
      const levels = Object.entries(point.levels).map(([id, dbm]) => [id, dbm - mean]);
      return { ...point, levels: Object.fromEntries(levels) };
    }),
  };
  const { locate } = surveyedClassifier(
    { ...SHOP, sensors: IDS.map((sensor_id) => ({ sensor_id })) },
    relative,
  );

  it('finds most zones without a place of any sensor, however loud the phone', () => {
    for (const offsetDb of [0, -8, 8]) {
      const found = SHOP.zones.filter(
        ({ zone_id, x, y }) =>
          locate(evidence(x, y, offsetDb), undefined).estimate.zone_id === zone_id,
      );
      expect(found.length).toBeGreaterThanOrEqual(14);
    }
  });

  it('is less sure of a place that is known by its zone alone', () => {
    const sd = (points: Calibration['points']) => {
      const map = surveyedMap(SHOP, { ...relative, points })(gridOf(SHOP));
      return Math.max(...(map.levels.get('pi1')?.variance ?? []));
    };
    const levels = { pi1: 0 };
    const centres = SHOP.zones.map(({ zone_id, x, y }) => ({ zone_id, x, y, windows: 1, levels }));
    const places = centres.map(({ zone_id: _, ...place }) => place);
    expect(sd(centres)).toBeGreaterThan(sd(places) + 0.5);
  });
});

describe('readSurvey', () => {
  const read = (text: string) => readSurvey(SHOP, text, 'survey.csv');

  it('averages a place’s windows by their readings; what is empty was not heard', () => {
    const text = 'x,y,z,t0,pi1,pi2,n_pi1,n_pi2\n1,2,1.5,9,-60,-70,1,1\n1,2,1.5,14,-66,,2,0\n';
    expect(read(text)).toMatchObject({
      right: {
        points: [{ x: 1, y: 2, windows: 2, levels: { pi1: -64, pi2: -70 } }],
        levels: 'absolute',
        unheard: IDS.slice(2),
        notes: [],
      },
    });
  });

  it('takes zones for places, ids in any case, and no counts', () => {
    expect(read('Zone_ID,PI1\n4,-60\n99,-50\n')).toMatchObject({
      right: {
        points: [{ x: 6.4, y: 4.8, levels: { pi1: -60 } }],
        notes: ['1 rows without a place or a level'],
      },
    });
  });

  it('takes placeholders for nothing heard', () => {
    expect(read('x,y,pi1,pi2\n1,2,-60,100\n1,2,-60,-200\n')).toMatchObject({
      right: {
        points: [{ levels: { pi1: -60 } }],
        notes: ['2 levels of 100 or below −120 dBm: counted as not heard'],
      },
    });
  });

  it('gathers a survey of a walk into a bearable number of places', () => {
    const rows = Array.from(
      { length: 3_000 },
      (_, i) => `${(i * 0.37) % 20},${(i * 0.61) % 18},-60`,
    );
    const survey = read(`x,y,pi1\n${rows.join('\n')}\n`);
    expect(survey).toHaveProperty('right');
    if (survey._tag === 'Right') expect(survey.right.points.length).toBeLessThanOrEqual(400);
  });

  it.each([
    ['no sensor of ours', 'x,y,NS-001\n1,2,-60\n', /no column for any sensor.*pi1.*NS-001/],
    ['no place', 'pi1\n-60\n', /needs the columns x and y/],
    ['nothing heard', 'x,y,pi1\n1,2,\n', /no row has both/],
    [
      'levels that are no dBm',
      'x,y,pi1,pi2\n1,2,-60,-70\n3,4,,1.5\n',
      /line 3, column pi2: 1.5 is/,
    ],
    ['a level of 0', 'zone_id,pi1\n4,0\n', /line 2, column pi1: 0 is no level in dBm/],
    ['no rows', 'x,y,pi1\n', /no rows/],
    ['ragged rows', 'x,y,pi1\n1,2\n', /survey\.csv/],
  ])('says what is wrong with %s', (_what, text, message) => {
    expect(JSON.stringify(read(text))).toMatch(message);
    expect(read(text)._tag).toBe('Left');
  });
});

describe('readCalibration', () => {
  it('reads what calibrate writes, and says what else it got', () => {
    const written = calibration('gaussian-process');
    expect(readCalibration(JSON.stringify(written), 'c.json')).toEqual({
      _tag: 'Right',
      right: written,
    });
    expect(JSON.stringify(readCalibration('x,y', 'c.json'))).toContain('c.json: is not JSON');
    expect(JSON.stringify(readCalibration('{}', 'c.json'))).toContain('is not a calibration');
  });
});
