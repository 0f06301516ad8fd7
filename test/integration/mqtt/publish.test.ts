import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { AedesPublishPacket } from 'aedes';
import { publishCommand } from '../../../src/commands/publish/publish.ts';
import { startBroker, type TestBroker } from './broker.ts';

interface Arrived {
  readonly by: string;
  readonly at: number;
  readonly qos: number;
  readonly topic: string;
  readonly reading: { readonly sensor_id: string; readonly rssi: number; readonly ts: number };
}

let broker: TestBroker;
let directory: string;
let arrived: Arrived[];
let said = '';

const recording = (lines: ReadonlyArray<string>): string => {
  const file = join(directory, 'readings.jsonl');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return file;
};
const publish = (...args: string[]) =>
  publishCommand().exitOverride().parseAsync(args, { from: 'user' });

beforeEach(async () => {
  broker = await startBroker();
  directory = mkdtempSync(join(tmpdir(), 'publish-'));
  arrived = [];
  said = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
  broker.aedes.on('publish', ({ topic, payload, qos }: AedesPublishPacket, client) => {
    if (client === null) return;
    const reading = JSON.parse(payload.toString());
    arrived.push({ by: client.id, at: Date.now() / 1000, topic, qos, reading });
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await broker.close();
  rmSync(directory, { recursive: true });
});

test('a recording arrives as from its sensors, moved to now by whole windows', async () => {
  const fixture = readFileSync('test/fixtures/tetam/readings.jsonl', 'utf8').split('\n');
  const lines = fixture.slice(0, 40);
  await publish('--readings', recording(lines), '--url', broker.url);

  const recorded = lines.map((line) => JSON.parse(line));
  const shift = Math.round((arrived[0]?.reading.ts ?? 0) - recorded[0].ts);
  expect(shift % 5).toBe(0);
  const played = recorded.map((r) => ({ ...r, ts: Math.round((r.ts + shift) * 1e6) / 1e6 }));
  const byTime = [...arrived.map(({ reading }) => reading)].sort((a, b) => a.ts - b.ts);
  expect(byTime).toEqual(played.sort((a, b) => a.ts - b.ts));
  for (const { by, at, qos, topic, reading } of arrived) {
    expect({ qos, topic }).toEqual({ qos: 1, topic: 'neuralsense/rssi' });
    expect(by).toMatch(new RegExp(`^${reading.sensor_id}/`));
    expect(at - reading.ts).toBeGreaterThan(-0.005);
    expect(at - reading.ts).toBeLessThan(1);
  }
  expect(said).toContain('done: published 40, acknowledged 40, sensors 8');
});

test.each(['messages.jsonl', 'raw_rssi.jsonl'])(
  'what sensors that write rpi_id have sent is played: %s',
  async (file) => {
    const path = `test/fixtures/script/${file}`;
    await publish('--readings', path, '--url', broker.url, '--speed', '100');

    expect(said).toContain('done: published 60, acknowledged 60, sensors 8');
    for (const { by, reading } of arrived)
      expect(by).toMatch(new RegExp(`^${(reading as unknown as { rpi_id: string }).rpi_id}/`));
  },
);

test('a byte order mark costs no reading', async () => {
  const good = { sensor_id: 'pi5', phone_id: 'a8:76:50:e9:28:20', rssi: -50, ts: 1000 };
  await publish('--readings', recording([`\uFEFF${JSON.stringify(good)}`]), '--url', broker.url);
  expect(said).toContain('done: published 1, acknowledged 1, sensors 1');
});

test('broker and topic are those of the script’s settings where the command names none', async () => {
  const { hostname, port } = new URL(broker.url);
  const settings = {
    MQTT_BROKER_IP: hostname,
    MQTT_BROKER_PORT: port,
    MQTT_TOPIC_PREFIX: 'shop',
    MQTT_URL: '',
  };
  Object.assign(process.env, settings);
  try {
    await publish('--readings', 'test/fixtures/script/messages.jsonl', '--speed', '100');
  } finally {
    for (const name of Object.keys(settings)) delete process.env[name];
  }
  expect(new Set(arrived.map(({ topic }) => topic))).toEqual(new Set(['shop/rssi']));
});

test('wrong strengths are played, lines without sensor or time are named and left out', async () => {
  const good = { sensor_id: 'pi5', phone_id: 'a8:76:50:e9:28:20', rssi: 42, ts: 1000 };
  const file = recording([
    'not json',
    JSON.stringify(good),
    JSON.stringify({ ...good, ts: 'now' }),
    JSON.stringify({ ...good, sensor_id: undefined }),
    '[]',
  ]);
  await publish(
    '--readings',
    file,
    '--url',
    broker.url,
    '--topic',
    'neuralsense/rssi/downtown/{sensor}',
  );
  expect(arrived).toEqual([
    expect.objectContaining({
      topic: 'neuralsense/rssi/downtown/pi5',
      reading: expect.objectContaining({ rssi: 42 }),
    }),
  ]);
  expect(said).toContain('line 1: not JSON; left out');
  expect(said).toContain('line 3: no usable ts; left out');
  expect(said).toContain('line 4: no sensor_id, and no rpi_id; left out');
  expect(said).toContain('line 5: not a JSON object; left out');
});

test('a broker that is not there is said so', async () => {
  const file = recording(['{"sensor_id":"pi5","ts":1000}']);
  const url = broker.url.replace('//', '//pi5:secret@');
  await broker.stop();
  await expect(publish('--readings', file, '--url', url)).rejects.toMatchObject({ exitCode: 1 });
  expect(said).toContain(`error: cannot connect to ${broker.url}: `);
  expect(said).not.toContain('secret');
});

test.each([
  ['no recording', [], '--readings'],
  ['a speed of 0', ['--readings', 'x', '--speed', '0'], 'It must be a number above 0.'],
  ['a missing file', ['--readings', 'nowhere.jsonl', '--url', 'mqtt://x'], 'no file nowhere.jsonl'],
])('%s is a usage error', async (_what, args, message) => {
  await expect(publish(...args)).rejects.toMatchObject({ exitCode: 1 });
  expect(said).toContain(message);
});
