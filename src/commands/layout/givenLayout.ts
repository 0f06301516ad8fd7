import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { DEMO_STORE_ID } from '../../embedded/database/demoStore.ts';
import type { Layout } from '../../model/layout.ts';
import { keptLayoutDir } from '../../production/files/keptLayout.ts';
import { loadLayout } from '../settings.ts';

export interface LayoutOptions {
  readonly zones?: string;
  readonly sensors?: string;
}

/**
 * The layout of the options, else that of the settings; where that is the database's, as a pipeline
 * in this directory kept it last. @throws Misconfigured
 */
export const givenLayout = (config: Config, { zones, sensors }: LayoutOptions): Promise<Layout> => {
  const { LAYOUT_SOURCE, OUTPUT_DIR, STORE_ID = DEMO_STORE_ID } = config;
  const kept = (name: string): string => join(keptLayoutDir(OUTPUT_DIR, STORE_ID), name);
  const isKept = LAYOUT_SOURCE === 'database';
  return loadLayout(
    zones ?? (isKept ? kept('zones.csv') : config.ZONES_FILE),
    sensors ?? (isKept ? kept('sensors.csv') : config.SENSORS_FILE),
  );
};
