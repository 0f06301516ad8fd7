import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Aedes } from 'aedes';
import { type SimulatedShop, startSimulatedShop } from '../../../src/embedded/shop/publisher.ts';
import { Truth } from '../../../src/embedded/shop/truth.ts';
import { Reading } from '../../../src/model/reading.ts';
import type { PipelineEvent } from '../../../src/model/shapes.ts';
import { shopLayout } from '../../unit/shop/shopLayout.ts';

const TOPIC = 'neuralsense/rssi/demo';

interface Message {
  readonly clientId: string;
  readonly topic: string;
  readonly qos: number;
  readonly payload: string;
}

interface Broker {
  readonly port: number;
  readonly messages: ReadonlyArray<Message>;
  readonly close: () => Promise<void>;
}

const listen = (server: Server, port: number) =>
  new Promise<number>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });

const startBroker = async (port = 0): Promise<Broker> => {
  const aedes = await Aedes.createBroker();
  const messages: Message[] = [];
  aedes.on('publish', ({ topic, qos, payload }, client) => {
    if (client !== null)
      messages.push({ clientId: client.id, topic, qos, payload: payload.toString() });
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    aedes.handle(socket);
  });
  const bound = await listen(server, port);
  const close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
  };
  return { port: bound, messages, close };
};

const until = async (what: string, holds: () => boolean, seconds = 15): Promise<void> => {
  for (let tries = seconds * 20; !holds(); tries -= 1) {
    if (tries === 0) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const readingsOf = ({ messages }: Broker): ReadonlyArray<Reading> =>
  messages
    .flatMap(({ payload }): unknown[] => [JSON.parse(payload)].flat())
    .map((item) => {
      const decoded = Reading.decode(item);
      if (decoded._tag === 'Left') throw new Error(`not a reading: ${JSON.stringify(item)}`);
      return decoded.right;
    });

const sensorsIn = (readings: ReadonlyArray<Reading>) =>
  new Set(readings.map(({ sensor_id }) => sensor_id));

describe('startSimulatedShop', () => {
  let folder: string;
  let broker: Broker;
  let shop: SimulatedShop | undefined;
  let events: PipelineEvent[];

  const open = async (port = broker.port, now?: () => number) => {
    shop = await startSimulatedShop({
      brokerUrl: `mqtt://127.0.0.1:${port}`,
      topic: TOPIC,
      layout: shopLayout,
      seed: 1,
      truthFile: join(folder, 'new', 'truth.jsonl'),
      log: (event) => events.push(event),
      ...(now === undefined ? {} : { now }),
    });
    return shop;
  };
  const truth = async () => {
    const lines = (await readFile(join(folder, 'new', 'truth.jsonl'), 'utf8')).trimEnd();
    return lines.split('\n').map((line): unknown => JSON.parse(line));
  };
  const happened = (event: string) => events.filter((each) => each.event === event).length;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shop-'));
    broker = await startBroker();
    events = [];
  });

  afterEach(async () => {
    await shop?.close();
    shop = undefined;
    await broker.close();
    await rm(folder, { recursive: true });
  });

  it('publishes readings of now from eight clients, and the truth beside them', async () => {
    const before = Date.now() / 1000;
    await open();
    await until('100 readings of 8 sensors', () => {
      const readings = readingsOf(broker);
      return readings.length >= 100 && sensorsIn(readings).size === 8;
    });
    await shop?.close();
    const readings = readingsOf(broker);
    const after = Date.now() / 1000;
    expect(Math.min(...readings.map(({ ts }) => ts))).toBeGreaterThan(before - 0.05);
    expect(Math.max(...readings.map(({ ts }) => ts))).toBeLessThan(after + 0.05);
    for (const { clientId, topic, qos, payload } of broker.messages) {
      const [first] = [JSON.parse(payload)].flat() as Reading[];
      expect({ clientId, topic, qos }).toEqual({
        clientId: `sim-${first?.sensor_id}`,
        topic: TOPIC,
        qos: 1,
      });
    }
    const records = await truth();
    expect(records.every((record) => Truth.decode(record)._tag === 'Right')).toBe(true);
    const known = new Set((records as Truth[]).map(({ phone_id }) => phone_id));
    expect(readings.every(({ phone_id }) => known.has(phone_id))).toBe(true);
  });

  it('is silent once closed', async () => {
    await open();
    await until('a reading', () => broker.messages.length > 0);
    await shop?.close();
    const count = broker.messages.length;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(broker.messages.length).toBe(count);
  });

  it('goes on at the pace of now after the machine slept an hour', async () => {
    let asleepMs = 0;
    await open(broker.port, () => Date.now() + asleepMs);
    await until('50 readings', () => readingsOf(broker).length >= 50);
    asleepMs = 3_600_000;
    const woken = Date.now() / 1000 + 3_600;
    const late = () => readingsOf(broker).filter(({ ts }) => ts > woken - 0.3);
    await until('readings after waking', () => late().length >= 20);
    const times = readingsOf(broker).map(({ ts }) => ts);
    expect(times.filter((ts) => ts > woken - 3_590 && ts < woken - 0.3)).toEqual([]);
    expect(late().length).toBeLessThan(300);
  });

  it('survives a broker that goes away and comes back, and says so once a sensor', async () => {
    await open();
    await until('a reading', () => broker.messages.length > 0);
    await broker.close();
    await until('the loss of 8 connections', () => happened('sensor connection lost') === 8);
    broker = await startBroker(broker.port);
    await until('the return of all sensors', () => sensorsIn(readingsOf(broker)).size === 8);
    expect(happened('sensor connection lost')).toBe(8);
    expect(happened('sensor connection restored')).toBe(8);
  });

  it('opens without a broker, and closes without one', async () => {
    const { port } = broker;
    await broker.close();
    await open(port);
    await new Promise((resolve) => setTimeout(resolve, 600));
    await shop?.close();
    expect((await truth()).length).toBeGreaterThan(0);
    expect(happened('simulated shop opened')).toBe(1);
    broker = await startBroker(port);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(broker.messages).toEqual([]);
  });
});
