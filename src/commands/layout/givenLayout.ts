import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { DEMO_STORE_ID } from '../../embedded/database/demoStore.ts';
import type { Layout } from '../../model/layout.ts';
import { keptLayoutDir } from '../../production/files/keptLayout.ts';
import { type LayoutFile, loadShopLayout } from './shopLayout.ts';

export interface LayoutOptions {
  readonly zones?: string;
  readonly sensors?: string;
  /** Its sensors are the shop's where nothing else names any. */
  readonly calibration?: string;
}

/**
 * The layout of the options, else that of the settings; where that is the database's, as a pipeline
 * in this directory kept it last. What is to be known of it is told. @throws Misconfigured
 */
export const givenLayout = async (
  config: Config,
  options: LayoutOptions,
  tell: (note: string) => void = (note) => void process.stderr.write(`  ! ${note}\n`),
): Promise<Layout> => {
  const { LAYOUT_SOURCE, OUTPUT_DIR, STORE_ID = DEMO_STORE_ID } = config;
  const fileOf = (chosen: string | undefined, kept: string, set: string): LayoutFile => {
    if (chosen !== undefined) return { file: chosen, isChosen: true };
    return LAYOUT_SOURCE === 'database'
      ? { file: join(keptLayoutDir(OUTPUT_DIR, STORE_ID), kept), isChosen: true }
      : { file: set };
  };
  const { layout, notes } = await loadShopLayout(config, {
    zones: fileOf(options.zones, 'zones.csv', config.ZONES_FILE),
    sensors: fileOf(options.sensors, 'sensors.csv', config.SENSORS_FILE),
    ...(options.calibration !== undefined && { calibration: options.calibration }),
  });
  notes.forEach(tell);
  return layout;
};
