import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { readPcap } from '../../sensor/pcap.mjs';
import { readProbeRequest } from '../../sensor/probeRequest.mjs';
import { startMqttBroker } from '../../src/embedded/mqttBroker.ts';
import { hashMac } from '../../src/production/hashMac.ts';
import { shippedCertificates } from '../support/certificates.ts';
import { inRepository } from '../support/cli.ts';
import { type Mosquitto, startMosquitto, startShippedMosquitto } from '../support/mosquitto.ts';
import { type Frame, pcapFile, pcapRecords } from '../support/pcap.ts';

const FIXED = 'a8:76:50:e9:28:20';
const RANDOM = 'a6:a4:f6:4f:62:44';
const SECRET = 'sixteen characters and more';
const NOW = Math.floor(Date.now() / 1000);
const probe = (ts: number, mac = FIXED, change: Partial<Frame> = {}): Frame => ({
  ts,
  mac,
  rssi: -61,
  ...change,
});

interface Reading {
  readonly sensor_id: string;
  readonly phone_id: string;
  readonly rssi: number;
  readonly ts: number;
  readonly queued?: boolean;
}

let dir: string;
let broker: Mosquitto;
let listener: MqttClient;
let sensor: ChildProcess | undefined;
let readings: Reading[];
let words: Array<{ readonly state: string; readonly refused?: string }>;
let said: string;

