import { existsSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { readTextFileSync } from '../production/textFile.ts';

/** Takes over what a file of settings holds and the environment does not. @throws Error where it cannot be read */
export const loadEnvFile = (file = '.env'): void => {
  if (!existsSync(file)) return;
  const given = Object.entries(parseEnv(readTextFileSync(file)));
  for (const [name, value] of given) process.env[name] ??= value;
};
