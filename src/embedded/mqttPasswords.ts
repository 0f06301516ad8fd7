import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { parseJson } from '../model/json.ts';
import { writePrivateFile } from '../production/files/privateFile.ts';

const Passwords = t.record(t.string, t.string);

const read = (file: string): Record<string, string> => {
  if (!existsSync(file)) return {};
  const decoded = Passwords.decode(parseJson(readFileSync(file, 'utf8')));
  if (E.isRight(decoded)) return decoded.right;
  throw new Error(`${file} cannot be used. Restore it, or delete it to get new passwords.`);
};

/**
 * A password for each name, from `<dataDir>/mqtt_passwords.json` (mode 600): in clear, since whoever
 * sets a sensor up has to read it there. Made for names that have none yet; the others stay.
 */
export const loadMqttPasswords = async (
  dataDir: string,
  names: ReadonlyArray<string>,
): Promise<ReadonlyMap<string, string>> => {
  const file = join(dataDir, 'mqtt_passwords.json');
  const known = new Map(Object.entries(read(file)));
  const missing = names.filter((name) => !known.has(name));
  for (const name of missing) known.set(name, randomBytes(24).toString('base64url'));
  if (missing.length > 0) {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await writePrivateFile(file, `${JSON.stringify(Object.fromEntries(known), null, 2)}\n`);
  }
  // Who is no longer listed is no longer let in.
  return new Map([...known].filter(([name]) => names.includes(name)));
};
