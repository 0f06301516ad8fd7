import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { type MqttBroker, startMqttBroker } from '../../../src/embedded/mqttBroker.ts';
import { loadMqttPasswords } from '../../../src/embedded/mqttPasswords.ts';
import type { PipelineEvent } from '../../../src/model/shapes.ts';
import { type ShippedCertificates, shippedCertificates } from '../../support/certificates.ts';
import { runSource, until } from '../../support/mqttRig.ts';

const OWN = 'neuralsense/rssi/downtown/pi5';
const PASSWORDS = new Map([
  ['pipeline', 'the pipeline’s own'],
  ['pi5', 'correct horse'],
  ['pi6', 'battery staple'],
]);

let certificates: ShippedCertificates;
let broker: MqttBroker;
let url: string;
let logged: PipelineEvent[];
const clients: MqttClient[] = [];

const start = async (passwords?: ReadonlyMap<string, string>): Promise<void> => {
  logged = [];
  const read = (file: string) => readFileSync(join(certificates.folder, file));
  broker = await startMqttBroker({
    port: 0,
    log: (event) => logged.push(event),
    exposure: {
      host: '127.0.0.1',
      port: 0,
      stores: new Set(['downtown']),
      tls: { ca: read('ca.pem'), cert: read('server.pem'), key: read('server.key') },
      ...(passwords && { passwords }),
    },
  });
  url = `mqtts://127.0.0.1:${broker.exposedPort}`;
};
const connected = async (options: IClientOptions, to = url): Promise<MqttClient> => {
  const client = await mqtt.connectAsync(to, { reconnectPeriod: 0, ...options }, false);
  client.on('error', () => undefined);
  clients.push(client);
  return client;
};
const byCertificate = (name: string, options: IClientOptions = {}) =>
  connected({ clientId: name, ...certificates.material(name), ...options });
const byPassword = (username: string, password: string, options: IClientOptions = {}) =>
  connected({
    clientId: username,
    ca: certificates.material('pi5').ca,
    username,
    password,
    ...options,
  });
const closing = (client: MqttClient) =>
  new Promise<void>((resolve) => client.once('close', resolve));
/** Everything that a client on this machine, who may read all, hears. */
const listening = async (): Promise<string[]> => {
  const heard: string[] = [];
  const local = await connected({}, broker.url);
  local.on('message', (topic) => heard.push(topic));
  await local.subscribeAsync('#', { qos: 1 });
  return heard;
};

beforeAll(async () => {
  certificates = await shippedCertificates(['pi5', 'pi6']);
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true);
  await broker.close();
});
afterAll(() => certificates.remove());

