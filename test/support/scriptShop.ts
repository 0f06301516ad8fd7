import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { inRepository } from './cli.ts';

const fixture = (name: string): string => inRepository(`test/fixtures/script/${name}`);

/** What its sensors publish, in the order of recording. */
export const SCRIPT_MESSAGES: ReadonlyArray<string> = readFileSync(
  fixture('messages.jsonl'),
  'utf8',
)
  .trimEnd()
  .split('\n');

/** What the script wrote, some of it under names of ours. */
export const SCRIPT_OUTPUT = [
  'calibration.jsonl',
  'zone_assignments.jsonl',
  'dwells.jsonl',
  'raw_rssi.jsonl',
] as const;

/** The script's shop in `dir`, as it stands there when the script is stopped; settings may differ. */
export const layScriptShop = (dir: string, settings: Readonly<Record<string, string>>): void => {
  const given = readFileSync(fixture('dotenv'), 'utf8');
  const env = Object.entries(settings).reduce(
    (text, [name, value]) => text.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${value}`),
    given,
  );
  writeFileSync(join(dir, '.env'), env);
  copyFileSync(fixture('zones.csv'), join(dir, 'zones.csv'));
  mkdirSync(join(dir, 'output'));
  for (const name of SCRIPT_OUTPUT) copyFileSync(fixture(name), join(dir, 'output', name));
};

/** Lets its sensors publish as they do, at QoS 0, as if it were recorded now; `change` may alter each. */
export const publishAsScript = async (
  url: string,
  messages: ReadonlyArray<string>,
  change: Readonly<Record<string, unknown>> = {},
): Promise<void> => {
  const sensors = await mqtt.connectAsync(url, { clientId: 'pis', reconnectPeriod: 0 });
  for (const message of messages) {
    const now = { ...JSON.parse(message), ts: Date.now() / 1000, ...change };
    await sensors.publishAsync('neuralsense/rssi', JSON.stringify(now));
  }
  await sensors.endAsync();
};
