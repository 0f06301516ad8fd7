import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Exposure } from '../embedded/mqttBroker.ts';
import { loadMqttPasswords } from '../embedded/mqttPasswords.ts';
import type { Layout } from '../model/layout.ts';
import { bearerOfAnother, PIPELINE } from '../production/certificates/certificateFolder.ts';
import { DATA_DIR, Misconfigured } from './settings.ts';
import { storeNamesOf } from './storeNames.ts';

const NEEDED = ['ca.pem', 'server.pem', 'server.key'] as const;

const isMissing = (folder: string) => (file: string) => !existsSync(join(folder, file));

/**
 * How the embedded broker is exposed; undefined where it is not, as by default. Never without TLS,
 * a proof of who each client is, and a topic of its own for each sensor.
 *
 * @throws Misconfigured where one of these is not there
 */
export const exposureOf = async (
  config: Config,
  { sensors }: Layout,
): Promise<Exposure | undefined> => {
  const host = config.EMBEDDED_MQTT_HOST;
  if (host === undefined) return undefined;
  const folder = config.EMBEDDED_MQTT_CERTIFICATES;
  const missing = NEEDED.filter(isMissing(folder));
  if (missing.length > 0)
    throw new Misconfigured([
      `EMBEDDED_MQTT_HOST: the broker is not exposed without TLS, and ${folder} lacks ${missing.join(', ')}: npm run certificates -- --host <this machine's name> --out ${folder}`,
    ]);
  const taken = bearerOfAnother(sensors.map(({ sensor_id }) => sensor_id));
  if (taken !== undefined)
    throw new Misconfigured([`EMBEDDED_MQTT_HOST: no sensor may be called "${taken}"`]);
  const read = (file: (typeof NEEDED)[number]) => readFileSync(join(folder, file));
  return {
    host,
    port: config.EMBEDDED_MQTT_PORT,
    stores: new Set(storeNamesOf(config)),
    tls: { ca: read('ca.pem'), cert: read('server.pem'), key: read('server.key') },
    ...(config.EMBEDDED_MQTT_CLIENTS === 'password' && {
      passwords: await loadMqttPasswords(DATA_DIR, [
        PIPELINE,
        ...sensors.map(({ sensor_id }) => sensor_id),
      ]),
    }),
  };
};
