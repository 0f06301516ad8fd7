import type { Calibration, SurveyPoint } from '../model/calibration.ts';
import { isPlaced, type Layout, type PlacedSensor } from '../model/layout.ts';
import type { Classifier } from './classifier.ts';
import {
  type Fitted,
  fitProcess,
  interpolate,
  type Kernel,
  uncertainty,
} from './gaussianProcess.ts';
import type { Grid } from './grid.ts';
import { gridClassifier } from './gridClassifier.ts';
import { naiveBayesLevels } from './naiveBayes.ts';
import { distances } from './pathLoss.ts';
import type { ExpectedLevels, RadioMap } from './radioMap.ts';

/** Chosen by cross-validation: docs/positioning.md. */
const KERNEL: Kernel = { lengthM: 3.5, sdDb: 4.5, noiseDb: 2 };
const SURVEYED = {
  ...{ floorDb: 2.9, readingDb: 3.5, deviceOffsetDb: 8, alikeShare: 0.85 },
  temperature: 1,
};
/** A zone's own variance holds most of what the floor stands for elsewhere. */
const BY_ZONE = { ...SURVEYED, floorDb: 2, temperature: 1.1 };

/** Few points do not determine a slope: it is expected to be that of an open room, give or take. */
const USUAL_SLOPE = -22;
const SLOPE_SD = 5;
const LEVEL_SD_DB = 5;

/** A + B log10(d). */
interface Line {
  readonly atOneMetreDbm: number;
  readonly slope: number;
}

/** Least squares with a Gaussian prior on the slope. */
export const fitLine = (logMetres: Float64Array, levels: Float64Array): Line => {
  const n = levels.length;
  const average = (of: Float64Array): number => of.reduce((sum, value) => sum + value, 0) / n;
  const [meanLog, meanLevel] = [average(logMetres), average(levels)];
  const certainty = (LEVEL_SD_DB / SLOPE_SD) ** 2;
  let cross = certainty * USUAL_SLOPE;
  let square = certainty;
  for (let index = 0; index < n; index += 1) {
    const away = (logMetres[index] as number) - meanLog;
    cross += away * ((levels[index] as number) - meanLevel);
    square += away * away;
  }
  const slope = cross / square;
  return { slope, atOneMetreDbm: meanLevel - slope * meanLog };
};

const placesOf = (points: ReadonlyArray<SurveyPoint>) => ({
  x: Float64Array.from(points, ({ x }) => x),
  y: Float64Array.from(points, ({ y }) => y),
});

/** What depends on the places alone is computed once for all sensors that were heard at the same. */
const sharedFits = (grid: Grid) => {
  const fits = new Map<string, { readonly fitted: Fitted; readonly variance: Float32Array }>();
  return (points: ReadonlyArray<SurveyPoint>) => {
    const key = JSON.stringify(points.map(({ x, y }) => [x, y]));
    const known = fits.get(key);
    if (known !== undefined) return known;
    const fitted = fitProcess(KERNEL, placesOf(points));
    const created = { fitted, variance: Float32Array.from(uncertainty(fitted, grid)) };
    fits.set(key, created);
    return created;
  };
};

const gaussianProcessLevels = (
  grid: Grid,
  sensor: PlacedSensor,
  points: ReadonlyArray<SurveyPoint>,
  heightM: number,
  fitAt: ReturnType<typeof sharedFits>,
): ExpectedLevels => {
  const levels = Float64Array.from(points, (point) => point.levels[sensor.sensor_id] ?? 0);
  const logs = distances(placesOf(points), sensor, heightM).map(Math.log10);
  const line = fitLine(logs, levels);
  const at = (logMetres: number): number => line.atOneMetreDbm + line.slope * logMetres;
  const { fitted, variance } = fitAt(points);
  const residuals = levels.map((level, index) => level - at(logs[index] as number));
  const departure = interpolate(fitted, residuals, grid);
  const mean = Float32Array.from(
    distances(grid, sensor, heightM),
    (metres, cell) => at(Math.log10(metres)) + (departure[cell] as number),
  );
  return { mean, variance };
};

/**
 * The map that a survey makes of a shop's radio, for the sensors that the survey heard. A Gaussian
 * process departs from a line over the distance: without a place a sensor is known zone by zone.
 */
export const surveyedMap =
  (layout: Layout, { method, points, phone_height_m: heightM }: Calibration) =>
  (grid: Grid): RadioMap => {
    const fitAt = sharedFits(grid);
    const levels = layout.sensors.flatMap((sensor): ReadonlyArray<[string, ExpectedLevels]> => {
      const heard = points.filter((point) => point.levels[sensor.sensor_id] !== undefined);
      if (heard.length === 0) return [];
      const expected =
        method === 'naive-bayes' || !isPlaced(sensor)
          ? naiveBayesLevels(grid, layout, sensor.sensor_id, heard)
          : gaussianProcessLevels(grid, sensor, heard, heightM, fitAt);
      return [[sensor.sensor_id, expected]];
    });
    const isByZone = method === 'naive-bayes' || !layout.sensors.some(isPlaced);
    const noise = isByZone ? BY_ZONE : SURVEYED;
    return { ...noise, levels: new Map(levels) };
  };

/** How well does each place explain what the sensors heard, as a survey found the shop's radio. */
export const surveyedClassifier = (layout: Layout, calibration: Calibration): Classifier =>
  gridClassifier(layout, surveyedMap(layout, calibration));
