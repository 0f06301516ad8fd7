import { statSync } from 'node:fs';
import { join } from 'node:path';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { readTls } from '../../src/commands/settings.ts';
import { type ShippedCertificates, shippedCertificates } from '../support/certificates.ts';
import { runCli, SHIPPED_LAYOUT } from '../support/cli.ts';
import { type ShippedMosquitto, startShippedMosquitto } from '../support/mosquitto.ts';
import { type RunningSource, readingOf, runSource, until } from '../support/mqttRig.ts';

const PHONE = 'a8:76:50:e9:28:20';
const TOPIC = 'neuralsense/rssi/downtown';

let certificates: ShippedCertificates;
let broker: ShippedMosquitto;
const clients: MqttClient[] = [];
const sources: RunningSource[] = [];

const connected = async (url: string, options: IClientOptions): Promise<MqttClient> => {
  const client = await mqtt.connectAsync(url, { reconnectPeriod: 0, ...options }, false);
  client.on('error', () => undefined);
  clients.push(client);
  return client;
};
const sensor = (name: string, options: IClientOptions = {}) =>
  connected(broker.tlsUrl, { clientId: name, ...certificates.material(name), ...options });
const pipeline = (change: Parameters<typeof runSource>[1] = {}): RunningSource => {
  const tls = () => readTls(certificates.settings('pipeline'));
  const source = runSource(broker.tlsUrl, { tls, protocolVersion: 5, ...change });
  sources.push(source);
  return source;
};
/** `npm run survey` of one zone, for one window. */
const survey = (settings: Readonly<Record<string, string>>) => {
  const out = ['--out', join(certificates.folder, 'survey.csv')];
  const args = ['survey', '--phone', PHONE, '--zone', '7', '--seconds', '5', ...out];
  return runCli(certificates.folder, args, {
    ...SHIPPED_LAYOUT,
    ...settings,
    MQTT_URL: broker.tlsUrl,
  });
};
const publish = (client: MqttClient, phone: number, topic = `${TOPIC}/pi5`) =>
  client.publishAsync(topic, readingOf(phone), { qos: 1 });

beforeAll(async () => {
  certificates = await shippedCertificates(['pi5', 'pi6']);
  const withoutPi6 = (text: string) =>
    text.replace('# user pi5', 'user pi6').replace('# topic deny', 'topic deny');
  broker = await startShippedMosquitto(certificates.folder, withoutPi6);
});
afterEach(async () => {
  for (const source of sources.splice(0)) await source.stop();
  for (const client of clients.splice(0)) await client.endAsync(true);
});
afterAll(async () => {
  await broker?.remove();
  certificates?.remove();
});

test('a sensor publishes as itself, the pipeline reads: by certificate and by password', async () => {
  const remote = pipeline();
  await remote.reached('Connected');
  const local = runSource(broker.url, {
    username: 'pipeline',
    password: broker.password,
    clientId: 'beside the broker',
  });
  sources.push(local);
  await local.reached('Connected');
  await publish(await sensor('pi5'), 7);
  await until(() => remote.phones.includes(7) && local.phones.includes(7), 'both to hear', [
    remote.statuses,
    local.statuses,
  ]);
});

test.each([
  ['nobody on the network', () => ({ url: broker.tlsUrl, options: {} })],
  [
    'who believes us but has no certificate',
    () => ({ url: broker.tlsUrl, options: { ca: certificates.material('pi5').ca } }),
  ],
  ['nobody on this machine', () => ({ url: broker.url, options: {} })],
  [
    'a wrong password',
    () => ({ url: broker.url, options: { username: 'pipeline', password: 'guess' } }),
  ],
  [
    'a sensor’s name without a password',
    () => ({ url: broker.url, options: { username: 'pi5', password: '' } }),
  ],
])('%s is not let in', async (_who, how) => {
  const { url, options } = how();
  await expect(connected(url, options)).rejects.toThrow();
});

test('a certificate of another authority opens nothing', async () => {
  const stranger = await shippedCertificates(['pi5']);
  try {
    const { ca } = certificates.material('pi5');
    await expect(sensor('pi5', { ...stranger.material('pi5'), ca })).rejects.toThrow();
  } finally {
    stranger.remove();
  }
});

test.each([
  ['the topic of another sensor', `${TOPIC}/pi6`],
  ['the topic of all', TOPIC],
  ['the topic of all stores', 'neuralsense/rssi'],
  ['a level deeper', `${TOPIC}/pi5/more`],
  ['the word of the pipeline', 'neuralsense/pipeline/downtown/status'],
])('a sensor may not publish on %s', async (_what, topic) => {
  const own = await sensor('pi5', { protocolVersion: 5 });
  await expect(publish(own, 1, topic)).rejects.toThrow('Not authorized');
});

