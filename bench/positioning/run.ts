/**
 * How well phones are placed, moving and standing, against what others do, and what it costs.
 *
 * npm run bench:positioning -- --data DIR   (docs/positioning.md says where the recordings are from)
 */
import { parseArgs } from 'node:util';
import type { Calibration, Method } from '../../src/model/calibration.ts';
import type { Classifier } from '../../src/positioning/classifier.ts';
import { pathLossClassifier } from '../../src/positioning/pathLoss.ts';
import { surveyedClassifier } from '../../src/positioning/surveyed.ts';
import {
  multilateration,
  nearestNeighbours,
  nearestSensor,
  weightedCentroid,
} from './baselines.ts';
import { costOf } from './cost.ts';
import { type Contestant, headToHead } from './headToHead.ts';
import { HEAD, judge, type Run, rowOf } from './judge.ts';
import {
  byZone,
  calibrationOf,
  halvesOf,
  onePlaceAZone,
  readRecordings,
  type Stretch,
  standingAt,
  trackOf,
  withoutSensor,
  zoneCalibrationOf,
} from './recordings.ts';

const { values } = parseArgs({
  options: { data: { type: 'string', default: process.env['TETAM_DIR'] ?? '' } },
});
if (values.data === '') throw new Error('Give --data DIR (or TETAM_DIR): see docs/positioning.md');
const { layout, tracks, survey } = readRecordings(values.data);

/** Numerical Recipes' quick generator: the same packets are dropped in each run. */
const seeded = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const random = seeded(1);
const moving = tracks.map((rows) => trackOf(rows, layout));
const atPhases = (offsetDb: number) =>
  [0, 1, 2, 3, 4].flatMap((laterS) =>
    tracks.map((rows) => trackOf(rows, layout, { offsetDb, laterS })),
  );
const sparse = tracks.flatMap((rows) =>
  Array.from({ length: 5 }, () => trackOf(rows, layout, { keep: () => random() < 0.11 })),
);
const losing = (since: 'start' | 'later' | 'never') =>
  layout.sensors.flatMap(({ sensor_id }) =>
    tracks.map((rows) => withoutSensor(rows, layout, sensor_id, since)),
  );
const halves = halvesOf(survey);
const standing = halves.map((half) => standingAt(half, layout));

const unsurveyed = (whole: Classifier): Contestant => ({ whole, parts: [whole, whole] });
const surveyedBy = (make: (method: Method) => Classifier[], method: Method): Contestant => {
  const [whole, ...parts] = make(method);
  if (whole === undefined) throw new Error('no survey');
  return { whole, parts };
};
const surveys = [survey, ...halves.map((half) => half.flat())];
const alone = ({ whole, parts }: Contestant): Contestant => {
  const forget = ({ locate }: Classifier): Classifier => ({
    beliefExpiryMs: 0,
    locate: (evidence) => locate(evidence, undefined),
  });
  return { whole: forget(whole), parts: parts.map(forget) };
};
const mapped = (method: Method) =>
  surveys.map((rows) => surveyedClassifier(layout, calibrationOf(layout, rows, method)));
const neighbours = (method: Method) =>
  surveys.map((rows) => nearestNeighbours(layout, calibrationOf(layout, rows, method)));

const formula = unsurveyed(pathLossClassifier(layout));
const trilaterated = unsurveyed(multilateration(layout));
const knn = surveyedBy(neighbours, 'gaussian-process');
const bayes = surveyedBy(mapped, 'naive-bayes');
const gaussian = surveyedBy(mapped, 'gaussian-process');
const onePlace = calibrationOf(layout, onePlaceAZone(layout, survey), 'gaussian-process');

const METHODS: ReadonlyArray<readonly [string, Contestant]> = [
  ['nearest sensor', unsurveyed(nearestSensor(layout))],
  ['weighted centroid 1/d²', unsurveyed(weightedCentroid(layout))],
  ['multilateration, n 2.7', trilaterated],
  ['kNN, k = 5, full survey', knn],
  ['no survey, each window alone', alone(formula)],
  ['**no survey**', formula],
  ['naive Bayes, each window alone', alone(bayes)],
  ['naive Bayes', bayes],
  ['Gaussian process, each window alone', alone(gaussian)],
  ['**Gaussian process**', gaussian],
];

