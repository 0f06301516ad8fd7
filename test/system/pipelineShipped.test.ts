import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../integration/embedded/eventually.ts';
import { type ShippedCertificates, shippedCertificates } from '../support/certificates.ts';
import { inRepository, runCli, startCli, TETAM_LAYOUT } from '../support/cli.ts';
import { type ShippedMosquitto, startShippedMosquitto } from '../support/mosquitto.ts';
import { jsonLines } from '../support/outputs.ts';

const RECORDING = inRepository('test/fixtures/tetam/readings.jsonl');
const recorded = readFileSync(RECORDING, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const SENSORS = [...new Set<string>(recorded.map(({ sensor_id }) => sensor_id))];

let certificates: ShippedCertificates;
let broker: ShippedMosquitto;
let cwd: string;

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'pipeline-'));
  certificates = await shippedCertificates(SENSORS);
  broker = await startShippedMosquitto(certificates.folder);
});
afterEach(async () => {
  await broker.remove();
  certificates.remove();
  rmSync(cwd, { recursive: true, force: true });
});

const publishing = () =>
  startCli(cwd, [
    ...['publish', '--readings', RECORDING, '--url', broker.tlsUrl, '--speed', '20'],
    ...['--certificates', certificates.folder, '--topic', 'neuralsense/rssi/demo/{sensor}'],
  ]);

it('every reading arrives from its own sensor over TLS, though the broker is killed meanwhile', async () => {
  const pipeline = startCli(cwd, ['pipeline'], {
    ...TETAM_LAYOUT,
    ...certificates.settings('pipeline'),
    MQTT_URL: broker.tlsUrl,
    ENABLE_UPLOAD: 'false',
    MAX_WINDOW_READINGS: '1000000',
  });
  const readings = () => jsonLines(join(cwd, 'output'), 'rssi_readings');
  try {
    await pipeline.says(/0 readings\/s/);
    const sensors = publishing();
    await eventually('the first readings', async () => readings().length > 20 || undefined);
    await broker.kill();
    await broker.start();
    expect(await sensors.ended).toMatchObject({
      code: 0,
      said: expect.stringContaining(`published ${recorded.length}, acknowledged`),
    });
    const distinct = () =>
      new Set(readings().map(({ sensor_id, phone_id, ts }) => `${sensor_id} ${phone_id} ${ts}`));
    await eventually('every reading', async () => distinct().size >= recorded.length || undefined);
    expect(distinct().size).toBe(recorded.length);
    expect(jsonLines(join(cwd, 'output'), 'rejected_messages')).toEqual([]);
    pipeline.interrupt();
    expect((await pipeline.ended).code).toBe(0);
  } finally {
    await pipeline.destroy();
  }
}, 90_000);

it('without a certificate of its own no sensor is let in, and that is said', async () => {
  const settings = certificates.settings('pipeline');
  const args = ['publish', '--readings', RECORDING, '--url', broker.tlsUrl, '--speed', '100'];
  const { MQTT_CA_FILE: ca } = settings;
  const { code, said } = await runCli(cwd, [...args, '--ca', ca]);
  expect(code).toBe(1);
  expect(said).toContain('cannot connect to mqtts://');
});
