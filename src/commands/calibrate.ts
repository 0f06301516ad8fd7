import { Command, Option } from 'commander';
import { calibrationOf, Method } from '../model/calibration.ts';
import { lintLayout } from '../positioning/layoutLint.ts';
import { surveyedMap } from '../positioning/surveyed.ts';
import { writePrivateFile } from '../production/files/privateFile.ts';
import { givenLayout, type LayoutOptions } from './layout/givenLayout.ts';
import { loadSurvey, surveyNotes } from './loadSurvey.ts';
import { keepInputs } from './outFile.ts';
import { loadConfig, Misconfigured } from './settings.ts';

interface CalibrateOptions extends LayoutOptions {
  readonly survey: string;
  readonly out: string;
  readonly method: Method;
}

const run = async ({ survey: file, out, method, ...options }: CalibrateOptions) => {
  keepInputs(out, [file, options.zones, options.sensors]);
  const layout = await givenLayout(loadConfig(), { ...options, calibration: file });
  const survey = await loadSurvey(layout, file);
  const calibration = calibrationOf(layout, survey, method);
  const warnings = [
    ...surveyNotes(layout, survey),
    ...lintLayout(layout, surveyedMap(layout, calibration)),
  ];
  await writePrivateFile(out, `${JSON.stringify(calibration)}\n`).catch((problem: Error) => {
    throw new Misconfigured([`--out: ${problem.message}`]);
  });
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
    .requiredOption(
      '--survey <file>',
      'a survey as CSV, or calibration.jsonl: see docs/positioning.md',
    )
    .option('--zones <file>', 'where the zones are (default: as the pipeline)')
    .option('--sensors <file>', 'where the sensors hang (default: as the pipeline)')
    .option('--out <file>', 'where the calibration goes', 'calibration.json')
    .addOption(
      new Option('--method <name>', 'how the survey becomes a map')
        .choices(Object.keys(Method.keys))
        .default('gaussian-process'),
    )
    .action(run);
