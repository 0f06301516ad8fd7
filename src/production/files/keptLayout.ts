import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import { type Layout, readSensors, readZones } from '../../model/layout.ts';
import { sensorsTable, zonesTable } from '../../model/layoutTable.ts';
import { writePrivateFile } from './privateFile.ts';

/** Where a store's layout out of the database is kept for a start while that is away. */
export const keptLayoutDir = (outputDir: string, storeId: string): string =>
  join(outputDir, 'layout', storeId);

/** Writes it as zones.csv and sensors.csv, as other commands read them. */
export const keepLayout = async (dir: string, { zones, sensors }: Layout): Promise<void> => {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await writePrivateFile(join(dir, 'zones.csv'), zonesTable(zones));
  await writePrivateFile(join(dir, 'sensors.csv'), sensorsTable(sensors));
};

/** Undefined where none was kept, or it cannot be read. */
export const readKeptLayout = async (dir: string): Promise<Layout | undefined> => {
  const read = (name: string) => readFile(join(dir, name), 'utf8').catch(() => '');
  const zones = readZones(await read('zones.csv'));
  const sensors = readSensors(await read('sensors.csv'));
  return E.isRight(zones) && E.isRight(sensors)
    ? { zones: zones.right, sensors: sensors.right }
    : undefined;
};
