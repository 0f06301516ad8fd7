import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { startBroker, type TestBroker } from '../integration/mqtt/broker.ts';
import { type RunningCli, runCli, startCli } from '../support/cli.ts';
import { jsonLines } from '../support/outputs.ts';

const PHONE = 'a8:76:50:e9:28:20';
const SENSORS = [
  { sensor_id: 'west', x: 0, y: 0 },
  { sensor_id: 'east', x: 12, y: 0 },
  { sensor_id: 'north', x: 6, y: 10 },
];
const HEADER = 'zone_id,x,y,z,t0,west,east,north,n_west,n_east,n_north';

let cwd: string;
let broker: TestBroker;
let sensors: MqttClient;
let publishing: NodeJS.Timeout;
/** Where the phone is held; north hears it in half of the shop only. */
let phone = { x: 2, y: 3 };
const connections: Array<{ id: string; clean: boolean }> = [];
/** Topics that clients published on. */
const topics = new Set<string>();
const survey = (args: ReadonlyArray<string>, input?: string): RunningCli =>
  startCli(
    cwd,
    ['survey', '--phone', PHONE, ...args],
    { MQTT_URL: broker.url, MQTT_PROTOCOL: '3.1.1' },
    input,
  );
const rows = (file = 'survey.csv'): ReadonlyArray<string> =>
  readFileSync(join(cwd, file), 'utf8').trimEnd().split('\n');

const publish = (): void => {
  for (const { sensor_id, x, y } of SENSORS) {
    const metres = Math.hypot(phone.x - x, phone.y - y, 1);
    if (sensor_id === 'north' && phone.x < 6) continue;
    const rssi = Math.round(-55 - 22 * Math.log10(metres));
    const reading = { sensor_id, phone_id: PHONE, rssi, ts: Date.now() / 1000 };
    sensors.publish('neuralsense/rssi', JSON.stringify(reading), { qos: 1 });
  }
};

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'survey-'));
  writeFileSync(join(cwd, 'zones.csv'), 'zone_id,x,y\n1,2,3\n2,10,3\n3,6,8\n');
  writeFileSync(
    join(cwd, 'sensors.csv'),
    `sensor_id,x,y\n${SENSORS.map(({ sensor_id, x, y }) => `${sensor_id},${x},${y}\n`).join('')}`,
  );
  broker = await startBroker();
  broker.aedes.on('client', ({ id, clean }: { id: string; clean: boolean }) =>
    connections.push({ id, clean }),
  );
  broker.aedes.on('publish', ({ topic }, client) => {
    if (client) topics.add(topic);
  });
  sensors = await mqtt.connectAsync(broker.url, { clientId: 'sensors' });
  publishing = setInterval(publish, 500);
});
afterAll(async () => {
  clearInterval(publishing);
  await sensors.endAsync();
  await broker.close();
  rmSync(cwd, { recursive: true, force: true });
}, 40_000);

