import { setTimeout as sleep } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { plainClient, type RunningSource, runSource, until } from '../support/mqttRig.ts';

const BOUND = { messages: 200, bytes: 1_000_000, patienceMs: 300 };
const SENT = 2_000;
const SENT_UNSURE = 70;
const FIRST_TS = 1_740_000_000;

let broker: Mosquitto;
let sensor: MqttClient;
let source: RunningSource;
let held: Array<() => void>;

beforeEach(async () => {
  // As shipped: more than the source takes, so that it is its own bound that holds.
  broker = await startMosquitto(
    'allow_anonymous true\nmax_inflight_messages 1000\nmax_queued_messages 0',
  );
  sensor = await plainClient(broker.url, 'pi5');
  held = [];
});
afterEach(async () => {
  for (const acknowledge of held) acknowledge();
  await source.stop();
  await sensor.endAsync(true);
  await broker.remove();
});

const publish = (n: number, qos: 0 | 1) =>
  sensor.publishAsync(
    'neuralsense/rssi',
    JSON.stringify({
      sensor_id: 'pi5',
      phone_id: 'a8:76:50:e9:28:20',
      rssi: -61,
      ts: FIRST_TS + n,
    }),
    { qos },
  );

test.each([4, 5] as const)(
  'a reader that cannot keep up takes no more than it may hold, the broker keeps the rest, and what comes at QoS 0 is counted as lost, MQTT level %d',
  async (protocolVersion) => {
    let most = 0;
    source = runSource(
      broker.url,
      { protocolVersion, bound: BOUND, retry: { initialDelayMs: 20, maxDelayMs: 50 } },
      (acknowledge) => {
        held.push(acknowledge);
        most = Math.max(most, held.length);
      },
    );
    await source.reached('Connected');
    await Promise.all(Array.from({ length: SENT }, (_, n) => publish(n, 1)));
    // Its own word on the status topic may be one of them.
    await until(() => held.length >= BOUND.messages - 1, 'the bound', held.length);

    await Promise.all(Array.from({ length: SENT_UNSURE }, (_, n) => publish(SENT + n, 0)));
    await until(() => source.dropped() === SENT_UNSURE, 'all of them lost', source.dropped());
    expect(source.times).toHaveLength(held.length);

    const distinct = () => new Set(source.times).size;
    await until(() => {
      for (const acknowledge of held.splice(0)) acknowledge();
      return distinct() >= SENT;
    }, 'all that was promised');
    expect(Math.max(...source.times)).toBe(FIRST_TS + SENT - 1);
    expect(distinct()).toBe(SENT);
    expect(most).toBeLessThanOrEqual(BOUND.messages);
    expect(source.dropped()).toBe(SENT_UNSURE);
  },
);

test.each([0, 1] as const)(
  'a reader that is only slow has the broker wait, on one connection, without repeats and loss, at QoS %d',
  async (qos) => {
    source = runSource(
      broker.url,
      { protocolVersion: 5, bound: { ...BOUND, patienceMs: 20_000 } },
      (acknowledge) => held.push(acknowledge),
    );
    await source.reached('Connected');
    const paying = setInterval(() => {
      for (const acknowledge of held.splice(0)) acknowledge();
    }, 30);
    try {
      await Promise.all(Array.from({ length: SENT }, (_, n) => publish(n, qos)));
      await until(() => source.times.length >= SENT, 'all of it', source.times.length);
    } finally {
      clearInterval(paying);
    }
    expect(source.times).toEqual(Array.from({ length: SENT }, (_, n) => FIRST_TS + n));
    expect(source.clients).toHaveLength(1);
    expect(source.dropped()).toBe(0);
  },
);

test('what finds no room for long at QoS 0 is lost and counted, without a wait for each, and what comes when there is room is taken', async () => {
  source = runSource(
    broker.url,
    { protocolVersion: 5, bound: { ...BOUND, patienceMs: 500 } },
    (acknowledge) => held.push(acknowledge),
  );
  await source.reached('Connected');
  await Promise.all(Array.from({ length: BOUND.messages + 300 }, (_, n) => publish(n, 0)));
  await until(() => source.dropped() >= 300, 'all that was too much', source.dropped());
  // Its own word on the status topic may have taken a place.
  expect(source.dropped()).toBeLessThanOrEqual(301);
  const lost = source.dropped();
  for (const acknowledge of held.splice(0)) acknowledge();
  await sleep(100);
  await Promise.all(Array.from({ length: 50 }, (_, n) => publish(1_000 + n, 0)));
  await until(() => source.times.includes(FIRST_TS + 1_049), 'what came later', source.times);
  expect(source.dropped()).toBe(lost);
  expect(source.clients).toHaveLength(1);
});
