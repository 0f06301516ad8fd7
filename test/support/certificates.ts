import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
