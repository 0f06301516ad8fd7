import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { runCli, SHIPPED_LAYOUT, startCli } from '../support/cli.ts';
import { embeddedEnv } from '../support/embedded.ts';
import { layDatabase } from '../support/emptyDatabase.ts';
import { holdsLines, jsonLines } from '../support/outputs.ts';

const PHONE = 'a8:76:50:e9:28:7f';
const STRANGER = 'b2:34:56:78:9a:bc';
/** An address in every usual writing. */
const writings = (mac: string): ReadonlyArray<string> => {
  const bare = mac.replaceAll(':', '');
  const lower = [mac, bare, mac.replaceAll(':', '-'), bare.replace(/(....)(?=.)/g, '$1.')];
  return [...lower, ...lower.map((writing) => writing.toUpperCase())];
};
const PASSWORD = 'a broker’s password';
const SETTINGS = {
  ...SHIPPED_LAYOUT,
  LOG_LEVEL: 'debug',
  MQTT_USERNAME: 'pipeline',
  MQTT_PASSWORD: PASSWORD,
  UPLOAD_INTERVAL_SEC: '1',
};

let cwd: string;
beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'secrecy-'));
  await layDatabase(join(cwd, '.neuralsense'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const secretsOf = (): ReadonlyArray<string> => {
  const file = readFileSync(join(cwd, '.neuralsense', 'secrets.json'), 'utf8');
  const { publishableKey: _public, ...secret } = JSON.parse(file) as Record<string, string>;
  return [...Object.values(secret), PASSWORD];
};

/** Readings, rubbish that holds an address, and an address where none belongs. */
const publish = async (url: string): Promise<void> => {
  const sensor = await mqtt.connectAsync(url, { clientId: `sensor ${PHONE}` });
  const now = Date.now() / 1000;
  const reading = { sensor_id: 'pi5', phone_id: PHONE, rssi: -61, ts: now };
  for (const payload of [
    ...[1, 2, 3].map((step) => JSON.stringify({ ...reading, ts: now + step / 10 })),
    JSON.stringify({ ...reading, sensor_id: STRANGER }),
    `{"phone_id":"${STRANGER}`,
    JSON.stringify({ ...reading, phone_id: `${STRANGER}\nforged line`, rssi: PASSWORD }),
  ])
    await sensor.publishAsync('neuralsense/rssi', payload, { qos: 1 });
  // Who does what nobody may is named in the log, by a name of its own choice.
  const closed = new Promise<void>((resolve) => sensor.once('close', resolve));
  sensor.publish('$SYS/forbidden', 'x', { qos: 1 }, () => undefined);
  await closed;
  await sensor.endAsync(true);
};

test('no command says an address or a secret', async () => {
  const said: string[] = [];
  const pipeline = startCli(cwd, ['pipeline', '--no-simulate'], SETTINGS);
  try {
    await pipeline.says(/0 readings\/s/);
    await publish(embeddedEnv(cwd)['MQTT_URL'] ?? '');
    const output = join(cwd, 'output');
    await holdsLines(output, 'rssi_readings', 3);
    await pipeline.says(/[1-9]\d* rows uploaded/, 90_000);
    expect(jsonLines(output, 'rejected_messages')).toHaveLength(3);
    pipeline.interrupt();
    said.push((await pipeline.ended).said);
  } finally {
    await pipeline.destroy();
  }
  const letter = {
    schema_version: 1,
    upload: { phone: PHONE },
    reason: `about ${PHONE}`,
    attempts: 1,
  };
  writeFileSync(join(cwd, 'output', 'failed_uploads.jsonl'), `${JSON.stringify(letter)}\n`);
  for (const args of [['redrive'], ['forget', PHONE], ['forget', `${PHONE}:00`]])
    said.push((await runCli(cwd, args, SETTINGS)).said);
  const made = await runCli(cwd, ['token', 'create', '--label', 'one'], SETTINGS);
  const [, token = 'none'] = /^INGEST_TOKEN=(\S+)$/m.exec(made.said) ?? [];
  said.push(made.said.replace(token, ''));

  expect(said.join('')).toMatch(/broker client failed client="sensor …"/);
  expect(said.join('')).toContain('3 rejected');
  const everything = said.join('\n').split('\n');
  for (const hidden of [...writings(PHONE), ...writings(STRANGER), ...secretsOf(), token])
    expect(everything.filter((line) => line.includes(hidden))).toEqual([]);
  expect(everything.filter((line) => line.startsWith('forged'))).toEqual([]);
}, 180_000);
