import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../../config.ts';
import { SURVEY } from '../../production/certificates/certificateFolder.ts';
import { Misconfigured } from '../settings.ts';

/**
 * The pipeline's settings with the survey's own certificate, which lies beside the pipeline's: a broker
 * that knows clients by their certificate takes a second one for the first, throws that out and
 * forgets what it kept for it.
 *
 * @throws Misconfigured where only the pipeline's own certificate is there
 */
export const withOwnCertificate = (config: Config): Config => {
  const pipelines = config.MQTT_CERT_FILE;
  if (pipelines === undefined || config.MQTT_URL === undefined) return config;
  const [certFile, keyFile] = ['pem', 'key'].map((kind) =>
    join(dirname(pipelines), `${SURVEY}.${kind}`),
  ) as [string, string];
  if (!existsSync(certFile) || !existsSync(keyFile))
    throw new Misconfigured([
      `MQTT_CERT_FILE: the survey does not come with the pipeline's own certificate, for the broker could throw the pipeline out. Put ${SURVEY}.pem and ${SURVEY}.key beside ${pipelines}; npm run certificates makes them`,
    ]);
  return { ...config, MQTT_CERT_FILE: certFile, MQTT_KEY_FILE: keyFile };
};
