import { either as E } from 'fp-ts';
import {
  foreignText,
  heldText,
  intro,
  resumedText,
} from '../../../src/commands/pipeline/pipelineText.ts';
import type { Surroundings } from '../../../src/commands/pipeline/surroundings.ts';
import { readConfig } from '../../../src/config.ts';
import { missingForUploads } from '../../../src/uploadNeeds.ts';

const UUID = '6d3aed9e-f6fb-5dcb-8859-dfce59635c54';
const OF_THE_SCRIPT = {
  MQTT_BROKER_IP: '127.0.0.1',
  MQTT_BROKER_PORT: '1883',
  MQTT_TOPIC_PREFIX: 'neuralsense',
  PI_IDS: 'pi5,pi7',
  SUPABASE_URL: 'https://example.supabase.co',
  SUPABASE_ANON_KEY: 'anon',
  STORE_ID: UUID,
  ORG_ID: UUID,
};

/** The start screen with these settings. */
const screen = (
  env: Readonly<Record<string, string>>,
  around: Partial<Surroundings> = {},
  isRead = true,
): string => {
  const config = readConfig(env);
  if (E.isLeft(config)) throw new Error(config.left.join('\n'));
  return intro(
    config.right,
    {
      mqttUrl: config.right.MQTT_URL ?? 'mqtt://127.0.0.1:1883',
      isBrokerEmbedded: config.right.MQTT_URL === undefined,
      storeId: UUID,
      storeName: UUID,
      held: missingForUploads(config.right),
      ...around,
    },
    { name: 'zones.csv', initial: { zones: [], sensors: [] } },
    isRead,
  );
};

it('shows the demo user’s password to who reads along, and keeps it out of a journal', () => {
  const access = { url: 'http://127.0.0.1:1', key: '', ingestToken: '', timeoutMs: 1 };
  const ids = { storeId: UUID, orgId: UUID, phoneHashSecret: '' };
  const around = {
    destination: { access, ...ids, isEmbedded: true },
    demoUser: { email: 'demo@shop', password: 'pass word' },
  };
  expect(screen({}, around)).toContain('pass word');
  expect(screen({}, around, false)).not.toContain('pass word');
  expect(screen({}, around, false)).toContain('.neuralsense/demo_user.json');
});

it('what an earlier process saved and did not upload', () => {
  expect(resumedText(0)).toBe('');
  expect(resumedText(12_345)).toContain('12,345 rows saved before');
  expect(heldText(0)).toBe('');
  expect(heldText(12_345)).toContain('12,345 rows saved before wait');
});

it('says in one line that the names of the script were read, and what they became', () => {
  expect(screen(OF_THE_SCRIPT)).toContain(
    "  settings  the Python script's: MQTT_BROKER_IP → MQTT_URL, PI_IDS → 2 sensors\n",
  );
  const others = { MQTT_URL: 'mqtt://ours', MQTT_TOPIC_PREFIX: 'shop', PI_IDS: '' };
  expect(screen({ ...OF_THE_SCRIPT, ...others })).toContain(
    'MQTT_BROKER_IP (not used: MQTT_URL is given), MQTT_TOPIC_PREFIX → MQTT_TOPIC\n',
  );
  expect(screen({})).not.toContain('script');
});

it('names what uploads wait for, and the commands that make it', () => {
  const said = screen(OF_THE_SCRIPT);
  expect(said).toMatch(/uploads +held: all is saved/);
  expect(said).toMatch(/INGEST_TOKEN +npm run token -- create --label shop\n/);
  expect(said).toMatch(/PHONE_HASH_SECRET +npm run secret\n/);
  expect(said).not.toContain('anon');
  expect(screen({})).not.toContain('held');
});

it('names the files of another program, what becomes of them, and where ours go', () => {
  const text = foreignText('output', [
    { name: 'zone_assignments.jsonl', own: 0 },
    { name: 'dwells.jsonl', own: 70, instead: 'dwells.2026-03-01.1.jsonl' },
  ]);
  expect(text).toContain('Left as they are, byte for byte, and not uploaded, in output/:');
  expect(text).toContain(
    'zone_assignments.jsonl was written by another program; ours go to zone_assignments.<day>.<n>.jsonl',
  );
  expect(text).toContain(
    'dwells.jsonl goes on with lines of another program; ours go to dwells.2026-03-01.1.jsonl',
  );
  expect(text).toContain('give one of the two programs another OUTPUT_DIR');
  expect(foreignText('output', [])).toBe('');
});

it('says aloud that a cursor was lost', () => {
  expect(resumedText(12_345, true)).toMatch(/UPLOAD CURSOR LOST.*[\s\S]*sent again, 12,345 rows/);
});
