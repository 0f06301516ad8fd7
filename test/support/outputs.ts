import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type Json = Readonly<Record<string, unknown>>;

/** The six files that every run leaves. */
export const SIX_FILES = [
  'rssi_readings',
  'rssi_vectors',
  'zone_assignments',
  'zone_transitions',
  'dwells',
  'visits',
] as const;

/** The lines of a JSONL file; a file that is not there has none, a torn last line fails. */
export const jsonLines = (dir: string, name: string): ReadonlyArray<Json> => {
  const file = `${name}.jsonl`;
  if (!existsSync(join(dir, file))) return [];
  const text = readFileSync(join(dir, file), 'utf8');
  if (text !== '' && !text.endsWith('\n')) throw new Error(`${file} ends within a line`);
  return text
    .split('\n')
    .slice(0, -1)
    .map((line): Json => {
      const value: unknown = JSON.parse(line);
      if (typeof value !== 'object' || value === null) throw new Error(`not an object: ${line}`);
      return Object.fromEntries(Object.entries(value));
    });
};

/** Every MAC address that the readings name, in the writings that a leak could take. */
export const macWritings = (dir: string): ReadonlyArray<string> =>
  [...new Set(jsonLines(dir, 'rssi_readings').map(({ phone_id }) => String(phone_id)))].flatMap(
    (mac) => [mac, mac.replaceAll(':', '-'), mac.replaceAll(':', '')],
  );

/** Those of `secrets` that `text` gives away, in whatever case. */
export const leaks = (text: string, secrets: ReadonlyArray<string>): ReadonlyArray<string> => {
  const lower = text.toLowerCase();
  return secrets.filter((secret) => lower.includes(secret.toLowerCase()));
};

/** Readings that the vectors count. */
export const counted = (dir: string): number =>
  jsonLines(dir, 'rssi_vectors').reduce(
    (total, { counts }) =>
      total + Object.values(Object(counts)).reduce<number>((sum, count) => sum + Number(count), 0),
    0,
  );

/** Waits until a file holds exactly so many lines. */
export const holdsLines = async (
  dir: string,
  name: string,
  lines: number,
  withinMs = 15_000,
): Promise<void> => {
  const until = Date.now() + withinMs;
  while (jsonLines(dir, name).length !== lines) {
    if (Date.now() > until)
      throw new Error(`${name} holds ${jsonLines(dir, name).length} lines, not ${lines}`);
    await sleep(50);
  }
};
