import type { Layout } from '../../model/layout.ts';
import type { Grid } from '../../positioning/grid.ts';
import { lintLayout } from '../../positioning/layoutLint.ts';
import { pathLossMap } from '../../positioning/pathLoss.ts';
import type { RadioMap } from '../../positioning/radioMap.ts';
import { surveyedMap } from '../../positioning/surveyed.ts';
import { loadCalibration } from '../classifier.ts';
import { noZonesYet } from './calibrationFile.ts';

/** A shop's radio, and what of the calibration's file was left out. */
interface Radio {
  readonly mapOf: (grid: Grid) => RadioMap;
  readonly notes: ReadonlyArray<string>;
}

/** The shop's radio by a survey where there is one, by the formula where there is none. */
export const radioOf = async (layout: Layout, calibrationFile?: string): Promise<Radio> => {
  if (calibrationFile === undefined) return { mapOf: pathLossMap(layout), notes: [] };
  const { calibration, notes } = await loadCalibration(layout, calibrationFile);
  return { mapOf: surveyedMap(layout, calibration), notes };
};

/** What is questionable about a layout, in words. @throws Misconfigured for a useless calibration */
export const layoutAdvice = async (
  layout: Layout,
  calibrationFile?: string,
): Promise<ReadonlyArray<string>> => {
  const { mapOf, notes } = await radioOf(layout, calibrationFile);
  const noZones = noZonesYet(layout, calibrationFile);
  return [...(noZones === undefined ? [] : [noZones]), ...notes, ...lintLayout(layout, mapOf)];
};

/** The same for who starts a pipeline; empty where nothing is. */
export const adviceText = (advice: ReadonlyArray<string>): string =>
  advice.length === 0
    ? ''
    : `${advice.map((problem) => `  ! ${problem}\n`).join('')}    npm run layout draws it.\n\n`;
