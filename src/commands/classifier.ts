import { readFile } from 'node:fs/promises';
import { either as E } from 'fp-ts';
import { type Calibration, readCalibration } from '../model/calibration.ts';
import { isPlaced, type Layout, placedSensors } from '../model/layout.ts';
import type { Classifier } from '../positioning/classifier.ts';
import { pathLossClassifier } from '../positioning/pathLoss.ts';
import { surveyedClassifier } from '../positioning/surveyed.ts';
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

/** @throws Misconfigured where the file cannot be read, or is not of these sensors */
export const loadCalibration = async (layout: Layout, file: string): Promise<Calibration> => {
  const text = await readFile(file, 'utf8').catch((problem: Error) => {
    throw new Misconfigured([`calibration: ${problem.message}`]);
  });
  const calibration = readCalibration(text, file);
  if (E.isLeft(calibration)) throw new Misconfigured(calibration.left);
  const problems = misfits(layout, calibration.right);
  if (problems.length > 0) throw new Misconfigured(problems.map((why) => `${file}: ${why}`));
  return calibration.right;
};

/** By a survey where there is one, by the formula where there is none. @throws Misconfigured */
export const loadClassifier = async (layout: Layout, file?: string): Promise<Classifier> =>
  file === undefined
    ? pathLossClassifier(layout)
    : surveyedClassifier(layout, await loadCalibration(layout, file));
