import { basename, resolve } from 'node:path';
import type { CertificateFolder, Issued } from '../production/certificates/certificateFolder.ts';

const MQTTS_PORT = 8883;
const SOON_MS = 30 * 86_400_000;

const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** A word for a POSIX shell. */
const quoted = (word: string): string =>
  /^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

const row = ({ certFile, until, isNew }: Issued, width: number): string => {
  const warning = until.getTime() - Date.now() < SOON_MS ? '  ends soon: --renew' : '';
  return `  ${certFile.padEnd(width)}  until ${until.toISOString().slice(0, 10)}  ${isNew ? 'made' : 'kept'}${warning}\n`;
};

const sensorLine = (sensor: string, host: string, store: string): string =>
  [
    `mosquitto_pub -h ${host} -p ${MQTTS_PORT} -q 1 -i ${sensor}`,
    `--cafile ca.pem --cert ${sensor}.pem --key ${sensor}.key`,
    `-t ${quoted(`neuralsense/rssi/${store}/${sensor}`)} -l`,
  ].join(' ');

/** What the folder holds now, and what pipeline, broker and sensors have to be told of it. */
export const certificatesText = (
  folder: CertificateFolder,
  { host: [host = 'localhost'], store }: { host: ReadonlyArray<string>; store: string },
): string => {
  const { authority, server, pipeline, survey, sensors } = folder;
  const all = [authority, server, pipeline, survey, ...sensors];
  const width = Math.max(...all.map(({ certFile }) => certFile.length));
  return [
    '\n',
    ...all.map((issued) => row(issued, width)),
    `\n  Keep ${authority.keyFile} to yourself: who has it can pass for any sensor.\n`,
    '\nThe pipeline, in .env:\n\n',
    `MQTT_URL=mqtts://${inUrl(host)}:${MQTTS_PORT}\n`,
    `MQTT_CA_FILE=${resolve(authority.certFile)}\n`,
    `MQTT_CERT_FILE=${resolve(pipeline.certFile)}\n`,
    `MQTT_KEY_FILE=${resolve(pipeline.keyFile)}\n`,
    `\nnpm run survey finds ${basename(survey.certFile)} and ${basename(survey.keyFile)} beside the pipeline's.\n`,
    '\nmosquitto: copy these to /etc/mosquitto/certs/ (docs/broker.md):\n\n',
    `${authority.certFile} ${server.certFile} ${server.keyFile}\n`,
    '\nEach sensor gets ca.pem and its own two files; one reading a line:\n\n',
    ...sensors.map(({ name }) => `${sensorLine(name, host, store)}\n`),
  ].join('');
};