/** One survey and what it is for; the cases tell one story, in order. */
describe('npm run survey', () => {
  // These two take their time beside the others.
  let stopped: RunningCli;
  let unheard: RunningCli;
  beforeAll(() => {
    stopped = survey(['--at', '9.5,2.5', '--seconds', '600', '--out', 'stopped.csv']);
    const nobody = ['--phone', 'a8:76:50:00:00:01', '--zone', '3', '--seconds', '10'];
    unheard = survey([...nobody, '--out', 'nobody.csv']);
  });
  afterAll(async () => {
    await stopped.destroy();
    await unheard.destroy();
  }, 40_000);

  it('records a zone from live readings, as a guest of the broker', async () => {
    const { code, said } = await survey(['--zone', '1', '--seconds', '5']).ended;
    expect(said).toMatch(/✓ 1 windows · \d+ packets · not heard by north/);
    expect(said).toContain('1 of 3 zones are surveyed; not yet: 2, 3');
    expect(code).toBe(0);
    const [header, ...found] = rows();
    expect(header).toBe(HEADER);
    for (const row of found) expect(row).toMatch(/^1,,,1\.2,\d+\.?\d*,-68,-77,,\d+,\d+,0$/);
    const guests = connections.filter(({ id }) => id.startsWith('survey/'));
    expect(guests.filter(({ clean }) => clean)).toEqual(guests);
    expect(new Set(guests.map(({ id }) => id)).size).toBe(guests.length);
    expect(guests).not.toHaveLength(0);
    expect([...topics]).toEqual(['neuralsense/rssi']);
  }, 90_000);

  it('asks for place after place, and adds to the file that is there', async () => {
    const before = rows();
    phone = { x: 10, y: 3 };
    const answers = '2\n99\n6.5,7.5\n';
    const { code, said } = await survey(['--seconds', '5'], answers).ended;
    expect(said).toContain('Recording zone 2 (Zone 2)');
    expect(said).toContain('there is no zone 99: give one of 1, 2, 3');
    expect(said).toContain('Recording x 6.5 m, y 7.5 m');
    expect(said).toContain('Every zone is surveyed.');
    expect(code).toBe(0);
    expect(rows().slice(0, before.length)).toEqual(before);
    expect(rows().at(-1)).toMatch(/^,6\.5,7\.5,1\.2,/);
    const map = readFileSync(join(cwd, 'survey.svg'), 'utf8');
    expect(map).toContain('3 of 3 zones surveyed');
  }, 90_000);

  it('keeps what is recorded when it is stopped', async () => {
    await stopped.says(/s left · 1 windows/);
    stopped.interrupt();
    const { code, said } = await stopped.ended;
    expect(said).toMatch(/✓ \d+ windows/);
    expect(code).toBe(0);
    expect(rows('stopped.csv').length).toBeGreaterThan(1);
  }, 90_000);

  it('says what to check where a phone is not heard, and ends with 1', async () => {
    const { code, said } = await unheard.ended;
    expect(said).toContain('nothing heard of a8:76:50:00:00:01');
    expect(said).toMatch(/the sensors work: .*west hear others/);
    expect(said).toMatch(/✗ 0 windows/);
    expect(code).toBe(1);
  }, 90_000);

  it('takes no file of other sensors', async () => {
    writeFileSync(join(cwd, 'old.csv'), 'zone_id,x,y,z,t0,south,n_south\n');
    const { code, said } = await survey(['--zone', '1', '--out', 'old.csv']).ended;
    expect(said).toContain('old.csv has other columns');
    expect(code).toBe(1);
  }, 60_000);

  it('leads to a calibration by which phones are placed', async () => {
    const calibrated = await runCli(cwd, ['calibrate', '--survey', 'survey.csv']);
    expect(calibrated.said).toMatch(/\d+ windows at [34] places, heard by 3 sensors/);
    const recording = [1, 2, 3, 4].flatMap((second) =>
      [
        ['west', -66],
        ['east', -76],
      ].map(([sensor_id, rssi]) =>
        JSON.stringify({ sensor_id, phone_id: PHONE, rssi, ts: 1_740_000_000 + second }),
      ),
    );
    writeFileSync(join(cwd, 'readings.jsonl'), `${recording.join('\n')}\n`);
    const replayed = await runCli(cwd, [
      ...['replay', '--readings', 'readings.jsonl', '--out', 'replayed'],
      ...['--calibration', 'calibration.json'],
    ]);
    expect(replayed.code).toBe(0);
    expect(jsonLines(join(cwd, 'replayed'), 'zone_assignments')).toMatchObject([{ zone_id: 1 }]);
  }, 90_000);

  it('and the layout can be judged by it', async () => {
    const { code, said } = await runCli(cwd, ['layout', '--calibration', 'calibration.json']);
    expect(said).toMatch(/One window of 5 s, by the survey/);
    expect(said).toMatch(/3 {2}Zone 3 +\d+ %/);
    expect(code).toBe(0);
    expect(readFileSync(join(cwd, 'layout.svg'), 'utf8')).toContain('by the survey');
    writeFileSync(join(cwd, 'line.csv'), 'sensor_id,x,y\nwest,0,0\neast,12,0\nnorth,6,0.2\n');
    const strict = await runCli(cwd, ['layout', '--sensors', 'line.csv', '--strict']);
    expect(strict.said).toContain('all sensors hang in one line');
    expect(strict.code).toBe(1);
  }, 90_000);
});
