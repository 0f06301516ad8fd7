import { either as E } from 'fp-ts';
import { realShopBy } from '../../../src/commands/realShop.ts';
import { readConfig } from '../../../src/config.ts';

const UUID = '6d3aed9e-f6fb-5dcb-8859-dfce59635c54';

const toldBy = (env: Readonly<Record<string, string>>): string | undefined => {
  const config = readConfig({ ENABLE_UPLOAD: 'false', ...env });
  if (E.isLeft(config)) throw new Error(config.left.join('\n'));
  return realShopBy(config.right);
};

it.each([
  ['MQTT_URL', 'mqtt://shop'],
  ['MQTT_BROKER_IP', '10.0.0.1'],
  ['MQTT_BROKER_PORT', '1884'],
  ['EMBEDDED_MQTT_HOST', '0.0.0.0'],
  ['MQTT_TOPIC_PREFIX', 'neuralsense'],
  ['PI_IDS', 'pi5'],
  ['SUPABASE_URL', 'https://example.supabase.co'],
  ['SUPABASE_ANON_KEY', 'anon'],
  ['STORE_ID', UUID],
  ['STORE_NAME', 'downtown'],
  ['ORG_ID', UUID],
  ['INGEST_TOKEN', 'nsit_x'],
  ['PHONE_HASH_SECRET', '0123456789abcdef'],
  ['CALIBRATION_FILE', 'calibration.json'],
])('%s speaks of a real shop', (name, value) => {
  expect(toldBy({ [name]: value })).toBe(name);
});

it.each([{}, { ZONES_FILE: 'elsewhere.csv', OUTPUT_DIR: 'out', LOG_LEVEL: 'debug' }])(
  'nothing in %j does',
  (env) => {
    expect(toldBy(env)).toBeUndefined();
  },
);
