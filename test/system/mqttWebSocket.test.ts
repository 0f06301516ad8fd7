import { cpSync } from 'node:fs';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { readTls } from '../../src/commands/settings.ts';
import { type ShippedCertificates, shippedCertificates } from '../support/certificates.ts';
import {
  startWebSocketMosquitto,
  WEB_SOCKET_USER,
  type WebSocketBroker,
} from '../support/mosquittoWebSocket.ts';
import { type RunningSource, readingOf, runSource, until } from '../support/mqttRig.ts';

let certificates: ShippedCertificates;
let broker: WebSocketBroker;
const sources: RunningSource[] = [];
const clients: MqttClient[] = [];

const started = (change: Parameters<typeof runSource>[1]): RunningSource => {
  const source = runSource(broker.url, { ...WEB_SOCKET_USER, ...change });
  sources.push(source);
  return source;
};
const tlsOf = (settings: Parameters<typeof readTls>[0]) => ({ tls: () => readTls(settings) });

beforeAll(async () => {
  certificates = await shippedCertificates(['pi5']);
});
afterEach(async () => {
  for (const source of sources.splice(0)) await source.stop();
  for (const client of clients.splice(0)) await client.endAsync(true);
  await broker.close();
});
afterAll(() => certificates.remove());

const heardFrom = async (source: RunningSource, phone: number): Promise<void> => {
  await source.reached('Connected');
  const sensor = await mqtt.connectAsync(broker.url, {
    ...WEB_SOCKET_USER,
    ...(broker.url.startsWith('wss:') && certificates.material('pi5')),
  });
  clients.push(sensor);
  await sensor.publishAsync('neuralsense/rssi', readingOf(phone), { qos: 1 });
  await until(() => source.phones.includes(phone), 'the reading', source.statuses);
};

test('ws:// with name and password', async () => {
  broker = await startWebSocketMosquitto();
  await heardFrom(started({}), 5);
});

test('ws:// with a wrong password is refused, and says why', async () => {
  broker = await startWebSocketMosquitto();
  const source = started({ password: 'guess' });
  expect(await source.reached('Waiting')).toMatchObject({
    reason: expect.stringMatching(/password|authori/i),
  });
});

test('wss:// where both sides prove who they are', async () => {
  broker = await startWebSocketMosquitto(certificates.folder);
  await heardFrom(started(tlsOf(certificates.settings('pipeline'))), 6);
});

test('wss:// does not believe a broker of another authority', async () => {
  broker = await startWebSocketMosquitto(certificates.folder);
  const stranger = await shippedCertificates([]);
  const { MQTT_CA_FILE } = stranger.settings('pipeline');
  const source = started(tlsOf({ ...certificates.settings('pipeline'), MQTT_CA_FILE }));
  expect(await source.reached('Waiting')).toMatchObject({
    reason: expect.stringMatching(/certificate/i),
  });
  expect(source.statuses.map(({ _tag }) => _tag)).not.toContain('Connected');
  stranger.remove();
});

test('wss:// without a certificate of our own is refused', async () => {
  broker = await startWebSocketMosquitto(certificates.folder);
  const { MQTT_CA_FILE } = certificates.settings('pipeline');
  const nothing = { MQTT_CERT_FILE: undefined, MQTT_KEY_FILE: undefined };
  const source = started(tlsOf({ MQTT_CA_FILE, ...nothing }));
  await source.reached('Waiting');
  expect(source.statuses.map(({ _tag }) => _tag)).not.toContain('Connected');
});

test('wss:// takes a renewed certificate up without a restart', async () => {
  broker = await startWebSocketMosquitto(certificates.folder);
  const own = certificates.settings('pipeline');
  const renewed = join(certificates.folder, 'renewed.pem');
  const source = started(tlsOf({ ...own, MQTT_CERT_FILE: renewed }));
  expect(await source.reached('Waiting')).toMatchObject({
    reason: expect.stringContaining(renewed),
  });
  cpSync(own.MQTT_CERT_FILE, renewed);
  await heardFrom(source, 7);
});
