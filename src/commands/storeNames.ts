import type { Config } from '../config.ts';
import { DEMO_STORE_ID } from '../embedded/database/demoStore.ts';

/** What this store is called in topics, by its id and by its name. */
export const storeNamesOf = ({
  STORE_ID,
  STORE_NAME,
}: Pick<Config, 'STORE_ID' | 'STORE_NAME'>): ReadonlyArray<string> => [
  STORE_ID ?? DEMO_STORE_ID,
  STORE_NAME ?? STORE_ID ?? 'demo',
];
