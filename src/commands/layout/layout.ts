import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { type Layout, placedSensors } from '../../model/layout.ts';
import { type Grid, gridOf } from '../../positioning/grid.ts';
import { confusedPairs, expectedConfusion, lintLayout } from '../../positioning/layoutLint.ts';
import type { RadioMap } from '../../positioning/radioMap.ts';
import { reachOf, sensorsPerZone } from '../../positioning/reach.ts';
import { keepInputs } from '../outFile.ts';
import { loadConfig, Misconfigured } from '../settings.ts';
import { calibrationFileOf, foundText, noZonesYet } from './calibrationFile.ts';
import { givenLayout, type LayoutOptions } from './givenLayout.ts';
import { radioOf } from './layoutAdvice.ts';
import { type Expectation, layoutMap } from './layoutMap.ts';
import { expectationText } from './layoutText.ts';

interface Options extends LayoutOptions {
  readonly out: string;
  readonly strict?: true;
}

const expect = (layout: Layout, grid: Grid, map: RadioMap, isSurveyed: boolean): Expectation => {
  const confusion = map.levels.size === 0 ? [] : expectedConfusion(layout, map, grid);
  return {
    confusion,
    confused: confusedPairs(confusion),
    reach: placedSensors(layout).map((sensor) => reachOf(grid, map, sensor)),
    isSurveyed,
  };
};

const run = async (options: Options): Promise<void> => {
  keepInputs(options.out, [options.zones, options.sensors, options.calibration]);
  const config = loadConfig();
  const layout = await givenLayout(config, options);
  const calibration = options.calibration ?? calibrationFileOf(config, layout);
  const { mapOf, notes } = await radioOf(layout, calibration);
  const grid = gridOf(layout);
  const map = mapOf(grid);
  const expectation = expect(layout, grid, map, calibration !== undefined);
  const noZones = noZonesYet(layout, calibration);
  const problems = [
    ...(noZones === undefined ? [] : [noZones]),
    ...foundText(config, options.calibration ? undefined : calibration),
    ...notes,
    ...lintLayout(layout, () => map),
  ];
  await writeFile(options.out, layoutMap(layout, expectation)).catch((problem: Error) => {
    throw new Misconfigured([`--out: ${problem.message}`]);
  });
  process.stdout.write(expectationText(layout, expectation, sensorsPerZone(layout, grid, map)));
  process.stdout.write(
    problems.length === 0
      ? '\n  Nothing to object to.\n'
      : `\n${problems.map((problem) => `  ! ${problem}\n`).join('')}`,
  );
  process.stdout.write(`\n  The map: ${options.out}\n`);
  if (options.strict && problems.length > 0) process.exitCode = 1;
};

/** `npm run layout`: what zones and sensors promise, and what is wrong with them, before a phone is placed. */
export const layoutCommand = (): Command =>
  new Command('layout')
    .description('Judges zones and sensors: which zones can be told apart; with a map.')
    .option('--zones <file>', 'where the zones are (default: as the pipeline)')
    .option('--sensors <file>', 'where the sensors hang (default: as the pipeline)')
    .option(
      '--calibration <file>',
      'what calibrate made of a survey, or calibration.jsonl (default: CALIBRATION_FILE)',
    )
    .option('--out <file>', 'the map', 'layout.svg')
    .option('--strict', 'exit code 1 where something is wrong')
    .action(run);
