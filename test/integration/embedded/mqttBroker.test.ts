import { once } from 'node:events';
import { createServer, connect as open } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { listenOnLoopback } from '../../../src/embedded/http/listen.ts';
import { type MqttBroker, startMqttBroker } from '../../../src/embedded/mqttBroker.ts';
import { eventually } from './eventually.ts';

const TOPIC = 'neuralsense/rssi';

interface Heard {
  readonly payload: string;
  readonly retained: boolean;
}

describe('startMqttBroker', () => {
  let broker: MqttBroker;
  let clients: MqttClient[];
  let heard: Heard[];

  /** Listens from before the connection on: a session's messages follow it at once. */
  const join = async (options: IClientOptions = {}): Promise<MqttClient> => {
    const client = connect(broker.url, { reconnectPeriod: 0, ...options });
    clients.push(client);
    client.on('message', (_topic, payload, { retain }) =>
      heard.push({ payload: payload.toString(), retained: retain }),
    );
    await new Promise<void>((resolve) => client.once('connect', () => resolve()));
    return client;
  };
  const hear = (count: number) =>
    eventually(`${count} messages`, async () => (heard.length >= count ? heard : undefined));

  beforeEach(async () => {
    clients = [];
    heard = [];
    broker = await startMqttBroker({ port: 0 });
  });
  afterEach(async () => {
    for (const client of clients) await client.endAsync(true);
    await broker.close();
  });

  it('keeps QoS 1 messages for a session that is away: all, in order, none twice', async () => {
    const session = { clientId: 'pipeline', clean: false };
    const before = await join(session);
    await before.subscribeAsync(TOPIC, { qos: 1 });
    await before.endAsync();
    const sensor = await join();
    const sent = Array.from({ length: 200 }, (_, i) => `reading ${i}`);
    for (const reading of sent) await sensor.publishAsync(TOPIC, reading, { qos: 1 });
    expect(heard).toEqual([]);

    await join(session);
    await hear(sent.length);
    await sensor.publishAsync(TOPIC, 'live', { qos: 1 });
    await hear(sent.length + 1);
    expect(heard.map(({ payload }) => payload)).toEqual([...sent, 'live']);
  });

  it('gives a newcomer the retained message', async () => {
    const status = 'neuralsense/pipeline/store/status';
    const pipeline = await join();
    await pipeline.publishAsync(status, 'online', { qos: 1, retain: true });
    const watcher = await join();
    await watcher.subscribeAsync(status, { qos: 1 });
    expect(await hear(1)).toEqual([{ payload: 'online', retained: true }]);
  });

  it('publishes the last will of a client that is cut off', async () => {
    const watcher = await join();
    await watcher.subscribeAsync('status', { qos: 1 });
    const doomed = await join({
      will: { topic: 'status', payload: Buffer.from('offline'), qos: 1, retain: true },
    });
    doomed.stream.destroy();
    expect(await hear(1)).toMatchObject([{ payload: 'offline' }]);
  });

  it('takes the next free port when its own is in use', async () => {
    const port = Number(new URL(broker.url).port);
    const second = await startMqttBroker({ port });
    expect(Number(new URL(second.url).port)).toBeGreaterThan(port);
    await second.close();
  });

  it('can be reached from this machine only', async () => {
    const { hostname, port } = new URL(broker.url);
    expect(hostname).toBe('127.0.0.1');
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal);
    for (const { address } of others) {
      const outcome = await new Promise((resolve) => {
        const socket = open(Number(port), address, () => resolve('connected'));
        socket.once('error', () => resolve('refused')).once('connect', () => socket.destroy());
      });
      expect(outcome).toBe('refused');
    }
  });

  it('disconnects its clients and frees the port on close', async () => {
    const client = await join();
    const { hostname, port } = new URL(broker.url);
    const silent = open(Number(port), hostname);
    await once(silent, 'connect');
    const cutOff = Promise.all([
      new Promise<void>((resolve) => client.once('close', resolve)),
      once(silent, 'close'),
    ]);
    await broker.close();
    await cutOff;
    const server = createServer();
    expect(await listenOnLoopback(server, Number(port))).toBe(Number(port));
    server.close();
    broker = await startMqttBroker({ port: 0 });
  });
});
