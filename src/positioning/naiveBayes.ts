import type { SurveyPoint } from '../model/calibration.ts';
import type { Layout } from '../model/layout.ts';
import type { Grid } from './grid.ts';
import { nearestZone } from './grid.ts';
import type { ExpectedLevels } from './radioMap.ts';

/** A zone's levels differ by no less than this, however few places of it were surveyed. */
const LEAST_SD_DB = 4;
/** Nothing is known of a zone that was not surveyed but what the shop hears on average. */
const UNKNOWN_SD_DB = 10;

const moments = (levels: Float64Array, leastSd: number) => {
  const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
  const square = levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / levels.length;
  return { mean, variance: Math.max(square, leastSd ** 2) };
};

/** Gaussian naive Bayes per zone: one mean and one variance for all cells of a zone. */
export const naiveBayesLevels = (
  grid: Grid,
  { zones }: Layout,
  points: ReadonlyArray<SurveyPoint>,
  /** Of the points, dBm. */
  levels: Float64Array,
): ExpectedLevels => {
  const anywhere = moments(levels, UNKNOWN_SD_DB);
  const zoneOf = points.map(({ x, y }) => nearestZone(zones, x, y));
  const byZone = zones.map((_, zone) => {
    const inside = levels.filter((_level, point) => zoneOf[point] === zone);
    return inside.length === 0 ? anywhere : moments(inside, LEAST_SD_DB);
  });
  const ofCell = (zone: number) => byZone[zone] ?? anywhere;
  return {
    mean: Float32Array.from(grid.zone, (zone) => ofCell(zone).mean),
    variance: Float32Array.from(grid.zone, (zone) => ofCell(zone).variance),
  };
};
