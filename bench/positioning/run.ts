/**
 * How well phones are placed, moving and standing, against what others do, and what it costs.
 *
 * npm run bench:positioning -- --data DIR   (docs/positioning.md says where the recordings are from)
 */
import { parseArgs } from 'node:util';
import type { Layout } from '../../src/model/layout.ts';
import { classify, NO_BELIEFS } from '../../src/operators/classifyZones.ts';
import type { Belief, Classifier } from '../../src/positioning/classifier.ts';
import { pathLossClassifier } from '../../src/positioning/pathLoss.ts';
import { type Score, scoreAssignments } from '../../src/positioning/score.ts';
import { surveyedClassifier } from '../../src/positioning/surveyed.ts';
import {
  multilateration,
  nearestNeighbours,
  nearestSensor,
  weightedCentroid,
} from './baselines.ts';
import {
  calibrationOf,
  halvesOf,
  onePlaceAZone,
  readRecordings,
  type Stretch,
  standingAt,
  trackOf,
} from './recordings.ts';

const { values } = parseArgs({
  options: { data: { type: 'string', default: process.env['TETAM_DIR'] ?? '' } },
});
if (values.data === '') throw new Error('Give --data DIR (or TETAM_DIR): see docs/positioning.md');
const { layout, tracks, survey } = readRecordings(values.data);

/** Figures of one method over all stretches, and the standard error of its accuracy. */
interface Result extends Score {
  readonly standardError: number;
}

/** Stretches one after the other, a day apart; errors within one are no evidence of each other. */
const judge = (
  runs: ReadonlyArray<readonly [Classifier, ReadonlyArray<Stretch>]>,
  of: Layout = layout,
): Result => {
  const parts = runs.flatMap(([classifier, stretches]) =>
    stretches.map(({ vectors, truth }, index) => {
      const phone_id = `${index}`;
      const named = vectors.map((vector) => ({ ...vector, phone_id }));
      const { assignments } = classify(classifier, NO_BELIEFS, named, Number.POSITIVE_INFINITY);
      return { assignments, truth };
    }),
  );
  const shift = <A extends { readonly ts: number }>(items: ReadonlyArray<A>, part: number) =>
    items.map((item) => ({ ...item, ts: item.ts + part * 1e6, phone_id: `${part}` }));
  const score = scoreAssignments(
    parts.flatMap(({ assignments }, part) => shift(assignments, part)),
    parts.flatMap(({ truth }, part) => shift(truth, part)),
    of,
  );
  const accuracy = score.zone_accuracy ?? 0;
  const excess = parts.map(({ assignments, truth }) => {
    const one = scoreAssignments(
      assignments,
      truth.map((record) => ({ ...record })),
      of,
    );
    return one.judged * ((one.zone_accuracy ?? 0) - accuracy);
  });
  const squares = excess.reduce((sum, value) => sum + value ** 2, 0);
  return { ...score, standardError: Math.sqrt(squares) / score.judged };
};

const alone = ({ locate }: Classifier): Classifier => ({
  beliefExpiryMs: 0,
  locate: (evidence) => locate(evidence, undefined),
});

/** Numerical Recipes' quick generator: the same packets are dropped in each run. */
const seeded = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const full = calibrationOf(layout, survey, 'gaussian-process');
const halves = halvesOf(survey);
const moving = tracks.map((rows) => trackOf(rows, layout));
const weaker = tracks.map((rows) => trackOf(rows, layout, -8));
const random = seeded(1);
const sparse = tracks.flatMap((rows) =>
  Array.from({ length: 5 }, () => trackOf(rows, layout, 0, () => random() < 0.11)),
);
const standing = halves.map((half) => standingAt(half, layout));
const surveyedBy = (method: 'gaussian-process' | 'naive-bayes') => {
  const whole = surveyedClassifier(layout, { ...full, method });
  const parts = halves.map((half) =>
    surveyedClassifier(layout, calibrationOf(layout, half.flat(), method)),
  );
  return { whole, parts };
};
type Parts = ReadonlyArray<Classifier>;
/** Each half of the places is judged by a survey of the other half. */
const crosswise = ([one, other]: Parts, stand = standing) =>
  judge([
    [other ?? alone(pathLossClassifier(layout)), stand[0] ?? []],
    [one ?? alone(pathLossClassifier(layout)), stand[1] ?? []],
  ]);

