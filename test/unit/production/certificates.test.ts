import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificatesCommand } from '../../../src/commands/certificates.ts';
import { certificatesText } from '../../../src/commands/certificatesText.ts';
import { certify, newKey } from '../../../src/production/certificates/certificate.ts';
import {
  type CertificateRequest,
  fillCertificateFolder,
} from '../../../src/production/certificates/certificateFolder.ts';

let folder: string;
const now = new Date('2026-03-01T12:00:00Z');

const fill = (change: Partial<CertificateRequest> = {}) =>
  fillCertificateFolder({
    folder,
    hosts: ['shop.local', '192.168.0.10', 'fe80::1'],
    sensors: ['pi1', 'pi2'],
    days: 730,
    renew: false,
    now,
    ...change,
  });
const certificate = (path: string) => new X509Certificate(readFileSync(join(folder, path)));
const files = () =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  );

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'certificates-')), 'made');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each(['.', '..', '../server', 'a/b'])(
  'no sensor called %s leads out of the folder',
  async (id) => {
    await expect(fill({ sensors: ['pi1', id] })).rejects.toThrow(`must not be called "${id}"`);
    expect(existsSync(folder)).toBe(false);
  },
);

test.each([
  ['SENSORS_FILE', () => join(folder, '..', 'ours.csv')],
  ['PI_IDS, which the demo’s file is no part of', () => 'pi77'],
])('sensors are those of %s, where another file is not given', async (what, value) => {
  const setting = what.split(',')[0] ?? '';
  writeFileSync(join(folder, '..', 'ours.csv'), 'sensor_id,x,y\npi77,0,0\n');
  process.env[setting] = value();
  try {
    await certificatesCommand().parseAsync(['--host', 'shop.local', '--out', folder], {
      from: 'user',
    });
  } finally {
    delete process.env[setting];
  }
  expect(readdirSync(join(folder, 'sensors')).sort()).toEqual(['pi77.key', 'pi77.pem']);
});

test('one authority signs for the broker, the pipeline, the survey and each sensor', async () => {
  await fill();
  const ca = certificate('ca.pem');
  expect(ca.ca).toBe(true);
  expect(ca.verify(ca.publicKey)).toBe(true);
  expect(Object.keys(files()).sort()).toEqual(
    ['ca', 'pipeline', 'sensors/pi1', 'sensors/pi2', 'server', 'survey'].flatMap((name) => [
      `${name}.key`,
      `${name}.pem`,
    ]),
  );
  for (const [path, subject] of [
    ['server', 'CN=server'],
    ['pipeline', 'CN=pipeline'],
    ['survey', 'CN=survey'],
    ['sensors/pi2', 'CN=pi2'],
  ] as const) {
    const made = certificate(`${path}.pem`);
    expect(made.subject).toBe(subject);
    expect(made.ca).toBe(false);
    expect(made.checkIssued(ca)).toBe(true);
    expect(made.verify(ca.publicKey)).toBe(true);
    const key = createPrivateKey(readFileSync(join(folder, `${path}.key`)));
    expect(made.checkPrivateKey(key)).toBe(true);
    expect(made.validTo).toBe('Feb 29 12:00:00 2028 GMT');
  }
});

test('the broker’s certificate holds for its names and this machine’s, and for no other', async () => {
  await fill();
  const server = certificate('server.pem');
  const names = ['shop.local', 'localhost'];
  const addresses = ['192.168.0.10', '127.0.0.1', '::1', 'fe80::1'];
  expect(names.map((name) => server.checkHost(name))).toEqual(names);
  expect(addresses.map((address) => server.checkIP(address))).toEqual(addresses);
  expect(server.checkHost('elsewhere.local')).toBeUndefined();
  expect(server.checkIP('192.168.0.11')).toBeUndefined();
});

test('only the owner can read any of it', async () => {
  await fill();
  for (const path of ['.', 'sensors'])
    expect(statSync(join(folder, path)).mode & 0o777).toBe(0o700);
  for (const path of Object.keys(files()))
    expect(statSync(join(folder, path)).mode & 0o777).toBe(0o600);
});

test('run again it makes what is missing and touches nothing else', async () => {
  await fill();
  const before = files();
  const again = await fill({ sensors: ['pi1', 'pi2', 'pi3'] });
  expect(files()).toMatchObject(before);
  expect(again.sensors.map(({ name, isNew }) => [name, isNew])).toEqual([
    ['pi1', false],
    ['pi2', false],
    ['pi3', true],
  ]);
  expect(certificate('sensors/pi3.pem').verify(certificate('ca.pem').publicKey)).toBe(true);
});