test('a sensor hears no other', async () => {
  const spy = await sensor('pi6');
  const heard: string[] = [];
  spy.on('message', (topic) => heard.push(topic));
  await spy.subscribeAsync('#', { qos: 1 });
  await publish(await sensor('pi5'), 2);
  const source = pipeline();
  await source.reached('Connected');
  await publish(await sensor('pi5'), 3);
  await until(() => source.phones.includes(3), 'the pipeline to hear it', source.statuses);
  expect(heard).toEqual([]);
});

test('a stolen sensor that the acl denies is not heard', async () => {
  const stolen = await sensor('pi6', { protocolVersion: 5 });
  await expect(publish(stolen, 1, `${TOPIC}/pi6`)).rejects.toThrow('Not authorized');
});

test('who borrows the client id of the pipeline gets neither its place nor its readings', async () => {
  const source = pipeline({ clientId: 'neuralsense-pipeline-downtown' });
  await source.reached('Connected');
  const thief = await sensor('pi5', { clientId: 'neuralsense-pipeline-downtown', clean: false });
  const second = await sensor('pi6', { clientId: 'pipeline', clean: false });
  await publish(thief, 9);
  await until(() => source.phones.includes(9), 'the reading', source.statuses);
  expect(second.connected).toBe(true);
  expect(source.statuses.map(({ _tag }) => _tag)).not.toContain('Waiting');
});

test('a survey with the pipeline’s settings hears what it hears, and leaves it in its place', async () => {
  const clientId = 'neuralsense-pipeline-downtown';
  const source = pipeline({ clientId });
  await source.reached('Connected');
  const own = await sensor('pi5');
  const hearing = setInterval(() => {
    const reading = { sensor_id: 'pi5', phone_id: PHONE, rssi: -61, ts: Date.now() / 1000 };
    own.publish('neuralsense/rssi/demo/pi5', JSON.stringify(reading), { qos: 1 });
  }, 200);
  const { code, said } = await survey(certificates.settings('pipeline'));
  clearInterval(hearing);
  expect(said).toMatch(/✓ 1 windows · \d+ packets/);
  expect(code).toBe(0);
  expect(source.statuses.map(({ _tag }) => _tag)).not.toContain('Waiting');
  expect(broker.log()).toContain(' as survey ');
});

test('a survey that has no certificate of its own stays away', async () => {
  const { code, said } = await survey(certificates.settings('pi5'));
  expect(said).toContain('Put survey.pem and survey.key beside');
  expect(code).toBe(1);
});

test('the survey speaks neither as a sensor of the shop nor as the pipeline', async () => {
  const guest = await sensor('survey', { protocolVersion: 5 });
  for (const topic of [`${TOPIC}/pi5`, 'neuralsense/pipeline/downtown/status'])
    await expect(publish(guest, 1, topic)).rejects.toThrow('Not authorized');
});

test('a packet larger than any message that could be used ends its sender’s connection', async () => {
  const own = await sensor('pi5');
  const closed = new Promise<void>((resolve) => own.once('close', resolve));
  own.publish(`${TOPIC}/pi5`, Buffer.alloc(300_000, 'x'), { qos: 1 }, () => undefined);
  await closed;
});

/** What a test before this one did not wait for would be delivered here. */
const forgetSession = async (): Promise<void> => {
  const own = certificates.material('pipeline');
  const clean = await connected(broker.tlsUrl, { clientId: 'pipeline', clean: true, ...own });
  await clean.endAsync();
};

/** It does nothing else while it saves, so what it had acknowledged at `at` is in a file that ended later. */
const savedSince = (at: number): Promise<void> =>
  until(() => {
    const file = statSync(broker.databaseFile, { throwIfNoEntry: false });
    return file !== undefined && file.mtimeMs > at;
  }, 'the broker to save');

test.each([4, 5] as const)(
  'SIGKILL of the broker costs no acknowledged reading that it had saved, MQTT level %d',
  async (protocolVersion) => {
    await forgetSession();
    const first = pipeline({ protocolVersion });
    await first.reached('Connected');
    await first.stop();
    sources.pop();
    const own = await sensor('pi5');
    const sent = Array.from({ length: 5_000 }, (_, index) => index);
    await Promise.all(sent.map((index) => publish(own, index % 256)));
    await savedSince(Date.now());
    await broker.kill();
    await broker.start();
    const second = pipeline({ protocolVersion });
    await until(() => second.phones.length >= sent.length, 'all of them', second.phones.length);
    expect(second.phones).toEqual(sent.map((index) => index % 256));
    expect(second.backlog).toHaveLength(sent.length);
  },
);

test('its log names who came, and no password', async () => {
  await expect(
    connected(broker.url, { username: 'pipeline', password: 'a wrong secret' }),
  ).rejects.toThrow();
  await until(() => broker.log().includes('not authorised'), 'the refusal in the log');
  expect(broker.log()).toContain("u'pipeline'");
  expect(broker.log()).not.toContain('secret');
  expect(broker.log()).not.toContain(broker.password);
});
