import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { ACCESS_POINTS, allFrames, GROUPS, SHOPPER } from '../../support/allFrames.ts';
import { runCli, startCli, TETAM_LAYOUT } from '../../support/cli.ts';
import { embeddedEnv } from '../../support/embedded.ts';
import { type Json, jsonLines, leaks } from '../../support/outputs.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'frames-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const phonesOf = (lines: ReadonlyArray<Json>) => lines.map(({ phone_id }) => phone_id);
const replay = (out: string, settings = {}) =>
  runCli(
    cwd,
    [
      ...['replay', '--readings', 'frames.jsonl', '--out', out],
      ...['--zones', TETAM_LAYOUT.ZONES_FILE, '--sensors', TETAM_LAYOUT.SENSORS_FILE],
    ],
    settings,
  );

it('one phone amid access points, broadcast and multicast is one visit', async () => {
  const frames = allFrames(1_740_000_000);
  writeFileSync(
    join(cwd, 'frames.jsonl'),
    frames.map((one) => `${JSON.stringify(one)}\n`).join(''),
  );
  const { code, said } = await replay('out');
  expect(code).toBe(0);
  const groups = frames.filter(({ mac }) => GROUPS.some((group) => group === mac)).length;
  expect(said).toContain(`${frames.length - groups} readings (0 rejected)`);
  expect(said).toContain(`${groups} more of group addresses`);
  expect(said).toContain('2 devices heard all the time and everywhere');
  const out = join(cwd, 'out');
  expect(phonesOf(jsonLines(out, 'visits'))).toEqual([SHOPPER]);
  expect(new Set(phonesOf(jsonLines(out, 'dwells')))).toEqual(new Set([SHOPPER]));
  expect(phonesOf(jsonLines(out, 'infrastructure')).sort()).toEqual([...ACCESS_POINTS].sort());
  const sensors = jsonLines(out, 'rssi_readings').map(({ sensor_id }) => String(sensor_id));
  expect(sensors.every((id) => id === id.toLowerCase())).toBe(true);

  // The user knows better: one is on the list, the other a phone whatever it does.
  writeFileSync(
    join(cwd, 'infrastructure.csv'),
    `${ACCESS_POINTS[0].toUpperCase()}\n${ACCESS_POINTS[1]},phone\n`,
  );
  expect((await replay('listed')).code).toBe(0);
  const listed = join(cwd, 'listed');
  expect(phonesOf(jsonLines(listed, 'visits')).sort()).toEqual([SHOPPER, ACCESS_POINTS[1]].sort());
  expect(jsonLines(listed, 'infrastructure')).toEqual([]);
}, 90_000);

it('is one visit live as well, through a broker, and no log names an address', async () => {
  const pipeline = startCli(cwd, ['pipeline', '--no-simulate'], {
    ...TETAM_LAYOUT,
    ENABLE_UPLOAD: 'false',
    LOG_LEVEL: 'debug',
  });
  try {
    await pipeline.says(/Ctrl-C stops and drains/);
    const client = await mqtt.connectAsync(embeddedEnv(cwd)['MQTT_URL'] ?? '');
    const frames = allFrames(Math.floor(Date.now() / 5_000) * 5 - 400);
    for (let from = 0; from < frames.length; from += 500) {
      // What waited at its sensor is old with a right clock.
      const part = frames.slice(from, from + 500).map((one) => ({ ...one, queued: true }));
      await client.publishAsync('neuralsense/rssi', JSON.stringify(part), { qos: 1 });
    }
    await client.endAsync();
    await pipeline.says(/2 devices heard all the time and everywhere/);
    pipeline.interrupt();
    const { code, said } = await pipeline.ended;
    expect(code).toBe(0);
    const output = join(cwd, 'output');
    expect(phonesOf(jsonLines(output, 'visits'))).toEqual([SHOPPER]);
    expect(phonesOf(jsonLines(output, 'infrastructure')).sort()).toEqual([...ACCESS_POINTS].sort());
    expect(jsonLines(output, 'rejected_messages')).toEqual([]);
    expect(said).toMatch(/info {2}infrastructure found devices=2/);
    expect(leaks(said, [SHOPPER, ...ACCESS_POINTS, ...GROUPS])).toEqual([]);
  } finally {
    await pipeline.destroy();
  }
}, 90_000);
