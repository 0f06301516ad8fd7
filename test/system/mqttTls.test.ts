import { cpSync, readFileSync } from 'node:fs';
import mqtt, { type MqttClient } from 'mqtt';
import { readTls } from '../../src/commands/settings.ts';
import { type Authority, createAuthority } from '../support/certificates.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { type RunningSource, readingOf, runSource, until } from '../support/mqttRig.ts';

const secured = (url: string): string => url.replace('mqtt://', 'mqtts://');

let authority: Authority;
let broker: Mosquitto;
let url: string;
let ours: { readonly certFile: string; readonly keyFile: string };
let sensor: MqttClient | undefined;
const sources: RunningSource[] = [];

const started = (settings: Parameters<typeof readTls>[0]): RunningSource => {
  const source = runSource(url, { tls: () => readTls(settings) });
  sources.push(source);
  return source;
};
const trusted = () => ({
  MQTT_CA_FILE: authority.caFile,
  MQTT_CERT_FILE: ours.certFile,
  MQTT_KEY_FILE: ours.keyFile,
});

beforeAll(async () => {
  authority = createAuthority();
  const server = authority.sign('broker');
  ours = authority.sign('pipeline');
  broker = await startMosquitto(
    [
      `cafile ${authority.caFile}`,
      `certfile ${server.certFile}`,
      `keyfile ${server.keyFile}`,
      'require_certificate true',
      'use_identity_as_username true',
    ].join('\n'),
  );
  url = secured(broker.url);
});
afterEach(async () => {
  for (const source of sources.splice(0)) await source.stop();
  await sensor?.endAsync(true);
});
afterAll(async () => {
  await broker?.remove();
  authority?.remove();
});

test('both sides prove who they are, and readings arrive', async () => {
  const source = started(trusted());
  await source.reached('Connected');
  const own = authority.sign('pi5');
  sensor = await mqtt.connectAsync(url, {
    ca: readFileSync(authority.caFile),
    cert: readFileSync(own.certFile),
    key: readFileSync(own.keyFile),
  });
  await sensor.publishAsync('neuralsense/rssi', readingOf(5), { qos: 1 });
  await until(() => source.phones.includes(5), 'the reading over TLS', source.statuses);
});

test('a broker that our authority does not vouch for is not believed', async () => {
  const stranger = createAuthority();
  try {
    const source = started({ ...trusted(), MQTT_CA_FILE: stranger.caFile });
    expect(await source.reached('Waiting')).toMatchObject({
      reason: expect.stringMatching(/certificate/i),
    });
    expect(source.statuses.map(({ _tag }) => _tag)).not.toContain('Connected');
  } finally {
    stranger.remove();
  }
});

test('without a certificate of our own the broker lets us not in', async () => {
  const source = started({
    ...trusted(),
    MQTT_CERT_FILE: undefined,
    MQTT_KEY_FILE: undefined,
  });
  await source.reached('Waiting');
  expect(source.statuses.map(({ _tag }) => _tag)).not.toContain('Connected');
});

test('a file that is not there is told, and a renewed certificate taken up without a restart', async () => {
  const renewed = `${ours.certFile}.renewed`;
  const source = started({ ...trusted(), MQTT_CERT_FILE: renewed });
  expect(await source.reached('Waiting')).toMatchObject({
    reason: expect.stringContaining(renewed),
  });
  cpSync(ours.certFile, renewed);
  await source.reached('Connected');
});
