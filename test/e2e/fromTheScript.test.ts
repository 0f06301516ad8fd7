import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MqttBroker, startMqttBroker } from '../../src/embedded/mqttBroker.ts';
import { type SupabaseStack, startSupabaseStack } from '../../src/embedded/supabaseStack.ts';
import { eventually } from '../integration/embedded/eventually.ts';
import { type RunningCli, startCli } from '../support/cli.ts';
import { layDatabase } from '../support/emptyDatabase.ts';
import { jsonLines } from '../support/outputs.ts';
import {
  layScriptShop,
  publishAsScript,
  SCRIPT_MESSAGES,
  SCRIPT_OUTPUT,
} from '../support/scriptShop.ts';

const NOBODY_LISTENS = 'http://127.0.0.1:9';
const WITHIN_MS = 60_000;

let root: string;
let cwd: string;
let output: string;
let broker: MqttBroker;
let stack: SupabaseStack;
let pipeline: RunningCli | undefined;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'from-the-script-'));
  cwd = mkdtempSync(join(root, 'shop-'));
  output = join(cwd, 'output');
  broker = await startMqttBroker({ port: 0 });
  const dataDir = join(root, 'stack');
  await layDatabase(dataDir);
  stack = await startSupabaseStack({ dataDir, port: 0 });
  layScriptShop(cwd, {
    MQTT_BROKER_PORT: new URL(broker.url).port,
    SUPABASE_URL: NOBODY_LISTENS,
    STORE_ID: stack.storeId,
    ORG_ID: stack.orgId,
  });
}, 120_000);
afterAll(async () => {
  await pipeline?.destroy();
  await broker?.close();
  await stack?.close();
  rmSync(root, { recursive: true, force: true });
}, 60_000);

/** Beside the script's file of that name, which is left as it is. */
const OURS = /^zone_assignments\.\d{4}-.*\.jsonl$/;
const placedByUs = () =>
  readdirSync(output)
    .filter((name) => OURS.test(name))
    .flatMap((name) => jsonLines(output, name.replace(/\.jsonl$/, '')));

/** The embedded broker, which stands for the shop's, speaks no MQTT 5. */
const start = (settings: Readonly<Record<string, string>> = {}): RunningCli =>
  startCli(cwd, ['pipeline'], { MQTT_PROTOCOL: '3.1.1', ...settings });

const stop = async (): Promise<string> => {
  pipeline?.interrupt();
  const { code, said } = (await pipeline?.ended) ?? {};
  expect(code).toBe(0);
  return said ?? '';
};

/** The owner of the shop stops the script and starts the pipeline; the cases tell one story. */
describe('the pipeline on what the Python script leaves behind', () => {
  it('starts with the same .env, says what it read, and names what uploads wait for', async () => {
    pipeline = start();
    await pipeline.says(/Ctrl-C stops and drains/, 120_000);
    const screen = pipeline.said();
    expect(screen).toContain("the Python script's: MQTT_BROKER_IP → MQTT_URL, PI_IDS → 8 sensors");
    expect(screen).toMatch(new RegExp(`broker +${broker.url} +yours`));
    expect(screen).toContain('zones come by output/calibration.jsonl');
    expect(screen).toMatch(/uploads +held: all is saved/);
    expect(screen).toMatch(/INGEST_TOKEN +npm run token -- create --label shop/);
    expect(screen).toMatch(/PHONE_HASH_SECRET +npm run secret/);
    expect(screen).not.toContain('simulated');
    await pipeline.says(/uploads held: INGEST_TOKEN, PHONE_HASH_SECRET missing/);
  }, 150_000);

  it('places the phones that its sensors hear, and holds the rows back', async () => {
    // At QoS 0 a broker keeps nothing for who has not yet subscribed.
    const placed = async () => {
      await publishAsScript(broker.url, SCRIPT_MESSAGES);
      return placedByUs().at(0);
    };
    await eventually('an assignment', placed, WITHIN_MS);
    await pipeline?.says(/[1-9]\d* assignments · 0 rows uploaded/);
    expect(jsonLines(output, 'rejected_messages')).toEqual([]);
  }, 90_000);

  it('names within ten seconds why most is rejected, and what helps', async () => {
    const before = pipeline?.said().length ?? 0;
    await publishAsScript(broker.url, SCRIPT_MESSAGES, { rpi_id: 'pi14' });
    const from = Date.now();
    const line = await pipeline?.says(/(\d+) rejected: sensor_id pi14 is not in PI_IDS: add/);
    // A loaded machine may be late by itself.
    expect(Date.now() - from).toBeLessThan(20_000);
    expect(Number(line?.[1])).toBeGreaterThan(0);
    expect(pipeline?.said().slice(before)).not.toMatch(/([0-9a-f]{2}:){5}/);
    const said = await stop();
    expect(said).toContain('0 rows uploaded');
    expect(said).not.toContain('uploads wait');
  }, 90_000);

  it('sends all that was held once the token and the secret are there', async () => {
    const held = placedByUs().length;
    pipeline = start({
      SUPABASE_URL: stack.url,
      SUPABASE_ANON_KEY: stack.publishableKey,
      INGEST_TOKEN: stack.ingestToken,
      PHONE_HASH_SECRET: 'sixteen characters or more',
      UPLOAD_INTERVAL_SEC: '1',
    });
    await pipeline.says(/Uploads go on where they ended: \d+ rows saved before/, 120_000);
    expect(pipeline.said()).not.toContain('held');
    const arrived = async (): Promise<number | undefined> => {
      const response = await fetch(`${stack.url}/rest/v1/zone_events?select=id`, {
        headers: { apikey: stack.secretKey },
      });
      const rows: unknown = await response.json();
      return Array.isArray(rows) && rows.length >= held ? rows.length : undefined;
    };
    expect(held).toBeGreaterThan(0);
    expect(await eventually('every assignment in the database', arrived, WITHIN_MS)).toBe(held);
    await stop();
  }, 240_000);

  it.each(SCRIPT_OUTPUT)('has left %s of the script as it was', (name) => {
    const kept = readFileSync(join(output, name));
    expect(kept.equals(readFileSync(`test/fixtures/script/${name}`))).toBe(true);
  });
});
