import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { either as E } from 'fp-ts';
import mqtt, { type MqttClient } from 'mqtt';
import { asyncScheduler, finalize, Subject, type Subscription, takeUntil } from 'rxjs';
import { inherit } from '../../src/commands/pipeline/inherit.ts';
import { policiesOf } from '../../src/commands/settings.ts';
import { readConfig } from '../../src/config.ts';
import type { Env, PipelineEvent } from '../../src/model/shapes.ts';
import { jsonlFiles } from '../../src/production/files/jsonlFiles.ts';
import { mqttReadings } from '../../src/sources/mqttReadings.ts';
import { pipeline } from '../../src/streams/pipeline.ts';
import { counting } from '../support/classifiers.ts';
import { inMilliseconds, mostInOneWindow, SHIFTS } from '../support/clocks.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { plainClient, until } from '../support/mqttRig.ts';
import { type Json, jsonLines } from '../support/outputs.ts';

const SENSORS = ['pi5', 'pi7', 'pi8', 'pi9', 'pi10', 'pi11', 'pi12', 'pi13'] as const;
const PHONES = ['a8:76:50:00:00:01', 'a8:76:50:00:00:02'] as const;
const TOPIC = 'neuralsense/rssi';

let broker: Mosquitto;
let dir: string;
let sensors: ReadonlyArray<MqttClient>;
/** When each was really made, by what its sensor said. */
const truth = new Map<string, number>();

beforeEach(async () => {
  broker = await startMosquitto('allow_anonymous true\nmax_queued_messages 0');
  dir = mkdtempSync(join(tmpdir(), 'clocks-'));
  sensors = await Promise.all(SENSORS.map((id) => plainClient(broker.url, id)));
});
afterEach(async () => {
  for (const sensor of sensors) await sensor.endAsync(true);
  await broker.remove();
  rmSync(dir, { recursive: true, force: true });
});

const now = () => Date.now() / 1000;
const said = (sensor: number, phone: string) => {
  const trueTs = now();
  const ts = inMilliseconds(trueTs + (SHIFTS[sensor] ?? 0));
  truth.set(`${SENSORS[sensor]} ${phone} ${ts}`, trueTs);
  return JSON.stringify({ ts, rpi_id: SENSORS[sensor], mac: phone, rssi: -60 - sensor });
};

/** What the eight sensors hear of two phones, each message as it is made. */
const hearFor = async (seconds: number, qos: 0 | 1): Promise<string> => {
  let last = '';
  for (const end = now() + seconds; now() < end; await sleep(200))
    for (const phone of PHONES)
      sensors.forEach((client, sensor) => {
        last = said(sensor, phone);
        client.publish(TOPIC, last, { qos });
      });
  return last;
};

const config = readConfig({
  ...{ OUTPUT_DIR: 'unused', ENABLE_UPLOAD: 'false' },
  // Each sensor hears each phone five times a second.
  MAX_WINDOW_READINGS: '1000',
});
if (E.isLeft(config)) throw new Error(config.left.join());
const layout = {
  zones: [{ zone_id: 1, x: 0, y: 0, zone_name: 'one', zone_type: 'display' as const }],
  sensors: SENSORS.map((sensor_id) => ({ sensor_id, x: 0, y: 0, z: 2 })),
};
const policies = policiesOf(config.right, layout, ['demo']);

/** The pipeline on real files; `stop` drains it, `drop` lets it go amid its work. */
const start = async () => {
  const logged: PipelineEvent[] = [];
  const env: Env = { scheduler: asyncScheduler, random: Math.random, log: (e) => logged.push(e) };
  const options = { dir, maxBytes: 1e9, retentionDays: 30, now: Date.now, log: env.log };
  const files = jsonlFiles(options);
  const { inherited } = await inherit(dir, policies.window, files, env.log);
  const { readings$, status$ } = mqttReadings(
    {
      url: broker.url,
      topics: [TOPIC],
      clientId: 'pipeline',
      protocolVersion: 4,
      statusTopic: 'neuralsense/pipeline/demo/status',
      keepaliveSeconds: 30,
      retry: { initialDelayMs: 50, maxDelayMs: 200 },
    },
    { connect: mqtt.connect, scheduler: asyncScheduler, random: Math.random, now: Date.now },
  );
  let [status, isOver, repeated] = ['', false, 0];
  status$.subscribe(({ _tag }) => {
    status = _tag;
  });
  const stop$ = new Subject<void>();
  const ports = { append: files.append, commit: files.commit, inherited };
  const running: Subscription = readings$
    .pipe(
      takeUntil(stop$),
      pipeline(counting(), policies, ports, env),
      finalize(() => {
        isOver = true;
      }),
    )
    .subscribe((report) => {
      if (report._tag === 'Journalled') repeated += report.repeated;
    });
  await until(() => status === 'Connected', 'a connection');
  const left = async (): Promise<void> => {
    await until(() => isOver && status === 'Closed', 'its end');
    await files.close();
  };
  return {
    logged,
    repeated: () => repeated,
    stop: () => {
      stop$.next();
      return left();
    },
    drop: () => {
      running.unsubscribe();
      return left();
    },
  };
};

/** How far the time of a line is from when it was really made, s. */
const errorOf = ({ sensor_id, phone_id, ts, sensor_ts = ts }: Json): number =>
  Number(ts) - (truth.get(`${sensor_id} ${phone_id} ${sensor_ts}`) ?? Number.NaN);

const clocksTold = (logged: ReadonlyArray<PipelineEvent>) =>
  logged.filter(({ event }) => event === 'sensor clock off').map(({ sensor }) => sensor);

test('eight clocks that are not kept make one assignment a window and phone, over a death and a backlog', async () => {
  const first = await start();
  await hearFor(8, 0);
  const delivered = await hearFor(2, 1);
  await until(() => jsonLines(dir, 'rssi_readings').length === truth.size, 'all of them on disk');
  await first.drop();
  expect(clocksTold(first.logged).sort()).toEqual([...SENSORS].sort());

  // In its absence the broker keeps what is sent at QoS 1; a sensor sends its last message again.
  sensors.at(-1)?.publish(TOPIC, delivered, { qos: 1 });
  await hearFor(7, 1);
  const second = await start();
  await hearFor(6, 0);
  await until(() => jsonLines(dir, 'rssi_readings').length === truth.size, 'the backlog');
  await second.stop();

  const readings = jsonLines(dir, 'rssi_readings');
  expect(second.repeated()).toBe(1);
  expect(Math.min(...readings.map(errorOf))).toBeGreaterThan(-0.01);
  expect(Math.max(...readings.map(errorOf))).toBeLessThan(1);
  const assignments = jsonLines(dir, 'zone_assignments');
  expect(mostInOneWindow(assignments)).toBe(1);
  const windows = new Set([...truth.values()].map((ts) => Math.floor(ts / 5))).size;
  expect(assignments.length).toBeLessThanOrEqual(PHONES.length * (windows + 1));
  expect(assignments.length).toBeGreaterThanOrEqual(PHONES.length * (windows - 1));
  const counted = jsonLines(dir, 'rssi_vectors')
    .flatMap(({ counts }) => Object.values(Object(counts)))
    .reduce<number>((sum, count) => sum + Number(count), 0);
  expect(counted).toBe(truth.size);
}, 90_000);
