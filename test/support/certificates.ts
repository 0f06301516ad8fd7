import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  fillCertificateFolder,
  PIPELINE,
  SURVEY,
} from '../../src/production/certificates/certificateFolder.ts';

/** A private CA made by openssl, and the PEM files that it signs. */
export interface Authority {
  readonly caFile: string;
  /** Signs a certificate for `name`, valid on 127.0.0.1; returns the paths of both files. */
  readonly sign: (name: string) => { readonly certFile: string; readonly keyFile: string };
  readonly remove: () => void;
}

const openssl = (...args: ReadonlyArray<string>): void => {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'ignore'] });
};

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export const createAuthority = (): Authority => {
  const directory = mkdtempSync(join(tmpdir(), 'authority-'));
  const at = (file: string) => join(directory, file);
  const caFile = at('ca.pem');
  openssl(
    ...['req', '-x509', ...EC, '-days', '2', '-subj', '/CN=test authority'],
    ...['-keyout', at('ca.key'), '-out', caFile],
  );
  const extensions = at('extensions');
  writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1\n');
  const sign = (name: string) => {
    const [request, keyFile, certFile] = [at(`${name}.csr`), at(`${name}.key`), at(`${name}.pem`)];
    openssl('req', '-new', ...EC, '-subj', `/CN=${name}`, '-keyout', keyFile, '-out', request);
    openssl(
      ...['x509', '-req', '-in', request, '-CA', caFile, '-CAkey', at('ca.key')],
      ...['-CAcreateserial', '-days', '2', '-extfile', extensions, '-out', certFile],
    );
    return { certFile, keyFile };
  };
  return { caFile, sign, remove: () => rmSync(directory, { recursive: true, force: true }) };
};

/** A folder as `npm run certificates` fills it; `material` is what a client of that name needs. */
export interface ShippedCertificates {
  readonly folder: string;
  readonly settings: (name: string) => {
    readonly MQTT_CA_FILE: string;
    readonly MQTT_CERT_FILE: string;
    readonly MQTT_KEY_FILE: string;
  };
  readonly material: (name: string) => {
    readonly ca: Buffer;
    readonly cert: Buffer;
    readonly key: Buffer;
  };
  readonly remove: () => void;
}

export const shippedCertificates = async (
  sensors: ReadonlyArray<string>,
): Promise<ShippedCertificates> => {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  await fillCertificateFolder({
    folder,
    hosts: ['shop.local'],
    sensors,
    days: 2,
    renew: false,
    now: new Date(),
  });
  const settings = (name: string) => {
    const path = join(folder, name === PIPELINE || name === SURVEY ? name : `sensors/${name}`);
    return {
      MQTT_CA_FILE: join(folder, 'ca.pem'),
      MQTT_CERT_FILE: `${path}.pem`,
      MQTT_KEY_FILE: `${path}.key`,
    };
  };
  return {
    folder,
    settings,
    material: (name) => {
      const { MQTT_CA_FILE, MQTT_CERT_FILE, MQTT_KEY_FILE } = settings(name);
      return {
        ca: readFileSync(MQTT_CA_FILE),
        cert: readFileSync(MQTT_CERT_FILE),
        key: readFileSync(MQTT_KEY_FILE),
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
