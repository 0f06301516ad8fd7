/**
 * The durable path (decode, admit, journal, acknowledge, windows, commit) against a bare mqtt.js
 * subscriber at QoS 1 that only counts, on a broker that does nothing but deliver, alternately in one
 * session: only the ratio means something.
 *
 *     [IN_FLIGHT=20] npm run bench:durable -- [messages] [rounds]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { either as E } from 'fp-ts';
import mqtt from 'mqtt';
import { Subject, takeUntil } from 'rxjs';
import { policiesOf } from '../src/commands/settings.ts';
import { readConfig } from '../src/config.ts';
import { readSensors, readZones } from '../src/model/layout.ts';
import { pathLossClassifier } from '../src/positioning/pathLoss.ts';
import { productionEnv } from '../src/production/env.ts';
import { jsonlFiles } from '../src/production/files/jsonlFiles.ts';
import { mqttReadings } from '../src/sources/mqttReadings.ts';
import { pipeline } from '../src/streams/pipeline.ts';

const MESSAGES = Number(process.argv[2] ?? 200_000);
const ROUNDS = Number(process.argv[3] ?? 3);
const IN_FLIGHT = Number(process.env['IN_FLIGHT'] ?? 10_000);

/** Delivers `MESSAGES` to whoever subscribes, at most {@link IN_FLIGHT} unacknowledged. */
const serve = (): void => {
  const topic = Buffer.from('neuralsense/rssi');
  const now = Date.now() / 1000;
  const publish = (n: number): Buffer => {
    const payload = Buffer.from(
      JSON.stringify({
        sensor_id: `pi${1 + (n % 8)}`,
        // More phones than a shop has: none is heard so often that it is thinned.
        phone_id: `id:${(n >> 3) % 20_000}`,
        rssi: -60,
        ts: now + n / 1e6,
        pad: 'x'.repeat(50),
      }),
    );
    const length = 2 + topic.length + 2 + payload.length;
    const head = Buffer.from([0x32, (length & 127) | 128, length >> 7, 0, topic.length]);
    const id = (n % 65_000) + 1;
    return Buffer.concat([head, topic, Buffer.from([id >> 8, id & 255]), payload]);
  };
  createServer((socket) => {
    let [sent, acknowledged] = [0, 0];
    let rest = Buffer.alloc(0);
    const send = (): void => {
      const batch: Buffer[] = [];
      while (sent < MESSAGES && sent - acknowledged < IN_FLIGHT && batch.length < 5_000)
        batch.push(publish(sent++));
      if (batch.length > 0) socket.write(Buffer.concat(batch), () => setImmediate(send));
    };
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      while (rest.length >= 2 && rest.length >= 2 + (rest[1] ?? 0)) {
        const [type = 0, length = 0] = rest;
        const body = rest.subarray(2, 2 + length);
        rest = rest.subarray(2 + length);
        if (type === 0x10) socket.write(Buffer.from([0x20, 2, 0, 0]));
        else if (type === 0x82) {
          socket.write(Buffer.from([0x90, 3, body[0] ?? 0, body[1] ?? 0, 1]));
          if (body.includes(topic) && sent === 0) setTimeout(send, 50);
        } else if (type === 0x40) acknowledged += 1;
        else if (type === 0x32 || type === 0x33) {
          const at = 2 + body.readUInt16BE(0);
          socket.write(Buffer.from([0x40, 2, body[at] ?? 0, body[at + 1] ?? 0]));
        } else if (type === 0xc0) socket.write(Buffer.from([0xd0, 0]));
      }
      if (acknowledged === MESSAGES) {
        acknowledged = 0;
        process.send?.('acknowledged');
      } else send();
    });
  }).listen(0, '127.0.0.1', function (this: ReturnType<typeof createServer>) {
    process.send?.((this.address() as { port: number }).port);
  });
};

const message = (child: ChildProcess): Promise<unknown> =>
  new Promise((resolve) => child.once('message', resolve));

const bare = (url: string): { end: () => Promise<void> } => {
  let count = 0;
  const client = mqtt.connect(url, { clientId: 'bare', clean: false, protocolVersion: 4 });
  client.on('message', () => {
    count += 1;
  });
  client.subscribe('neuralsense/rssi', { qos: 1 });
  return {
    end: async () => {
      if (count !== MESSAGES) throw new Error(`${count} of ${MESSAGES} came`);
      await client.endAsync(true);
    },
  };
};

const durable = (url: string, dir: string): { end: () => Promise<void> } => {
  const config = readConfig({ ENABLE_UPLOAD: 'false', MAX_CLOCK_SKEW_SEC: '30000000' });
  const zones = readZones(readFileSync('zones.csv', 'utf8'));
  const sensors = readSensors(readFileSync('sensors.csv', 'utf8'));
  if (E.isLeft(config) || E.isLeft(zones) || E.isLeft(sensors)) throw new Error('settings');
  const layout = { zones: zones.right, sensors: sensors.right };
  const env = productionEnv(() => {});
  const files = jsonlFiles({ dir, maxBytes: 1e9, retentionDays: 1, now: Date.now, log: () => {} });
  const stop$ = new Subject<void>();
  const options = {
    url,
    topics: ['neuralsense/rssi'],
    clientId: 'durable',
    protocolVersion: 4,
    statusTopic: 'status',
    keepaliveSeconds: 30,
    retry: { initialDelayMs: 500, maxDelayMs: 5_000 },
  } as const;
  const { readings$ } = mqttReadings(options, {
    connect: mqtt.connect,
    scheduler: env.scheduler,
    random: Math.random,
    now: Date.now,
  });
  const done = new Promise<void>((resolve, reject) => {
    readings$
      .pipe(
        takeUntil(stop$),
        pipeline(pathLossClassifier(layout), policiesOf(config.right, layout, []), files, env),
      )
      .subscribe({ complete: resolve, error: reject });
  });
  return {
    end: async () => {
      stop$.next();
      await done;
      await files.close();
    },
  };
};

const time = async (begin: (url: string) => { end: () => Promise<void> }): Promise<number> => {
  const broker = fork(fileURLToPath(import.meta.url), process.argv.slice(2, 4), {
    env: { ...process.env, BENCH_BROKER: '1' },
    execArgv: process.execArgv,
  });
  const port = await message(broker);
  const from = performance.now();
  const client = begin(`mqtt://127.0.0.1:${port}`);
  await message(broker);
  const perSecond = (MESSAGES * 1000) / (performance.now() - from);
  await client.end();
  broker.kill();
  return perSecond;
};

const median = (values: ReadonlyArray<number>): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

if (process.env['BENCH_BROKER']) serve();
else {
  const root = mkdtempSync(join(tmpdir(), 'bench-'));
  const rates = { bare: [] as number[], durable: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.bare.push(await time(bare));
    rates.durable.push(await time((url) => durable(url, join(root, String(round)))));
  }
  rmSync(root, { recursive: true, force: true });
  const [a, b] = [median(rates.bare), median(rates.durable)];
  process.stdout.write(
    `bare ${Math.round(a)}/s, durable ${Math.round(b)}/s, ratio ${(b / a).toFixed(2)}\n`,
  );
}