const percent = (value: number | null): string => ((value ?? 0) * 100).toFixed(1);
const fixed = (value: number | null): string => (value === null ? '–' : value.toFixed(2));
const row = (name: string, result: Result): string =>
  `| ${name} | ${percent(result.zone_accuracy)} ± ${percent(result.standardError)} | ` +
  `${percent(result.within_one_zone)} | ${fixed(result.mean_error_m)} | ` +
  `${fixed(result.median_error_m)} | ${fixed(result.p90_error_m)} | ${fixed(result.ece)} | ` +
  `${fixed(result.false_switches_per_minute)} |\n`;
const HEAD =
  '| method | zone % ± s.e. | ±1 zone % | mean m | median m | 90 % m | ECE | false switches/min |\n' +
  '|---|---|---|---|---|---|---|---|\n';

const same = (classifier: Classifier): Parts => [classifier, classifier];
const gp = surveyedBy('gaussian-process');
const nb = surveyedBy('naive-bayes');
const sparsely = calibrationOf(layout, onePlaceAZone(layout, survey), 'gaussian-process');
const knn = {
  whole: nearestNeighbours(layout, full),
  parts: halves.map((half) =>
    nearestNeighbours(layout, calibrationOf(layout, half.flat(), 'gaussian-process')),
  ),
};
const formula = pathLossClassifier(layout);
const METHODS: ReadonlyArray<readonly [string, Classifier, Parts]> = [
  ['nearest sensor', nearestSensor(layout), same(nearestSensor(layout))],
  ['weighted centroid 1/d²', weightedCentroid(layout), same(weightedCentroid(layout))],
  ['multilateration, n 2.7', multilateration(layout), same(multilateration(layout))],
  ['kNN, k = 5, full survey', knn.whole, knn.parts],
  ['no survey, each window alone', alone(formula), same(alone(formula))],
  ['**no survey**', formula, same(formula)],
  ['naive Bayes, each window alone', alone(nb.whole), nb.parts.map(alone)],
  ['naive Bayes', nb.whole, nb.parts],
  ['Gaussian process, each window alone', alone(gp.whole), gp.parts.map(alone)],
  ['**Gaussian process**', gp.whole, gp.parts],
];

const out: string[] = [`Moving, ${moving.length} tracks; the survey is 5 months older\n\n`, HEAD];
for (const [name, classifier] of METHODS) out.push(row(name, judge([[classifier, moving]])));
out.push(
  row(
    'Gaussian process, one place a zone',
    judge([[surveyedClassifier(layout, sparsely), moving]]),
  ),
);
for (const [name, stretches] of [
  ['a phone 8 dB weaker', weaker],
  ['1 packet per sensor and window', sparse],
] as const)
  for (const [method, classifier] of [
    ['no survey', formula],
    ['kNN', knn.whole],
    ['Gaussian process', gp.whole],
  ] as const)
    out.push(row(`${method}, ${name}`, judge([[classifier, stretches]])));
out.push('\nStanding, each half of the places by a survey of the other half\n\n', HEAD);
for (const [name, , parts] of METHODS) out.push(row(name, crosswise(parts)));

/** CPU of 500 phones in one window, ms: the median of many windows. */
const cost = ({ locate }: Classifier): number => {
  const phones = 500;
  const vectors = moving.flatMap((stretch) => stretch.vectors);
  const beliefs: Array<Belief | undefined> = [];
  const times = Array.from({ length: 15 }, (_, window) => {
    const before = process.cpuUsage();
    for (let phone = 0; phone < phones; phone += 1) {
      const heard = vectors[(phone + window) % vectors.length];
      if (heard === undefined) continue;
      const evidence = { ...heard, ts: 5 * window, window_start: 5 * window, silent: [] };
      beliefs[phone] = locate(evidence, beliefs[phone]).belief;
    }
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return times.sort((a, b) => a - b)[7] ?? 0;
};
const unit = cost(knn.whole);
out.push('\n500 phones × 8 sensors in one window, ms of CPU (× kNN)\n\n');
for (const [name, classifier] of [
  ['kNN', knn.whole],
  ['multilateration', multilateration(layout)],
  ['no survey', formula],
  ['Gaussian process', gp.whole],
] as const) {
  const ms = cost(classifier);
  out.push(`${name}: ${ms.toFixed(0)} ms (${(ms / unit).toFixed(1)} ×)\n`);
}
process.stdout.write(out.join(''));