describe('exposed with certificates', () => {
  beforeEach(() => start());

  it('takes a sensor’s readings to a pipeline elsewhere', async () => {
    const source = runSource(url, { tls: () => certificates.material('pipeline') });
    await source.reached('Connected');
    const sensor = await byCertificate('pi5');
    const reading = { sensor_id: 'pi5', phone_id: 'a8:76:50:e9:28:2a', rssi: -61, ts: 1 };
    await sensor.publishAsync(OWN, JSON.stringify(reading), { qos: 1 });
    await until(() => source.phones.includes(0x2a), 'the reading', source.statuses);
    await source.stop();
  });

  it.each([
    ['nobody', () => connected({})],
    ['who has no certificate', () => byPassword('pi5', 'correct horse')],
    [
      'a sensor that calls itself another',
      () => byCertificate('pi5', { clientId: 'neuralsense-pipeline-demo' }),
    ],
    ['… or begins like another', () => byCertificate('pi5', { clientId: 'pi55' })],
    [
      'who does not speak TLS',
      () => connected({ connectTimeout: 2_000 }, url.replace('mqtts:', 'mqtt:')),
    ],
  ])('does not let %s in', async (_who, connect) => {
    await expect(connect()).rejects.toThrow();
  });

  it('does not let a certificate of another authority in', async () => {
    const stranger = await shippedCertificates(['pi5']);
    const { ca } = certificates.material('pi5');
    await expect(byCertificate('pi5', { ...stranger.material('pi5'), ca })).rejects.toThrow();
    stranger.remove();
  });

  it.each([
    'neuralsense/rssi/downtown/pi6',
    'neuralsense/rssi/downtown',
    'neuralsense/rssi/uptown/pi5',
    'neuralsense/rssi/downtown/x/pi5',
    'neuralsense/rssi',
    'neuralsense/sensors/pi6/status',
    'neuralsense/sensors/pi5/more',
    'neuralsense/pipeline/downtown/status',
    'neuralsense/pipeline/downtown/pi5',
    'elsewhere/rssi/downtown/pi5',
    '$SYS/x/y/pi5',
  ])('a sensor that publishes on %s is cut off unheard', async (topic) => {
    const heard = await listening();
    const sensor = await byCertificate('pi5');
    const closed = closing(sensor);
    sensor.publish(topic, 'x', { qos: 1 }, () => undefined);
    await closed;
    const again = await byCertificate('pi5');
    await again.publishAsync(OWN, 'x', { qos: 1 });
    await until(() => heard.includes(OWN), 'its own topic');
    expect(heard).toEqual([OWN]);
    expect(logged).toContainEqual(
      expect.objectContaining({ client: 'pi5', reason: 'may not publish there' }),
    );
  });

  it('keeps no reading of a sensor, and its status if that is short', async () => {
    const status = 'neuralsense/sensors/pi5/status';
    const sensor = await byCertificate('pi5');
    await sensor.publishAsync(OWN, 'x', { qos: 1, retain: true });
    await sensor.publishAsync(status, '{"state":"online"}', { qos: 1, retain: true });
    const heard = await listening();
    await sensor.publishAsync(OWN, 'live', { qos: 1 });
    await until(() => heard.includes(OWN), 'the live one');
    expect(heard).toEqual([status, OWN]);
    const closed = closing(sensor);
    sensor.publish(status, 'x'.repeat(5_000), { qos: 1, retain: true }, () => undefined);
    await closed;
  });

  it('lets a sensor in beside any number of connections that prove nothing', async () => {
    const port = Number(broker.exposedPort);
    const idle = Array.from({ length: 300 }, () => connectTcp(port, '127.0.0.1'));
    for (const socket of idle) socket.on('error', () => undefined);
    const isOver = (socket: Socket) => socket.destroyed || socket.readyState === 'closed';
    await until(() => idle.filter(isOver).length >= 280, 'the oldest cut off');
    const sensor = await byCertificate('pi5');
    await sensor.publishAsync(OWN, 'x', { qos: 1 });
    await until(() => idle.every(isOver), 'all cut off, for want of a handshake');
  });

  it('a sensor’s last will is held to the same rule', async () => {
    const heard = await listening();
    const will = (topic: string) => ({ topic, payload: Buffer.from('gone'), qos: 1 as const });
    const sly = await byCertificate('pi5', { will: will('neuralsense/rssi/downtown/pi6') });
    sly.stream.destroy();
    const honest = await byCertificate('pi6', { will: will('neuralsense/rssi/downtown/pi6') });
    honest.stream.destroy();
    await until(() => heard.length > 0, 'the honest will');
    expect(heard).toEqual(['neuralsense/rssi/downtown/pi6']);
  });

  it('the survey reads as itself, and says nothing', async () => {
    const taken = byCertificate('survey', { clientId: 'neuralsense-pipeline-demo' });
    await expect(taken).rejects.toThrow();
    const survey = await byCertificate('survey', { clientId: 'survey/7' });
    await survey.subscribeAsync('neuralsense/rssi/+/+');
    const closed = closing(survey);
    survey.publish('neuralsense/rssi/downtown/survey', 'x', { qos: 1 }, () => undefined);
    await closed;
  });

  it('a sensor may subscribe to nothing', async () => {
    const sensor = await byCertificate('pi5');
    for (const filter of ['#', OWN, 'neuralsense/rssi/+/+', '+/+/+/+'])
      await expect(sensor.subscribeAsync(filter)).rejects.toThrow();
  });

  it('a packet larger than any of use ends its sender’s connection, before it is there', async () => {
    const sensor = await byCertificate('pi5');
    const closed = closing(sensor);
    const header = Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]);
    sensor.stream.write(Buffer.concat([header, Buffer.alloc(1_000)]));
    await closed;
  });
});

describe('exposed with passwords', () => {
  beforeEach(() => start(PASSWORDS));

  it('takes a password or a certificate, each for its own name', async () => {
    const heard = await listening();
    const first = await byPassword('pi5', 'correct horse');
    await first.publishAsync(OWN, 'x', { qos: 1 });
    const second = await byCertificate('pi6', { clientId: 'pi6/console' });
    await second.publishAsync('neuralsense/rssi/downtown/pi6', 'x', { qos: 1 });
    await until(() => heard.length === 2, 'both', heard);
  });

  it.each([
    ['a wrong password', 'pi5', 'battery staple'],
    ['no password', 'pi5', ''],
    ['a name nobody has', 'pi9', 'nobody'],
    ['a name of the language', '__proto__', ''],
  ])('does not take %s, and logs no password', async (_what, name, password) => {
    await expect(byPassword(name, password)).rejects.toThrow();
    expect(JSON.stringify(logged)).not.toMatch(/battery|correct/);
  });
});

test('passwords are made once for each name, and only their owner can read them', async () => {
  await start();
  const directory = mkdtempSync(join(tmpdir(), 'passwords-'));
  const first = await loadMqttPasswords(directory, ['pi1', 'pi2']);
  const second = await loadMqttPasswords(directory, ['pi2', 'pi3']);
  expect([...first.keys()]).toEqual(['pi1', 'pi2']);
  expect([...second.keys()]).toEqual(['pi2', 'pi3']);
  expect(second.get('pi2')).toBe(first.get('pi2'));
  expect(new Set([...first.values(), ...second.values()]).size).toBe(3);
  expect(statSync(join(directory, 'mqtt_passwords.json')).mode & 0o777).toBe(0o600);
  rmSync(directory, { recursive: true });
});
