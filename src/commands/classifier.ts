import { either as E } from 'fp-ts';
import { type Calibration, calibrationOf, readCalibration } from '../model/calibration.ts';
import { isPlaced, type Layout, placedSensors } from '../model/layout.ts';
import { isZoneVectors, readZoneVectors } from '../model/zoneVectors.ts';
import { type Classifier, NO_CLASSIFIER } from '../positioning/classifier.ts';
import { pathLossClassifier } from '../positioning/pathLoss.ts';
import { surveyedClassifier } from '../positioning/surveyed.ts';
import { readTextFile } from '../production/textFile.ts';
import { surveyNotes } from './loadSurvey.ts';
import { Misconfigured } from './settings.ts';

/** A sensor that hangs so far from where it hung during the survey has been moved, metres. */
const MOVED_M = 0.5;

const misfits = (layout: Layout, { sensors, points }: Calibration): ReadonlyArray<string> => {
  const then = new Map(sensors.map((sensor) => [sensor.sensor_id, sensor]));
  const moved = placedSensors(layout).flatMap(({ sensor_id: id, x, y }) => {
    const before = then.get(id);
    if (before === undefined || !isPlaced(before)) return [];
    const metres = Math.hypot(x - before.x, y - before.y);
    return metres > MOVED_M ? [`${id} by ${metres.toFixed(1)} m`] : [];
  });
  const isKnown = layout.sensors.some(({ sensor_id: id }) =>
    points.some(({ levels }) => levels[id] !== undefined),
  );
  return [
    ...(moved.length > 0
      ? [`these sensors were moved since the survey, which must be made again: ${moved.join(', ')}`]
      : []),
    ...(isKnown
      ? []
      : [`is of other sensors: ${sensors.map(({ sensor_id: id }) => id).join(', ') || 'none'}`]),
  ];
};

/** A calibration, and what of its file was left out, in words. */
export interface Calibrated {
  readonly calibration: Calibration;
  readonly notes: ReadonlyArray<string>;
}

const read = (
  layout: Layout,
  text: string,
  file: string,
): E.Either<ReadonlyArray<string>, Calibrated> =>
  isZoneVectors(text)
    ? E.Functor.map(readZoneVectors(layout, text, file), (survey) => ({
        calibration: calibrationOf(layout, survey, 'gaussian-process'),
        notes: surveyNotes(layout, survey).map((note) => `${file}: ${note}`),
      }))
    : E.Functor.map(readCalibration(text, file), (calibration) => ({ calibration, notes: [] }));

/**
 * What `npm run calibrate` wrote, or calibrations of zones as JSON lines.
 * @throws Misconfigured where the file cannot be read, or is not of these sensors
 */
export const loadCalibration = async (layout: Layout, file: string): Promise<Calibrated> => {
  const text = await readTextFile(file).catch((problem: Error) => {
    throw new Misconfigured([`calibration: ${problem.message}`]);
  });
  const calibrated = read(layout, text, file);
  if (E.isLeft(calibrated)) throw new Misconfigured(calibrated.left);
  const problems = misfits(layout, calibrated.right.calibration);
  if (problems.length > 0) throw new Misconfigured(problems.map((why) => `${file}: ${why}`));
  return calibrated.right;
};

/**
 * By a survey where there is one, by the formula where there is none, and not at all without places of
 * sensors; what of the survey's file was left out is told. @throws Misconfigured
 */
export const loadClassifier = async (
  layout: Layout,
  file?: string,
  tell: (note: string) => void = () => undefined,
): Promise<Classifier> => {
  if (file === undefined)
    return placedSensors(layout).length > 0 ? pathLossClassifier(layout) : NO_CLASSIFIER;
  const { calibration, notes } = await loadCalibration(layout, file);
  notes.forEach(tell);
  return surveyedClassifier(layout, calibration);
};
