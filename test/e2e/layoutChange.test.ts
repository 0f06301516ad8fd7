import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { eventually } from '../integration/embedded/eventually.ts';
import { type RunningCli, SHIPPED_LAYOUT, startCli } from '../support/cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'layout-'));
let pipeline: RunningCli;
afterAll(async () => {
  await pipeline.destroy();
  rmSync(cwd, { recursive: true });
}, 40_000);

const linesOf = (file: string): string => {
  try {
    return readFileSync(join(cwd, 'output', `${file}.jsonl`), 'utf8');
  } catch {
    return '';
  }
};

it('a running pipeline takes a sensor that was added to the file, and no file that is wrong', async () => {
  copyFileSync(SHIPPED_LAYOUT.ZONES_FILE, join(cwd, 'zones.csv'));
  copyFileSync(SHIPPED_LAYOUT.SENSORS_FILE, join(cwd, 'sensors.csv'));
  pipeline = startCli(cwd, ['pipeline', '--no-simulate'], { ENABLE_UPLOAD: 'false' });
  const [, url = ''] = await pipeline.says(/(mqtt:\/\/127\.0\.0\.1:\d+)/);
  await pipeline.says(/0 readings\/s/);
  const sensor = await mqtt.connectAsync(url, { reconnectPeriod: 0 });
  const hear = () =>
    sensor.publishAsync(
      'neuralsense/rssi',
      JSON.stringify({ sensor_id: 'new', phone_id: 'a87650e92820', rssi: -60 }),
      { qos: 1 },
    );
  await hear();
  await eventually('a rejection', async () => linesOf('rejected_messages') || undefined, 20_000);

  const sensors = readFileSync(join(cwd, 'sensors.csv'), 'utf8').trimEnd();
  writeFileSync(join(cwd, 'sensors.csv'), `${sensors}\nnew,five,5,2\n`);
  await pipeline.says(/layout not usable .*sensors\.csv line 10: x: must be/);
  writeFileSync(join(cwd, 'sensors.csv'), `${sensors}\nnew,5,5,2\n`);
  await pipeline.says(/layout changed/);
  await hear();
  await eventually('a reading', async () => linesOf('rssi_readings') || undefined, 20_000);
  await sensor.endAsync();
}, 120_000);
