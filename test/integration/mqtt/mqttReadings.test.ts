import type { AuthenticateError } from 'aedes';
import type { MqttClient } from 'mqtt';
import {
  plainClient,
  type RunningSource,
  readingOf,
  runSource,
  until,
  watchStates,
} from '../../support/mqttRig.ts';
import { startBroker, type TestBroker } from './broker.ts';

let broker: TestBroker;
let sensor: MqttClient;
let stranger: MqttClient | undefined;
const sources: RunningSource[] = [];

const started = (...args: Parameters<typeof runSource>): RunningSource => {
  const source = runSource(...args);
  sources.push(source);
  return source;
};
const publish = (phone: number) =>
  sensor.publishAsync('neuralsense/rssi/downtown', readingOf(phone), { qos: 1 });

beforeEach(async () => {
  broker = await startBroker();
  sensor = await plainClient(broker.url, 'pi5');
});
afterEach(async () => {
  for (const source of sources.splice(0)) await source.stop();
  await sensor.endAsync(true);
  await stranger?.endAsync(true);
  stranger = undefined;
  await broker.close();
});

test('readings arrive in the order in which they were published', async () => {
  const source = started(broker.url);
  await source.reached('Connected');
  for (let phone = 0; phone < 100; phone++) await publish(phone);
  await until(() => source.phones.length >= 100, '100 readings');
  expect(source.phones).toEqual(Array.from({ length: 100 }, (_, phone) => phone));
});

test('what was published in our absence arrives with the resumed session', async () => {
  const first = started(broker.url);
  await first.reached('Connected');
  await publish(1);
  await until(() => first.phones.length === 1, 'the first reading');
  await first.stop();
  for (const phone of [2, 3, 4]) await publish(phone);
  const second = started(broker.url);
  expect(await second.reached('Connected')).toEqual({ _tag: 'Connected', sessionPresent: true });
  await publish(5);
  await until(() => second.phones.length >= 4, 'queued and new readings');
  expect(second.phones).toEqual([2, 3, 4, 5]);
  expect(second.backlog).toEqual(expect.arrayContaining([2, 3, 4]));
});

test('a broker that goes away is waited for, and then nothing is missing', async () => {
  const source = started(broker.url);
  await source.reached('Connected');
  await publish(1);
  await broker.stop();
  await source.reached('Waiting');
  const meanwhile = publish(2);
  await broker.start();
  await meanwhile;
  await source.reached('Connected');
  await publish(3);
  await until(() => source.phones.includes(3), 'the reading after the restart');
  expect([...new Set(source.phones)].sort()).toEqual([1, 2, 3]);
});

test('a broker that comes later is waited for', async () => {
  await broker.stop();
  const source = started(broker.url);
  const waiting = await source.reached('Waiting');
  expect(waiting).toEqual({
    _tag: 'Waiting',
    retryInMs: expect.any(Number),
    reason: expect.stringContaining('ECONNREFUSED'),
  });
  await broker.start();
  await source.reached('Connected');
  await until(() => sensor.connected, 'the sensor to be back');
  await publish(7);
  await until(() => source.phones.length > 0, 'the first reading');
  expect(source.phones).toEqual([7]);
});

test('the retained state is online, then offline by a goodbye', async () => {
  const source = started(broker.url);
  await source.reached('Connected');
  const states = await watchStates(sensor);
  await until(() => states.length === 1, 'the retained state', states);
  await source.stop();
  await until(() => states.length === 2, 'the goodbye');
  expect(states).toEqual(['online', 'offline']);
});

test('an abrupt death leaves offline as the last will, and the comeback online', async () => {
  const source = started(broker.url);
  await source.reached('Connected');
  const states = await watchStates(sensor);
  await until(() => states.length === 1, 'the retained state', states);
  source.clients[0]?.stream.destroy();
  await until(() => states.length >= 3, 'the will and the comeback');
  expect(states).toEqual(['online', 'offline', 'online']);
});

test('bad credentials are named, and the right ones are let in', async () => {
  broker.aedes.authenticate = (_client, username, password, done) => {
    if (username === 'pipeline' && String(password) === 'right') return done(null, true);
    const error = Object.assign(new Error('no'), { returnCode: 4 }) as AuthenticateError;
    done(error, false);
  };
  const wrong = started(broker.url, { username: 'pipeline', password: 'wrong' });
  expect(await wrong.reached('Waiting')).toEqual({
    _tag: 'Waiting',
    retryInMs: expect.any(Number),
    reason: 'the broker refused the user name or password',
  });
  const right = started(broker.url, { username: 'pipeline', password: 'right', clientId: 'other' });
  await right.reached('Connected');
  expect(JSON.stringify([wrong.statuses, right.statuses])).not.toMatch(/wrong|right/);
});

