import type { Calibration, SurveyPoint } from '../model/calibration.ts';
import type { Layout } from '../model/layout.ts';
import type { PlacingClassifier } from './classifier.ts';
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
import type { ExpectedLevels, RadioMap } from './radioMap.ts';

/** Chosen by cross-validation: docs/positioning.md. */
const KERNEL: Kernel = { lengthM: 7, sdDb: 8 };
/** Of a place's average: what is heard there on another day. */
const NOISE_DB = 2;
const SURVEYED = {
  ...{ floorDb: 2.9, readingDb: 4.5, deviceOffsetDb: 8, alikeShare: 0.85 },
  temperature: 1,
};
/** A zone's own variance holds most of what the floor stands for elsewhere. */
const BY_ZONE = { ...SURVEYED, floorDb: 2, temperature: 1.1 };
/** Relative levels do not say how loud the phone was: each phone's loudness is found out. */
const ANY_LOUDNESS = { deviceOffsetDb: 20, alikeShare: 0 };
/** What relative levels are taken to be around, until a phone's loudness is known. */
const USUAL_DBM = -70;

const placesOf = (points: ReadonlyArray<SurveyPoint>) => ({
  x: Float64Array.from(points, ({ x }) => x),
  y: Float64Array.from(points, ({ y }) => y),
});

/**
 * How unsure a point's levels are, dB². Of a point that was somewhere in a zone they are of a place
 * off its centre: by the kernel levels change by sd / length a metre, as a standard deviation
 * (noisy inputs: McHutchon and Rasmussen 2011).
 */
const noiseIn =
  (grid: Grid, { zones }: Layout) =>
  ({ x, y, zone_id }: SurveyPoint): number => {
    const zone = zones.findIndex((one) => one.zone_id === zone_id);
    if (zone < 0) return NOISE_DB ** 2;
    const squares = grid.x.map((at, cell) =>
      grid.zone[cell] === zone ? (at - x) ** 2 + ((grid.y[cell] as number) - y) ** 2 : 0,
    );
    const square =
      squares.reduce((sum, value) => sum + value, 0) / (grid.zoneCells[zone] as number);
    return NOISE_DB ** 2 + (KERNEL.sdDb / KERNEL.lengthM) ** 2 * square;
  };

type ById = readonly [string, ExpectedLevels];

interface Fit {
  readonly fitted: Fitted;
  readonly variance: Float32Array;
}

/** What depends on the places alone is computed once for all sensors that were heard at the same. */
const sharedFits = (grid: Grid, layout: Layout) => {
  const noiseOf = noiseIn(grid, layout);
  const fits = new Map<string, Fit>();
  return (points: ReadonlyArray<SurveyPoint>): Fit => {
    const key = JSON.stringify(points.map(({ x, y, zone_id }) => [x, y, zone_id]));
    const known = fits.get(key);
    if (known !== undefined) return known;
    const fitted = fitProcess(KERNEL, placesOf(points), Float64Array.from(points, noiseOf));
    const created = { fitted, variance: Float32Array.from(uncertainty(fitted, grid)) };
    fits.set(key, created);
    return created;
  };
};

/** What departs from the mean of all places is interpolated. */
const gaussianProcessLevels = (
  grid: Grid,
  levels: Float64Array,
  { fitted, variance }: Fit,
): ExpectedLevels => {
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  const departures = levels.map((level) => level - mean);
  const expected = interpolate(fitted, departures, grid).map((departure) => mean + departure);
  return { mean: Float32Array.from(expected), variance };
};

/**
 * The map that a survey makes of a shop's radio, for the sensors that the survey heard. Where they
 * hang does not matter.
 */
export const surveyedMap =
  (layout: Layout, { method, levels: kind, points }: Calibration) =>
  (grid: Grid): RadioMap => {
    const fitAt = sharedFits(grid, layout);
    const usual = kind === 'relative' ? USUAL_DBM : 0;
    const levels = layout.sensors.flatMap(({ sensor_id: id }): ReadonlyArray<ById> => {
      const heard = points.filter((point) => point.levels[id] !== undefined);
      if (heard.length === 0) return [];
      const dbm = Float64Array.from(heard, (point) => usual + (point.levels[id] ?? 0));
      return [
        [
          id,
          method === 'naive-bayes'
            ? naiveBayesLevels(grid, layout, heard, dbm)
            : gaussianProcessLevels(grid, dbm, fitAt(heard)),
        ],
      ];
    });
    const noise = method === 'naive-bayes' ? BY_ZONE : SURVEYED;
    return { ...noise, ...(kind === 'relative' && ANY_LOUDNESS), levels: new Map(levels) };
  };

/** How well does each place explain what the sensors heard, as a survey found the shop's radio. */
export const surveyedClassifier = (layout: Layout, calibration: Calibration): PlacingClassifier =>
  gridClassifier(layout, surveyedMap(layout, calibration));
