import { either as E } from 'fp-ts';
import mqtt, { type MqttClient } from 'mqtt';
import { asyncScheduler, filter, firstValueFrom, timeout } from 'rxjs';
import type { ConnectionStatus } from '../../src/model/connection.ts';
import { isHeard, isStatus } from '../../src/model/heard.ts';
import { chooseFormats, readFormats } from '../../src/sources/formats/choose.ts';
import { mqttReadings } from '../../src/sources/mqttReadings.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';

let broker: Mosquitto;
let node: MqttClient;
let leave: () => Promise<unknown>;

beforeEach(async () => {
  broker = await startMosquitto();
  leave = async () => undefined;
  node = await mqtt.connectAsync(broker.url, {
    reconnectPeriod: 0,
    will: {
      topic: 'espresense/rooms/till/status',
      payload: Buffer.from('offline'),
      qos: 1,
      retain: true,
    },
  });
});
afterEach(async () => {
  await leave();
  await node.endAsync(true);
  await broker.remove();
});

it('hears ESP32 nodes and sensors of our own at once, live and die', async () => {
  const retained = { qos: 1, retain: true } as const;
  await node.publishAsync('espresense/rooms/till/status', 'online', retained);
  await node.publishAsync(
    'espresense/devices/phone:old/till',
    '{"id":"phone:old","rssi":-50}',
    retained,
  );
  const { readings$, status$ } = mqttReadings(
    {
      url: broker.url,
      ...chooseFormats(readFormats('native,espresense') ?? [], ['neuralsense/rssi']),
      clientId: 'formats',
      protocolVersion: 5,
      statusTopic: 'neuralsense/pipeline/demo/status',
      keepaliveSeconds: 30,
      retry: { initialDelayMs: 50, maxDelayMs: 200 },
    },
    { connect: mqtt.connect, scheduler: asyncScheduler, random: Math.random, now: Date.now },
  );
  const heard: string[] = [];
  const subscription = readings$.subscribe((signal) => {
    const { acknowledge } = E.isLeft(signal) ? signal.left : signal.right;
    acknowledge?.();
    if (E.isLeft(signal)) return void heard.push(signal.left.reasons.join());
    if (!isHeard(signal.right) && !isStatus(signal.right)) return;
    heard.push(
      isStatus(signal.right)
        ? `${signal.right.sensor_id} ${signal.right.isAlive ? 'alive' : 'dead'}`
        : `${signal.right.reading.sensor_id} hears ${signal.right.reading.phone_id}`,
    );
  });
  const reached = (tag: ConnectionStatus['_tag']) =>
    firstValueFrom(
      status$.pipe(
        filter(({ _tag }) => _tag === tag),
        timeout(10_000),
      ),
    );
  leave = () => {
    subscription.unsubscribe();
    return reached('Closed');
  };
  const hears = async (what: string) => {
    for (const until = Date.now() + 10_000; !heard.includes(what); )
      if (Date.now() > until) throw new Error(`not heard: ${what}; heard ${heard}`);
      else await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await reached('Connected');
  await hears('till alive');
  await hears('ts: none, and the message was retained');

  const pi = { sensor_id: 'pi1', phone_id: 'a87650e92820', rssi: -60 };
  await node.publishAsync('espresense/devices/phone:anna/till', '{"id":"phone:anna","rssi":-50}');
  await node.publishAsync('neuralsense/rssi', JSON.stringify(pi), { qos: 1 });
  await hears('till hears id:phone:anna');
  await hears('pi1 hears a8:76:50:e9:28:20');

  node.stream.destroy();
  await hears('till dead');
});
