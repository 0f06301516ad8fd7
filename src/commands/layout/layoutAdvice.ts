import type { Layout } from '../../model/layout.ts';
import type { Grid } from '../../positioning/grid.ts';
import { lintLayout } from '../../positioning/layoutLint.ts';
import { pathLossMap } from '../../positioning/pathLoss.ts';
import type { RadioMap } from '../../positioning/radioMap.ts';
import { surveyedMap } from '../../positioning/surveyed.ts';
import { loadCalibration } from '../classifier.ts';

/** The shop's radio by a survey where there is one, by the formula where there is none. */
export const radioOf = async (
  layout: Layout,
  calibrationFile?: string,
): Promise<(grid: Grid) => RadioMap> =>
  calibrationFile === undefined
    ? pathLossMap(layout)
    : surveyedMap(layout, await loadCalibration(layout, calibrationFile));

/** What is questionable about a layout, in words. @throws Misconfigured for a useless calibration */
export const layoutAdvice = async (
  layout: Layout,
  calibrationFile?: string,
): Promise<ReadonlyArray<string>> => lintLayout(layout, await radioOf(layout, calibrationFile));

/** The same for who starts a pipeline; empty where nothing is. */
export const adviceText = (advice: ReadonlyArray<string>): string =>
  advice.length === 0
    ? ''
    : `${advice.map((problem) => `  ! ${problem}\n`).join('')}    npm run layout draws it.\n\n`;
