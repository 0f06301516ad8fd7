import type { Config } from '../config.ts';

/** Who gives one of these has a shop, and wants no visits made up in it. */
const OF_A_REAL_SHOP = [
  'MQTT_BROKER_IP',
  'MQTT_BROKER_PORT',
  'MQTT_URL',
  'MQTT_TOPIC_PREFIX',
  'EMBEDDED_MQTT_HOST',
  'SUPABASE_URL',
  'SUPABASE_ANON_KEY',
  'STORE_ID',
  'ORG_ID',
  'STORE_NAME',
  'INGEST_TOKEN',
  'PHONE_HASH_SECRET',
  'CALIBRATION_FILE',
] as const satisfies ReadonlyArray<keyof Config>;

/** The first setting that speaks of a real shop. */
export const realShopBy = (config: Config): string | undefined =>
  config.PI_IDS.length > 0
    ? 'PI_IDS'
    : OF_A_REAL_SHOP.find((setting) => config[setting] !== undefined);