test('renewed, all have new keys, signed by the same authority', async () => {
  await fill();
  const before = files();
  const later = new Date('2028-02-01T00:00:00Z');
  await fill({ renew: true, now: later });
  const after = files();
  for (const path of Object.keys(before))
    expect([path, after[path] === before[path]]).toEqual([path, path.startsWith('ca.')]);
  expect(certificate('server.pem').validTo).toBe('Jan 31 00:00:00 2030 GMT');
});

test('a broker with another name gets a certificate for it, the others keep theirs', async () => {
  await fill();
  const before = files();
  const { server } = await fill({ hosts: ['new.local'] });
  expect(server.isNew).toBe(true);
  expect(certificate('server.pem').checkHost('new.local')).toBe('new.local');
  expect(files()['pipeline.pem']).toBe(before['pipeline.pem']);
});

test('a key that does not fit its certificate is replaced, together with it', async () => {
  await fill();
  rmSync(join(folder, 'sensors/pi1.key'));
  const { sensors } = await fill();
  expect(sensors.map(({ isNew }) => isNew)).toEqual([true, false]);
});

test('none outlives the authority', async () => {
  await fill();
  const { server } = await fill({ renew: true, now: new Date('2035-12-01T00:00:00Z') });
  expect(server.until).toEqual(new Date(certificate('ca.pem').validTo));
});

test.each(['ca.pem', 'ca.key'])('half an authority, without %s, is left alone', async (half) => {
  await fill();
  rmSync(join(folder, half));
  const before = files();
  await expect(fill({ renew: true })).rejects.toThrow('an authority is never replaced');
  expect(files()).toEqual(before);
});

test.each(['pipeline', 'survey'])('no sensor takes the name of the %s', async (name) => {
  await expect(fill({ sensors: ['pi1', name] })).rejects.toThrow(`the ${name} has that`);
});

test('what is printed names every file and end, and no secret', async () => {
  const made = await fill();
  const text = certificatesText(made, { host: ['shop.local'], store: "Kim's shop" });
  expect(text).toContain('MQTT_URL=mqtts://shop.local:8883');
  expect(text).toContain(`MQTT_KEY_FILE=${join(folder, 'pipeline.key')}`);
  expect(text).toContain(
    `mosquitto_pub -h shop.local -p 8883 -q 1 -i pi2 --cafile ca.pem --cert pi2.pem --key pi2.key -t 'neuralsense/rssi/Kim'\\''s shop/pi2' -l`,
  );
  expect(text).toContain('until 2028-02-29');
  expect(text).not.toContain('PRIVATE');
});

test.each([
  ['1999-12-31T23:59:59Z', 'Dec 31 23:59:59 1999 GMT'],
  ['2049-12-31T23:59:59Z', 'Dec 31 23:59:59 2049 GMT'],
  ['2050-01-01T00:00:00Z', 'Jan  1 00:00:00 2050 GMT'],
])('a certificate until %s says so', (until, said) => {
  const key = newKey();
  const made = certify(
    {
      name: 'x'.repeat(64),
      purpose: { _tag: 'Client' },
      key,
      from: new Date(0),
      until: new Date(until),
    },
    { name: 'authority', key },
  );
  expect(made.validTo).toBe(said);
  expect(made.subject).toBe(`CN=${'x'.repeat(64)}`);
});

test.each([
  ['no host', [], "required option '--host <name>'"],
  ['a host with a port', ['--host', 'shop.local/x'], 'a DNS name or an IP address'],
  ['a host of an option', ['--host=-x'], 'a DNS name or an IP address'],
  ['a store that is no level of a topic', ['--host', 'a', '--store', 'a/b'], 'without / + #'],
  ['no days', ['--host', 'a', '--days', '0'], 'a whole number of days'],
  ['no sensors', ['--host', 'a', '--sensors', 'nowhere.csv'], 'nowhere.csv'],
])('%s is a usage error, and nothing is made', async (_what, args, message) => {
  let said = '';
  const command = certificatesCommand()
    .exitOverride()
    .configureOutput({ writeErr: (text) => (said += text) });
  const run = command.parseAsync([...args, '--out', folder], { from: 'user' });
  await expect(run).rejects.toMatchObject({ exitCode: 1 });
  expect(said).toContain(message);
  expect(existsSync(folder)).toBe(false);
});

test('serial numbers are positive and differ', () => {
  const key = newKey();
  const serials = Array.from(
    { length: 200 },
    () =>
      certify(
        { name: 'n', purpose: { _tag: 'Client' }, key, from: now, until: now },
        { name: 'n', key },
      ).serialNumber,
  );
  expect(new Set(serials).size).toBe(200);
  for (const serial of serials) expect(serial).toMatch(/^[4][0-9A-F]{31}$/);
});
