import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivateFile } from '../production/files/privateFile.ts';

/** Where the embedded services are, for other tools. */
export interface EmbeddedEnv {
  readonly SUPABASE_URL?: string;
  readonly SUPABASE_PUBLISHABLE_KEY?: string;
  readonly SUPABASE_SECRET_KEY?: string;
  readonly DEMO_USER_EMAIL?: string;
  readonly DEMO_USER_PASSWORD?: string;
  readonly MQTT_URL?: string;
}

/**
 * Writes `<dataDir>/embedded.env` (mode 600, in one step): one NAME=value a line, for
 * `node --env-file`, `set -a; . file` and the like. Names without a value are left out.
 */
export const writeEmbeddedEnv = async (dataDir: string, values: EmbeddedEnv): Promise<void> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const lines = Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}\n`);
  await writePrivateFile(join(dataDir, 'embedded.env'), lines.join(''));
};
