import { readFileSync } from 'node:fs';
import { either as E } from 'fp-ts';
import { calibrationOf } from '../../../src/model/calibration.ts';
import { readGroundTruth } from '../../../src/model/groundTruth.ts';
import { readSensors, readZones } from '../../../src/model/layout.ts';
import { readSurvey } from '../../../src/model/survey.ts';
import { classify, NO_BELIEFS } from '../../../src/operators/classifyZones.ts';
import type { Classifier } from '../../../src/positioning/classifier.ts';
import { pathLossClassifier } from '../../../src/positioning/pathLoss.ts';
import { scoreAssignments } from '../../../src/positioning/score.ts';
import { surveyedClassifier } from '../../../src/positioning/surveyed.ts';
import { vectorsOf } from '../../../src/positioning/windows.ts';
import { recordingLines } from '../../../src/production/recordingLines.ts';

/** What a real beacon was heard like, five months after a survey; see its README for the source. */
const FIXTURE = 'test/fixtures/tetam';
const text = (name: string) => readFileSync(`${FIXTURE}/${name}`, 'utf8');
const get = <A>(result: E.Either<ReadonlyArray<string>, A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.join('\n'));
  return result.right;
};
const layout = {
  zones: get(readZones(text('zones.csv'))),
  sensors: get(readSensors(text('sensors.csv'))),
};
const survey = get(readSurvey(layout, text('survey.csv'), 'survey.csv'));
const surveyed = surveyedClassifier(layout, calibrationOf(layout, survey, 'gaussian-process'));
const formula = pathLossClassifier(layout);
const readings = [...recordingLines(`${FIXTURE}/track_01.csv`)].map((line) => JSON.parse(line));
const truth = get(readGroundTruth(text('track_01.csv'), 'track_01.csv'));

const walked = (classifier: Classifier, offsetDb = 0) => {
  const heard = readings.map((reading) => ({ ...reading, rssi: reading.rssi + offsetDb }));
  const { assignments } = classify(
    classifier,
    NO_BELIEFS,
    vectorsOf(heard, 5_000),
    Number.POSITIVE_INFINITY,
  );
  return scoreAssignments(assignments, truth, layout);
};

describe('a walk across the room', () => {
  it('is followed to two metres by a survey', () => {
    const { judged, zone_accuracy, mean_error_m, within_one_zone } = walked(surveyed);
    expect(judged).toBe(13);
    expect(zone_accuracy).toBeGreaterThan(0.6);
    expect(within_one_zone).toBeGreaterThan(0.9);
    expect(mean_error_m).toBeLessThan(2.2);
  });

  it.each([-8, 8])('is followed as well with a phone that is %d dB louder', (offsetDb) => {
    const { zone_accuracy, mean_error_m } = walked(surveyed, offsetDb);
    expect(zone_accuracy).toBeGreaterThan(0.5);
    expect(mean_error_m).toBeLessThan(2.5);
  });

  it('is followed to three metres by the formula, whatever the phone', () => {
    for (const offsetDb of [0, -8]) {
      const { mean_error_m, within_one_zone } = walked(formula, offsetDb);
      expect(mean_error_m).toBeLessThan(3);
      expect(within_one_zone).toBeGreaterThan(0.85);
    }
  });
});

describe('a phone that stands, heard unlike it was surveyed', () => {
  /** What a sensor hears there and then: a place's level, an error that stays, and noise. */
  const noise = (seed: number) => ((Math.imul(seed + 7, 2_654_435_761) >>> 0) / 2 ** 32 - 0.5) * 2;
  const stands = survey.points.slice(0, 40).map((point, index) =>
    Array.from({ length: 24 }, (_, window) => {
      const levels = Object.entries(point.levels).map(([id, dbm], sensor) => {
        const stays = 5 * noise(100 * index + sensor);
        return [id, Math.round(dbm + stays + 2.5 * noise(1e4 * window + 10 * index + sensor))];
      });
      const vector: Record<string, number> = Object.fromEntries(levels);
      const counts = Object.fromEntries(Object.keys(vector).map((id) => [id, 8]));
      const ts = 5 * window + 4;
      return { phone_id: `${index}`, window_start: 5 * window, ts, vector, counts };
    }),
  );
  const standing = survey.points
    .slice(0, 40)
    .flatMap(({ x, y }, index) =>
      Array.from({ length: 24 }, (_, window) => ({ ts: 5 * window, x, y, phone_id: `${index}` })),
    );
  const stood = (classifier: Classifier) => {
    const { assignments } = classify(classifier, NO_BELIEFS, stands.flat(), Infinity);
    return scoreAssignments(assignments, standing, layout);
  };
  const alone: Classifier = {
    beliefExpiryMs: 0,
    locate: (evidence) => surveyed.locate(evidence, undefined),
  };

  it('changes its zone far less often than window by window, and is found no worse', () => {
    const [followed, each] = [stood(surveyed), stood(alone)];
    expect(followed.false_switches_per_minute).toBeLessThan(0.4);
    expect(followed.false_switches_per_minute).toBeLessThan(
      (each.false_switches_per_minute ?? 0) / 2,
    );
    expect(followed.zone_accuracy).toBeGreaterThan((each.zone_accuracy ?? 1) - 0.03);
    expect(followed.ece).toBeLessThan(0.17);
  });
});
