import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type ShippedCertificates, shippedCertificates } from '../support/certificates.ts';
import { inRepository, runCli } from '../support/cli.ts';

let certificates: ShippedCertificates;

beforeAll(async () => {
  certificates = await shippedCertificates(['pi5']);
});
afterAll(() => certificates.remove());

const verify = (file: string, ...how: ReadonlyArray<string>): string => {
  const { folder } = certificates;
  const args = ['verify', '-x509_strict', '-CAfile', join(folder, 'ca.pem'), ...how];
  return execFileSync('openssl', [...args, join(folder, file)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
};

test.each([
  ['server.pem', 'sslserver', '-verify_hostname', 'shop.local'],
  ['server.pem', 'sslserver', '-verify_ip', '127.0.0.1'],
  ['pipeline.pem', 'sslclient'],
  ['sensors/pi5.pem', 'sslclient'],
])('openssl takes %s as %s', (file, purpose, ...host) => {
  expect(verify(file, '-purpose', purpose, ...host)).toContain('OK');
});

test.each([
  ['server.pem', 'sslclient'],
  ['sensors/pi5.pem', 'sslserver'],
])('openssl does not take %s as %s', (file, purpose) => {
  expect(() => verify(file, '-purpose', purpose)).toThrow();
});

test('the command fills a folder, says what to do with it, and keeps it', async () => {
  const out = join(certificates.folder, 'by command');
  const args = ['certificates', '--host', 'shop.local', '--out', out];
  const sensors = ['--sensors', inRepository('sensors.csv')];
  const first = await runCli(certificates.folder, [...args, ...sensors], {
    STORE_NAME: 'downtown',
  });
  expect(first).toMatchObject({ code: 0 });
  expect(first.said).toContain('-t neuralsense/rssi/downtown/pi8 -l');
  expect(first.said).toMatch(/ca\.pem +until \d{4}-\d{2}-\d{2} {2}made/);
  const again = await runCli(certificates.folder, [...args, ...sensors]);
  expect(again.said).toMatch(/ca\.pem +until \d{4}-\d{2}-\d{2} {2}kept/);
  expect(again.said).not.toContain('made\n');
});