const out: string[] = [];
const row = (name: string, ...runs: ReadonlyArray<Run>): void => {
  out.push(rowOf(name, judge(runs, layout)));
};
const compare = (
  what: string,
  stretches: ReadonlyArray<Stretch>,
  methods: ReadonlyArray<readonly [string, Contestant]>,
): void => {
  for (const [method, { whole }] of methods) row(`${method}${what}`, [whole, stretches]);
};
const MAIN = [
  ['no survey', formula],
  ['kNN', knn],
  ['Gaussian process', gaussian],
] as const;
const OURS = [
  ['no survey', formula],
  ['Gaussian process', gaussian],
] as const;

/** The same shop, of whose sensors nobody knows where they hang. */
const bare = { ...layout, sensors: layout.sensors.map(({ sensor_id }) => ({ sensor_id })) };
const nowhere = (calibrate: (rows: typeof survey) => Calibration): Contestant => {
  const [whole, ...parts] = surveys.map((rows) => surveyedClassifier(bare, calibrate(rows)));
  if (whole === undefined) throw new Error('no survey');
  return { whole, parts };
};
out.push(
  'What a shop has to go by; the walks at five phases of the windows\n\n',
  ...headToHead(
    layout,
    {
      moving: atPhases(0),
      weaker: atPhases(-8),
      sparse,
      dead: losing('start'),
      standing,
    },
    [
      ['a survey', gaussian],
      [
        'without sensor positions',
        nowhere((rows) => calibrationOf(bare, rows, 'gaussian-process')),
      ],
      [
        'by zone, without sensor positions',
        nowhere((rows) => calibrationOf(bare, byZone(layout, rows), 'gaussian-process')),
      ],
      [
        'calibration.jsonl alone, all windows',
        nowhere((rows) => zoneCalibrationOf(bare, rows, 1e9)),
      ],
      [
        'calibration.jsonl alone, 40 windows a zone',
        nowhere((rows) => zoneCalibrationOf(bare, rows, 40)),
      ],
      ['no survey, sensor positions', formula],
    ],
  ),
);

out.push(`\nMoving, ${moving.length} tracks; the survey is 5 months older\n\n`, HEAD);
compare('', moving, METHODS);
row('Gaussian process, one place a zone', [surveyedClassifier(layout, onePlace), moving]);
compare(
  ', a phone 8 dB weaker',
  tracks.map((rows) => trackOf(rows, layout, { offsetDb: -8 })),
  MAIN,
);
compare(', 1 packet per sensor and window', sparse, MAIN);

out.push('\nMoving, windows begun 0, 1, 2, 3 and 4 s later\n\n', HEAD);
compare('', atPhases(0), METHODS.slice(2));
compare(', a phone 8 dB weaker', atPhases(-8), OURS);

out.push('\nMoving, the last two thirds of each walk; mean over each of the sensors\n\n', HEAD);
compare(', all sensors live', losing('never'), OURS);
compare(', one dies a third into the walk, unannounced', losing('later'), OURS);
compare(', one was never there', losing('start'), OURS);

out.push('\nStanding, each half of the places by a survey of the other half\n\n', HEAD);
for (const [method, { parts }] of METHODS)
  row(method, ...[...parts].reverse().map((part, half): Run => [part, standing[half] ?? []]));

out.push('\n500 phones × 8 sensors in one window, ms of CPU (× kNN)\n\n');
const vectors = moving.flatMap((stretch) => stretch.vectors);
const unit = costOf(knn.whole, vectors);
for (const [name, { whole }] of [...MAIN, ['multilateration', trilaterated] as const]) {
  const ms = costOf(whole, vectors);
  out.push(`${name}: ${ms.toFixed(0)} ms (${(ms / unit).toFixed(1)} ×)\n`);
}
process.stdout.write(out.join(''));
