import { spawn } from 'node:child_process';
import type { MqttClient } from 'mqtt';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import {
  plainClient,
  type RunningSource,
  readingOf,
  runSource,
  until,
  watchStates,
} from '../support/mqttRig.ts';

let broker: Mosquitto;
let sensor: MqttClient;
let stranger: MqttClient | undefined;
const sources: RunningSource[] = [];

const started = (...args: Parameters<typeof runSource>): RunningSource => {
  const source = runSource(...args);
  sources.push(source);
  return source;
};
const publish = (phone: number) =>
  sensor.publishAsync('neuralsense/rssi', readingOf(phone), { qos: 1 });

beforeEach(async () => {
  broker = await startMosquitto();
  sensor = await plainClient(broker.url, 'pi5');
});
afterEach(async () => {
  for (const source of sources.splice(0)) await source.stop();
  await sensor?.endAsync(true);
  await stranger?.endAsync(true);
  stranger = undefined;
  await broker?.remove();
});

describe.each([4, 5] as const)('MQTT protocol level %d', (protocolVersion) => {
  const protocol = { protocolVersion };

  test('readings of our absence arrive with the resumed session, in order', async () => {
    const first = started(broker.url, protocol);
    await first.reached('Connected');
    await first.stop();
    for (let phone = 0; phone < 50; phone++) await publish(phone);
    const second = started(broker.url, protocol);
    expect(await second.reached('Connected')).toEqual({ _tag: 'Connected', sessionPresent: true });
    await until(() => second.phones.length >= 50, '50 queued readings');
    expect(second.phones).toEqual(Array.from({ length: 50 }, (_, phone) => phone));
  });

  test('what the broker kept is told from what is live, in every session anew', async () => {
    const first = started(broker.url, protocol);
    await first.reached('Connected');
    await publish(1);
    await until(() => first.phones.length >= 1, 'a live reading');
    await first.stop();
    for (let phone = 10; phone < 60; phone++) await publish(phone);
    const states = await watchStates(sensor);
    const second = started(broker.url, protocol);
    await until(() => second.phones.length >= 50, '50 queued readings');
    await until(() => states.at(-1) === 'online', 'our own word at the broker', states);
    await publish(2);
    await until(() => second.phones.includes(2), 'a live reading after them');
    await second.stop();
    expect(first.backlog).toEqual([]);
    expect(second.backlog).toEqual(Array.from({ length: 50 }, (_, phone) => phone + 10));
  });

  test('a second source with our client id says so and ends; the first one misses nothing', async () => {
    const retry = { initialDelayMs: 50, maxDelayMs: 400 };
    const first = started(broker.url, { ...protocol, retry });
    await first.reached('Connected');
    const second = started(broker.url, { ...protocol, retry });
    await until(() => second.errors.length > 0, 'the second to end', second.statuses);
    expect(String(second.errors[0])).toMatch(/another pipeline, started .* Stop it, or give this/);
    await publish(7);
    await until(() => first.phones.includes(7), 'the first to hear', first.statuses);
    expect(first.errors).toEqual([]);
  });

  test('a restart of the broker costs no reading', async () => {
    const source = started(broker.url, protocol);
    await source.reached('Connected');
    for (let phone = 0; phone < 10; phone++) await publish(phone);
    await broker.stop();
    await source.reached('Waiting');
    await broker.start();
    expect(await source.reached('Connected')).toEqual({ _tag: 'Connected', sessionPresent: true });
    await until(() => sensor.connected, 'the sensor to be back');
    for (let phone = 10; phone < 20; phone++) await publish(phone);
    await until(() => new Set(source.phones).size >= 20, '20 readings', source.phones);
    expect([...new Set(source.phones)]).toEqual(Array.from({ length: 20 }, (_, phone) => phone));
  });

  test('a killed process leaves offline as its last will, a stopped one its goodbye', async () => {
    const states = await watchStates(sensor);
    const script = 'test/support/dyingSource.ts';
    const args = ['--import', 'tsx', script, broker.url, String(protocolVersion)];
    const child = spawn(process.execPath, args, { stdio: 'inherit' });
    try {
      await until(() => states.length === 1, 'online', states);
    } finally {
      child.kill('SIGKILL');
    }
    await until(() => states.length === 2, 'the will', states);
    const source = started(broker.url, protocol);
    await until(() => states.length === 3, 'online again', states);
    await source.stop();
    await until(() => states.length === 4, 'the goodbye', states);
    expect(states).toEqual(['online', 'offline', 'online', 'offline']);
  });
});

test('what was not taken before the stop is delivered after it', async () => {
  const source = started(broker.url);
  await source.reached('Connected');
  const flood = Array.from({ length: 200 }, (_, phone) => publish(phone));
  await until(() => source.phones.length > 0, 'the first reading');
  const stopped = source.stop();
  await Promise.all([stopped, ...flood]);
  const second = started(broker.url);
  await until(() => source.phones.length + second.phones.length >= 200, 'all 200', [
    source.phones.length,
  ]);
  const heard = new Set([...source.phones, ...second.phones]);
  expect(heard.size).toBe(200);
});

test.each([4, 5] as const)(
  'a stranger who takes our client id is named and not fought for long, protocol level %d',
  async (protocolVersion) => {
    const change = { protocolVersion, retry: { initialDelayMs: 50, maxDelayMs: 60_000 } };
    const source = started(broker.url, change);
    await source.reached('Connected');
    stranger = await plainClient(broker.url, 'neuralsense-downtown');
    const waits = () => source.statuses.flatMap((s) => (s._tag === 'Waiting' ? [s] : []));
    const slow = () => waits().filter(({ retryInMs }) => retryInMs >= 30_000);
    await until(() => slow().length > 0, 'a long wait', source.statuses);
    expect(slow()[0]?.reason).toBe('another client took the client id neuralsense-downtown over');
    expect(waits().length).toBeLessThan(8);
    expect(source.errors).toEqual([]);
  },
);

test.each([4, 5] as const)(
  'bad credentials are named, protocol level %d',
  async (protocolVersion) => {
    const closedShop = await startMosquitto('allow_anonymous false');
    try {
      const source = started(closedShop.url, { protocolVersion });
      const waiting = await source.reached('Waiting');
      expect(waiting).toEqual(
        expect.objectContaining({ reason: 'the broker did not authorise this client' }),
      );
      await source.stop();
    } finally {
      await closedShop.remove();
    }
  },
);
