import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, join } from 'node:path';
import { writePrivateFile } from '../files/privateFile.ts';
import { certify, type Issuer, newKey, type Purpose } from './certificate.ts';

/** The users' names by which brokers know the pipeline and the survey; no sensor may bear them. */
export const PIPELINE = 'pipeline';
export const SURVEY = 'survey';

/** Of the sensors, the first one that bears such a name. */
export const bearerOfAnother = (sensors: ReadonlyArray<string>): string | undefined =>
  sensors.find((sensor) => sensor === PIPELINE || sensor === SURVEY);

export interface CertificateRequest {
  readonly folder: string;
  /** DNS names and IP addresses of the broker; its own machine's are added. */
  readonly hosts: ReadonlyArray<string>;
  readonly sensors: ReadonlyArray<string>;
  /** How long those that the authority signs are valid. */
  readonly days: number;
  /** Makes anew all but the authority. */
  readonly renew: boolean;
  readonly now: Date;
}

/** One certificate of the folder and what became of it. */
export interface Issued {
  readonly name: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly until: Date;
  readonly isNew: boolean;
}

export interface CertificateFolder {
  readonly authority: Issued;
  readonly server: Issued;
  readonly pipeline: Issued;
  readonly survey: Issued;
  readonly sensors: ReadonlyArray<Issued>;
}

/** Files are called after sensors: these names would lead out of the folder. */
const isPath = (name: string): boolean => /^\.+$|[/\\]/.test(name);

const AUTHORITY_DAYS = 3650;
const OWN_HOSTS = ['localhost', '127.0.0.1', '::1'];

const after = (now: Date, days: number): Date => new Date(now.getTime() + days * 86_400_000);

/** Clocks of sensors that have just started may be behind. */
const before = (now: Date): Date => after(now, -1);

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

const filesAt = (folder: string, name: string) => ({
  certFile: join(folder, `${name}.pem`),
  keyFile: join(folder, `${name}.key`),
});

/** A certificate and its key as they stand in the folder; undefined where one is missing. */
const readPair = (certFile: string, keyFile: string) =>
  existsSync(certFile) && existsSync(keyFile)
    ? {
        certificate: new X509Certificate(readFileSync(certFile)),
        key: createPrivateKey(readFileSync(keyFile)),
      }
    : undefined;

const authorityName = (certificate: X509Certificate): string =>
  certificate.subject.replace(/^CN=/, '');

/** @throws where half of an authority is there: neither half is ever replaced */
const openAuthority = async (
  folder: string,
  now: Date,
): Promise<{ readonly issued: Issued; readonly issuer: Issuer; readonly own: X509Certificate }> => {
  const files = filesAt(folder, 'ca');
  const kept = readPair(files.certFile, files.keyFile);
  if (kept === undefined && (existsSync(files.certFile) || existsSync(files.keyFile)))
    throw new Error(
      `${folder} holds only one of ca.pem and ca.key, and an authority is never replaced: bring the other one back, or choose another --out`,
    );
  const key = kept?.key ?? newKey();
  const name = kept
    ? authorityName(kept.certificate)
    : `NeuralSense authority ${now.toISOString().slice(0, 10)}`;
  const until = after(now, AUTHORITY_DAYS);
  const own =
    kept?.certificate ??
    certify({ name, purpose: { _tag: 'Authority' }, key, from: before(now), until }, { name, key });
  if (kept === undefined) {
    await writePrivateFile(files.keyFile, pem(key));
    await writePrivateFile(files.certFile, own.toString());
  }
  const issued = { name, ...files, until: new Date(own.validTo), isNew: kept === undefined };
  return { issued, issuer: { name, key }, own };
};

const covers = (certificate: X509Certificate, hosts: ReadonlyArray<string>): boolean =>
  hosts.every((host) =>
    isIP(host) === 0
      ? certificate.checkHost(host, { subject: 'never' }) !== undefined
      : certificate.checkIP(host) !== undefined,
  );

/**
 * Makes what is missing in a folder that only its owner can read: an authority of its own, and
 * certificates signed by it for the broker, the pipeline, the survey and each sensor. What is there stays: the
 * authority for ever, the others until `renew`, or until the broker has another name.
 *
 * @throws where the folder holds half of an authority, a sensor bears the name of the pipeline or the survey, or files
 * cannot be read or written
 */
export const fillCertificateFolder = async (
  request: CertificateRequest,
): Promise<CertificateFolder> => {
  const { folder, now } = request;
  const taken = bearerOfAnother(request.sensors);
  if (taken !== undefined)
    throw new Error(`a sensor must not be called "${taken}": the ${taken} has that name`);
  const astray = request.sensors.find(isPath);
  if (astray !== undefined)
    throw new Error(
      `a sensor must not be called "${astray}": its certificate is a file of that name`,
    );
  mkdirSync(join(folder, 'sensors'), { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const { issued, issuer, own } = await openAuthority(folder, now);

  const issue = async (path: string, name: string, purpose: Purpose): Promise<Issued> => {
    const files = filesAt(dirname(join(folder, path)), name);
    const kept = readPair(files.certFile, files.keyFile);
    const isGood =
      kept?.certificate.verify(own.publicKey) &&
      kept.certificate.checkPrivateKey(kept.key) &&
      (purpose._tag !== 'Server' || covers(kept.certificate, purpose.hosts));
    if (kept && isGood && !request.renew)
      return { name, ...files, until: new Date(kept.certificate.validTo), isNew: false };
    const key = newKey();
    const until = new Date(Math.min(after(now, request.days).getTime(), Date.parse(own.validTo)));
    const certificate = certify({ name, purpose, key, from: before(now), until }, issuer);
    await writePrivateFile(files.keyFile, pem(key));
    await writePrivateFile(files.certFile, certificate.toString());
    return { name, ...files, until, isNew: true };
  };

  const hosts = [...new Set([...request.hosts, ...OWN_HOSTS])];
  const server = await issue('server', 'server', { _tag: 'Server', hosts });
  const pipeline = await issue(PIPELINE, PIPELINE, { _tag: 'Client' });
  const survey = await issue(SURVEY, SURVEY, { _tag: 'Client' });
  const sensors: Issued[] = [];
  for (const sensor of request.sensors)
    sensors.push(await issue(join('sensors', sensor), sensor, { _tag: 'Client' }));
  return { authority: issued, server, pipeline, survey, sensors };
};
