import { readFileSync } from 'node:fs';
import type { either } from 'fp-ts';
import { type Layout, readSensors, readZones } from '../../../src/model/layout.ts';

const right = <A>(read: either.Either<ReadonlyArray<string>, A>): A => {
  if (read._tag === 'Left') throw new Error(read.left.join('\n'));
  return read.right;
};

/** The shop that ships with the project: 19 zones, 8 sensors. */
export const shopLayout: Layout = {
  zones: right(readZones(readFileSync('zones.csv', 'utf8'))),
  sensors: right(readSensors(readFileSync('sensors.csv', 'utf8'))),
};