const capture = () => join(dir, 'capture.pcap');
const startSensor = (settings: Readonly<Record<string, string>> = {}): ChildProcess => {
  sensor = spawn(process.execPath, [inRepository('sensor/main.mjs')], {
    env: {
      PATH: process.env['PATH'],
      SENSOR_ID: 'pi1',
      MQTT_URL: broker.url,
      // What tcpdump does: all there is, and then whatever comes, until the sensor ends.
      CAPTURE_COMMAND: `tail -c +1 --pid=$PPID -f ${capture()}`,
      QUEUE_DIR: join(dir, 'queue'),
      PUBLISH_EVERY_MS: '20',
      HEARTBEAT_SEC: '0.2',
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  sensor.stderr?.on('data', (text) => {
    said += text;
  });
  return sensor;
};
const ended = async (child: ChildProcess): Promise<number | null> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
};
const until = async (holds: () => boolean, what: string): Promise<void> => {
  for (const deadline = Date.now() + 20_000; !holds(); await sleep(20))
    if (Date.now() > deadline) throw new Error(`not within 20 s: ${what}`);
};
const listen = async (url = broker.url, options: IClientOptions = {}) => {
  const own = { reconnectPeriod: 50, clientId: 'listener' };
  listener = await mqtt.connectAsync(url, { ...own, ...options });
  listener.on('message', (topic, payload) => {
    const content = JSON.parse(payload.toString());
    if (topic.endsWith('/status')) words.push(content);
    else readings.push(...content);
  });
  await listener.subscribeAsync(['neuralsense/rssi/#', 'neuralsense/sensors/+/status'], { qos: 1 });
};
const states = () => words.map(({ state }) => state);
const times = () => readings.map(({ ts }) => ts);

beforeEach(async () => {
  [readings, words, said] = [[], [], ''];
  dir = mkdtempSync(join(tmpdir(), 'sensor-'));
  broker = await startMosquitto();
});
afterEach(async () => {
  sensor?.kill('SIGKILL');
  await listener?.endAsync(true);
  await broker.remove();
  rmSync(dir, { recursive: true, force: true });
});

describe('a sensor', () => {
  it('publishes what tshark sees too, says that it lives, and says goodbye', async () => {
    const frames: ReadonlyArray<Frame> = [
      probe(NOW),
      probe(NOW + 0.25, RANDOM, { isRich: true, rssi: -80, ssid: 'Café "x"' }),
      probe(NOW + 0.5, FIXED, { subtype: 8 }),
      probe(NOW + 1, FIXED, { rssi: -40 }),
    ];
    const whole = join(dir, 'whole.pcap');
    writeFileSync(whole, pcapFile(frames));
    const only = ['-r', whole, '-Y', 'wlan.fc.type_subtype == 4'];
    spawnSync('tshark', [...only, '-F', 'pcap', '-w', capture()]);
    const fields = ['frame.time_epoch', 'wlan.sa', 'radiotap.dbm_antsignal'];
    const told = spawnSync('tshark', [
      ...only,
      '-T',
      'fields',
      ...fields.flatMap((f) => ['-e', f]),
    ]);
    const expected = told.stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split('\t'))
      .map(([ts, mac, rssi]) => ({
        sensor_id: 'pi1',
        phone_id: mac,
        rssi: Number(rssi),
        ts: Number(ts),
      }));
    expect(expected).toHaveLength(3);

    await listen();
    const child = startSensor();
    await until(() => readings.length >= 3 && states().length >= 2, 'readings and heartbeats');
    expect(readings.map(({ queued: _, ...one }) => one)).toEqual(expected);
    expect(new Set(states())).toEqual(new Set(['online']));

    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
    await until(() => states().at(-1) === 'offline', 'its goodbye');
  });

  it('hashes at the edge, on a topic of its own', async () => {
    writeFileSync(capture(), pcapFile([probe(NOW), probe(NOW, RANDOM)]));
    await listen();
    const topics = new Set<string>();
    listener.on('message', (topic) => topics.add(topic));
    startSensor({ HASH_SECRET: SECRET, STORE_NAME: 'demo' });
    await until(() => readings.length >= 2, 'readings');
    expect(readings.map(({ phone_id }) => phone_id)).toEqual([
      `hashed:fixed:${hashMac(SECRET)(FIXED)}`,
      `hashed:randomised:${hashMac(SECRET)(RANDOM)}`,
    ]);
    expect(topics).toContain('neuralsense/rssi/demo/pi1');
  });

  it('keeps what it hears while the broker is away, over its own end, and says that it waited', async () => {
    await broker.stop();
    writeFileSync(capture(), pcapFile([probe(NOW - 600), probe(NOW - 599)]));
    const first = startSensor();
    await until(() => said.includes('was heard') && said.includes('mqtt: '), 'the sensor to hear');
    first.kill('SIGTERM');
    expect(await ended(first)).toBe(0);
    expect(readdirSync(join(dir, 'queue'))).toHaveLength(1);

    await broker.start();
    await listen();
    writeFileSync(capture(), pcapFile([]));
    startSensor();
    await until(() => readings.length >= 2, 'what waited');
    const fresh = Math.floor(Date.now() / 1000) + 30;
    appendFileSync(capture(), pcapRecords([probe(fresh)]));
    await until(() => readings.length >= 3, 'what is fresh');
    expect(times()).toEqual([NOW - 600, NOW - 599, fresh]);
    expect(readings.map(({ queued }) => queued)).toEqual([true, true, undefined]);
    expect(readdirSync(join(dir, 'queue'))).toEqual([]);
  });

  it('is said to be offline when it is killed, and loses nothing to a broker that is', async () => {
    writeFileSync(capture(), pcapFile([probe(NOW)]));
    await listen();
    const child = startSensor();
    await until(() => readings.length >= 1, 'the first reading');
    await broker.kill();
    appendFileSync(capture(), pcapRecords([probe(NOW + 1), probe(NOW + 2)]));
    await sleep(100);
    await broker.start();
    await until(() => listener.connected, 'the listener to be back');
    await until(() => new Set(times()).size >= 3 || readings.length > 50, 'all readings');
    expect([...new Set(times())]).toEqual([NOW, NOW + 1, NOW + 2]);
    await until(() => states().at(-1) === 'online', 'it to be online again');
    child.kill('SIGKILL');
    await until(() => states().at(-1) === 'offline', 'its last will');
  });

  describe('at the broker that ships, with the settings that ship', () => {
    let remove: () => Promise<void>;
    afterEach(() => remove());
    const ofOneShop = (text: string) => text.replace('rssi/+/%u', 'rssi/demo/%u');
    const open = async () => {
      const certificates = await shippedCertificates(['pi1', 'pi2']);
      const shipped = await startShippedMosquitto(certificates.folder, ofOneShop);
      remove = async () => {
        await shipped.remove();
        certificates.remove();
      };
      await listen(shipped.url, { username: 'pipeline', password: shipped.password });
      const example = parseEnv(readFileSync(inRepository('sensor/sensor.env.example'), 'utf8'));
      return (name: string) => ({
        STORE_NAME: example['STORE_NAME'] ?? '',
        MQTT_URL: shipped.tlsUrl,
        ...certificates.settings(name),
      });
    };

    it('is heard', async () => {
      const settingsOf = await open();
      writeFileSync(capture(), pcapFile([probe(NOW)]));
      startSensor(settingsOf('pi1'));
      await until(() => readings.length >= 1 && states().includes('online'), 'a reading');
    });

    it('keeps what is refused, says what to look at, and sends it once that is put right', async () => {
      const settingsOf = await open();
      writeFileSync(capture(), pcapFile([probe(NOW), probe(NOW + 1)]));
      const first = startSensor({ ...settingsOf('pi1'), STORE_NAME: 'town' });
      await until(
        () => words.some(({ refused }) => refused === 'Publish error: Not authorized'),
        'it',
      );
      await sleep(500);
      expect(said.match(/rssi\/town\/pi1 is refused .*: STORE_NAME must be/g)).toHaveLength(1);
      first.kill('SIGTERM');
      expect(await ended(first)).toBe(0);
      expect(readings).toEqual([]);

      writeFileSync(capture(), pcapFile([]));
      startSensor(settingsOf('pi1'));
      await until(() => readings.length >= 2, 'what waited');
      expect(times()).toEqual([NOW, NOW + 1]);
    });

    it('says who it must be where its certificate names another', async () => {
      const settingsOf = await open();
      writeFileSync(capture(), pcapFile([]));
      startSensor(settingsOf('pi2'));
      await until(() => said.includes('sensors/pi1/status is refused'), 'the refusal');
      expect(said).toContain("SENSOR_ID the name in this sensor's certificate");
    });
  });

  describe('at the broker of a pipeline that is exposed', () => {
    let remove: () => Promise<void>;
    afterEach(() => remove());

    it('is heard, says that it lives, and is said to be offline when it is killed', async () => {
      const certificates = await shippedCertificates(['pi1']);
      const read = (file: string) => readFileSync(join(certificates.folder, file));
      const tls = { ca: read('ca.pem'), cert: read('server.pem'), key: read('server.key') };
      const embedded = await startMqttBroker({
        port: 0,
        exposure: { host: '127.0.0.1', port: 0, tls, stores: new Set(['demo']) },
      });
      remove = async () => {
        await embedded.close();
        certificates.remove();
      };
      await listen(embedded.url);
      writeFileSync(capture(), pcapFile([probe(NOW)]));
      const url = { MQTT_URL: `mqtts://127.0.0.1:${embedded.exposedPort}` };
      const child = startSensor({ ...certificates.settings('pi1'), ...url });
      await until(() => readings.length >= 1 && states().includes('online'), 'a reading');
      child.kill('SIGKILL');
      await until(() => states().at(-1) === 'offline', 'its last will');
    });
  });

  it('ends when its capture does, for somebody to start it again', async () => {
    const child = startSensor({ CAPTURE_COMMAND: 'echo tcpdump: wlan1: No such device exists' });
    expect(await ended(child)).toBe(1);
    expect(said).toContain('not in pcap format');
  });

  it('says what is wrong with its settings, and does not try again', async () => {
    const child = startSensor({ SENSOR_ID: '' });
    expect(await ended(child)).toBe(78);
  });
});

it('reads a capture of any length as it was written', async () => {
  const frames = Array.from({ length: 2_000 }, (_, i) => probe(NOW + i, i % 2 ? FIXED : RANDOM));
  const heard: string[] = [];
  async function* pieces() {
    yield pcapFile(frames);
  }
  for await (const { bytes } of readPcap(pieces())) heard.push(readProbeRequest(bytes)?.mac ?? '');
  expect(heard).toEqual(frames.map(({ mac }) => mac));
});
