import { readFileSync } from 'node:fs';
import { either as E } from 'fp-ts';
import { type Layout, readSensors, readZones } from '../../src/model/layout.ts';

const read = <A>(file: string, parse: (text: string) => E.Either<ReadonlyArray<string>, A>): A =>
  E.getOrElse<ReadonlyArray<string>, A>((problems) => {
    throw new Error(problems.join('\n'));
  })(parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')));

/** The layout that ships: zones.csv and sensors.csv. */
export const SHOP: Layout = {
  zones: read('zones.csv', readZones),
  sensors: read('sensors.csv', readSensors),
};