test('a refused subscription is an error that names the topic', async () => {
  broker.aedes.authorizeSubscribe = (_client, subscription, done) =>
    done(null, subscription.topic !== 'neuralsense/rssi/+' ? subscription : null);
  const source = started(broker.url);
  const waiting = await source.reached('Waiting');
  expect(waiting).toEqual({
    _tag: 'Waiting',
    retryInMs: expect.any(Number),
    reason: expect.stringMatching(/^subscription to neuralsense\/rssi\/\+: /),
  });
});

test('a broker without MQTT 5 is told from one that is down', async () => {
  const source = started(broker.url, { protocolVersion: 5 });
  expect(await source.reached('Waiting')).toEqual(
    expect.objectContaining({
      reason: 'the broker does not speak MQTT 5: set MQTT_PROTOCOL=3.1.1',
    }),
  );
});

test('a second source with the same client id says so and ends, and the first one goes on', async () => {
  const retry = { initialDelayMs: 50, maxDelayMs: 400 };
  const first = started(broker.url, { retry });
  await first.reached('Connected');
  const second = started(broker.url, { retry });
  await until(() => second.errors.length > 0, 'the second to end', second.statuses);
  expect(String(second.errors[0])).toMatch(
    /another pipeline, started \d{4}-.*, is connected to this broker as neuralsense-downtown\. Stop it, or/,
  );
  await first.reached('Connected');
  await publish(7);
  await until(() => first.phones.includes(7), 'the first to hear', first.statuses);
  expect([first.errors, second.statuses.at(-1)]).toEqual([[], { _tag: 'Closed' }]);
});

test('one that took over from a process that is gone stays, however often it connects', async () => {
  const dead = started(broker.url);
  await dead.reached('Connected');
  dead.clients[0]?.stream.destroy();
  await dead.stop();
  const source = started(broker.url);
  for (const _again of [1, 2, 3]) {
    await source.reached('Connected');
    source.clients.at(-1)?.stream.destroy();
    await source.reached('Waiting');
  }
  await source.reached('Connected');
  expect(source.errors).toEqual([]);
});

test('a stranger with our client id is not fought at full speed', async () => {
  const retry = { initialDelayMs: 50, maxDelayMs: 400 };
  const source = started(broker.url, { retry });
  await source.reached('Connected');
  stranger = await plainClient(broker.url, 'neuralsense-downtown');
  expect(await source.reached('Waiting')).toEqual(
    expect.objectContaining({
      reason: expect.stringContaining(
        'another client took the client id neuralsense-downtown over',
      ),
    }),
  );
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await stranger.endAsync(true);
  expect(source.clients.length).toBeGreaterThan(2);
  expect(source.clients.length).toBeLessThan(30);
  expect(source.errors).toEqual([]);
});

test('acknowledgements that are held back longer than the keepalive cost no connection', async () => {
  const held: Array<() => void> = [];
  const source = started(broker.url, { keepaliveSeconds: 1 }, (acknowledge) =>
    held.push(acknowledge),
  );
  await source.reached('Connected');
  const sent = [1, 2, 3].map(publish);
  await until(() => held.length === 3, 'three readings');
  const pings = new Promise<void>((resolve) => {
    let count = 0;
    source.clients[0]?.on('packetreceive', ({ cmd }) => {
      if (cmd === 'pingresp') count += 1;
      if (count === 3) resolve();
    });
  });
  await pings;
  const acknowledged: number[] = [];
  broker.aedes.on('ack', (packet) => acknowledged.push(Number(packet?.messageId)));
  for (const acknowledge of held) acknowledge();
  await until(() => acknowledged.length === 3, 'three acknowledgements');
  await Promise.all(sent);

  expect(source.clients).toHaveLength(1);
  expect(source.statuses.filter(({ _tag }) => _tag === 'Waiting')).toEqual([]);
  expect(acknowledged).toEqual([...acknowledged].sort((a, b) => a - b));
});

test('what was not acknowledged comes again on the next connection', async () => {
  const held: Array<() => void> = [];
  const source = started(broker.url, {}, (acknowledge) => held.push(acknowledge));
  await source.reached('Connected');
  await publish(1);
  await publish(2);
  await until(() => held.length === 2, 'two readings');
  held[0]?.();
  await new Promise((resolve) => setImmediate(resolve));
  source.clients[0]?.stream.destroy();
  await until(() => held.length === 3, 'the second reading again');

  expect(source.phones).toEqual([1, 2, 2]);
  for (const acknowledge of held) acknowledge();
});
