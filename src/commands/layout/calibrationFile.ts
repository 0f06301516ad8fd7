import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { type Layout, placedSensors } from '../../model/layout.ts';

type Named = Pick<Config, 'CALIBRATION_FILE' | 'OUTPUT_DIR'>;

const foundBy = ({ OUTPUT_DIR }: Named): string | undefined =>
  ['calibration.json', 'calibration.jsonl', join(OUTPUT_DIR, 'calibration.jsonl')].find((file) =>
    existsSync(file),
  );

/**
 * The calibration to place phones by: the one that is named; in a shop of which nobody knows where
 * the sensors hang also one that lies where calibrate, or the Python script, leaves it.
 */
export const calibrationFileOf = (
  config: Named,
  layout: Layout = { zones: [], sensors: [] },
): string | undefined =>
  config.CALIBRATION_FILE ?? (placedSensors(layout).length === 0 ? foundBy(config) : undefined);

const canPlace = (layout: Layout, calibrationFile?: string): boolean =>
  calibrationFile !== undefined || placedSensors(layout).length > 0;

/** That a calibration is used which nobody named; empty where none is. */
export const foundText = (
  { CALIBRATION_FILE }: Named,
  calibrationFile: string | undefined,
): ReadonlyArray<string> =>
  calibrationFile === undefined || calibrationFile === CALIBRATION_FILE
    ? []
    : [`zones come by ${calibrationFile}, which lies there: CALIBRATION_FILE may name another`];

const nextStep = (): string =>
  existsSync('survey.csv')
    ? 'go on with npm run survey, or npm run calibrate -- --survey survey.csv and start again'
    : 'npm run survey, then npm run calibrate -- --survey survey.csv, or CALIBRATION_FILE=…';

/**
 * Why nobody can be placed yet, and the next command; undefined where phones are placed: by a
 * calibration, or by where the sensors hang.
 */
export const noZonesYet = (layout: Layout, calibrationFile?: string): string | undefined =>
  canPlace(layout, calibrationFile)
    ? undefined
    : `no zones yet: nobody knows where the sensors hang, and there is no calibration: ${nextStep()}`;
