import { readFile, writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { either as E } from 'fp-ts';
import { type Calibration, Method } from '../model/calibration.ts';
import type { Layout } from '../model/layout.ts';
import { readSurvey, type Survey } from '../model/survey.ts';
import { nearestZone } from '../positioning/grid.ts';
import { lintLayout } from '../positioning/layoutLint.ts';
import { surveyedMap } from '../positioning/surveyed.ts';
import { givenLayout, type LayoutOptions } from './layout/givenLayout.ts';
import { loadConfig, Misconfigured } from './settings.ts';

interface CalibrateOptions extends LayoutOptions {
  readonly survey: string;
  readonly out: string;
  readonly method: Method;
}

const loadSurvey = async (layout: Layout, file: string): Promise<Survey> => {
  const text = await readFile(file, 'utf8').catch((problem: Error) => {
    throw new Misconfigured([`--survey: ${problem.message}`]);
  });
  const survey = readSurvey(layout, text, file);
  if (E.isLeft(survey)) throw new Misconfigured(survey.left);
  return survey.right;
};

const toCalibration = (layout: Layout, survey: Survey, method: Method): Calibration => ({
  format: 'neuralsense-calibration-1',
  method,
  phone_height_m: Math.round(survey.phoneHeightM * 100) / 100,
  sensors: layout.sensors.map(({ offset_db: _, ...sensor }) => sensor),
  points: survey.points,
});

const coverage = ({ zones }: Layout, { points }: Survey): ReadonlyArray<string> => {
  const surveyed = new Set(points.map(({ x, y }) => nearestZone(zones, x, y)));
  const bare = zones.filter((_, zone) => !surveyed.has(zone)).map(({ zone_id }) => zone_id);
  return bare.length === 0
    ? []
    : [`no place was surveyed in zone ${bare.join(', ')}: these are known from around them alone`];
};

const run = async ({ survey: file, out, method, ...options }: CalibrateOptions) => {
  const layout = await givenLayout(loadConfig(), options);
  const survey = await loadSurvey(layout, file);
  const calibration = toCalibration(layout, survey, method);
  const warnings = [
    ...coverage(layout, survey),
    ...(survey.unheard.length > 0
      ? [`the survey did not hear ${survey.unheard.join(', ')}: left out`]
      : []),
    ...(survey.skippedRows > 0 ? [`${survey.skippedRows} rows without a place or a level`] : []),
    ...lintLayout(layout, surveyedMap(layout, calibration)),
  ];
  await writeFile(out, `${JSON.stringify(calibration)}\n`, { mode: 0o600 }).catch(
    (problem: Error) => {
      throw new Misconfigured([`--out: ${problem.message}`]);
    },
  );
  const windows = survey.points.reduce((sum, point) => sum + point.windows, 0);
  process.stderr.write(
    [
      `\n  ${windows} windows at ${survey.points.length} places, heard by ` +
        `${layout.sensors.length - survey.unheard.length} sensors → ${out}\n`,
      ...warnings.map((warning) => `  • ${warning}\n`),
    ].join(''),
  );
};

/** `npm run calibrate`: what a survey heard becomes what the pipeline places phones by. */
export const calibrateCommand = (): Command =>
  new Command('calibrate')
    .description('Turns a survey into a calibration for pipeline, replay and evaluate.')
    .requiredOption('--survey <file>', 'the survey: see docs/positioning.md')
    .option('--zones <file>', 'where the zones are (default: as the pipeline)')
    .option('--sensors <file>', 'where the sensors hang (default: as the pipeline)')
    .option('--out <file>', 'where the calibration goes', 'calibration.json')
    .addOption(
      new Option('--method <name>', 'how the survey becomes a map')
        .choices(Object.keys(Method.keys))
        .default('gaussian-process'),
    )
    .action(run);
