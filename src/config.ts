import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import {
  amount,
  flag,
  matching,
  oneOf,
  optional,
  text,
  url,
  whole,
  withDefault,
} from './setting.ts';

const uuid = matching(
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'give the uuid (lower case) as it stands in the database',
);

/** Every setting, its form and its default; .env.example explains each. */
const Settings = t.strict({
  MQTT_URL: optional(url('mqtt:', 'mqtts:', 'ws:', 'wss:')),
  MQTT_TOPIC: withDefault(text, 'neuralsense/rssi,neuralsense/rssi/+'),
  MQTT_USERNAME: optional(text),
  MQTT_PASSWORD: optional(text),
  MQTT_CLIENT_ID: optional(text),
  MQTT_CA_FILE: optional(text),
  MQTT_CERT_FILE: optional(text),
  MQTT_KEY_FILE: optional(text),
  MQTT_PROTOCOL: withDefault(oneOf('3.1.1', '5'), '5'),

  SUPABASE_URL: optional(url('https:', 'http:')),
  SUPABASE_ANON_KEY: optional(text),
  STORE_ID: optional(uuid),
  STORE_NAME: optional(
    matching(/^[^/+#\s]{1,64}$/, 'give 1…64 characters without / + # or spaces'),
  ),
  ORG_ID: optional(uuid),
  INGEST_TOKEN: optional(text),
  PHONE_HASH_SECRET: optional(
    matching(/^.{16,}$/, 'give at least 16 characters, for example from: openssl rand -hex 32'),
  ),

  ENABLE_UPLOAD: withDefault(flag, true),
  UPLOAD_BATCH_SIZE: withDefault(whole('rows', 1, 500), 50),
  UPLOAD_INTERVAL_SEC: withDefault(amount('seconds', 1, 3600), 30),
  UPLOAD_MAX_RETRIES: withDefault(whole('retries', 0, 20), 3),
  UPLOAD_TIMEOUT_SEC: withDefault(amount('seconds', 1, 300), 20),

  ZONES_FILE: withDefault(text, 'zones.csv'),
  SENSORS_FILE: withDefault(text, 'sensors.csv'),
  OUTPUT_DIR: withDefault(text, 'output'),
  ROTATE_MB: withDefault(amount('megabytes', 0.001, 10_000), 64),
  RETENTION_DAYS: withDefault(amount('days', 1, 3650), 30),

  WINDOW_GRACE_SEC: withDefault(amount('seconds', 0, 60), 1),
  MAX_CLOCK_SKEW_SEC: withDefault(amount('seconds', 1, 31_536_000), 600),
  DWELL_CONFIRM: withDefault(whole('windows', 1, 100), 2),
  DWELL_GAP_SEC: withDefault(amount('seconds', 5, 86_400), 300),
  VISIT_GAP_SEC: withDefault(amount('seconds', 5, 86_400), 900),

  LOG_LEVEL: withDefault(oneOf('error', 'warn', 'info', 'debug'), 'info'),
});
export type Config = t.TypeOf<typeof Settings>;

export const SETTING_NAMES: ReadonlyArray<string> = Object.keys(Settings.type.props);

const SECRETS = new Set([
  'MQTT_PASSWORD',
  'SUPABASE_ANON_KEY',
  'INGEST_TOKEN',
  'PHONE_HASH_SECRET',
]);

const describe = (error: t.ValidationError): string => {
  const name = error.context[1]?.key ?? '';
  const given = SECRETS.has(name) ? '' : ` (it is "${String(error.value)}")`;
  return `${name}: ${error.message ?? 'cannot be read'}${given}`;
};

/** What a Supabase project of one's own needs, and where to find each. */
const WHERE_TO_FIND = {
  SUPABASE_ANON_KEY: "the project's publishable (anon) key: Supabase dashboard → API keys",
  STORE_ID: 'select id, store_name from stores;',
  ORG_ID: 'select org_id from stores;',
  INGEST_TOKEN: "the store's ingest token: see docs/supabase.md",
  PHONE_HASH_SECRET: "the store's secret for hashing phone addresses: openssl rand -hex 32",
} as const;

const missing = (config: Config): ReadonlyArray<string> =>
  config.ENABLE_UPLOAD && config.SUPABASE_URL !== undefined
    ? (Object.keys(WHERE_TO_FIND) as ReadonlyArray<keyof typeof WHERE_TO_FIND>)
        .filter((name) => config[name] === undefined)
        .map((name) => `${name}: needed with SUPABASE_URL: ${WHERE_TO_FIND[name]}`)
    : [];

const contradictions = (config: Config): ReadonlyArray<string> => [
  ...missing(config),
  ...((config.MQTT_CERT_FILE === undefined) === (config.MQTT_KEY_FILE === undefined)
    ? []
    : ['MQTT_CERT_FILE, MQTT_KEY_FILE: give both or neither: a certificate proves nothing alone']),
  ...(config.VISIT_GAP_SEC < config.DWELL_GAP_SEC
    ? ['VISIT_GAP_SEC: give at least DWELL_GAP_SEC: a visit cannot end before its last dwell']
    : []),
];

/**
 * Settings from environment variables. Left: every problem at once, each with what to do, and
 * without the value where it is a secret. SUPABASE_PUBLISHABLE_KEY is SUPABASE_ANON_KEY's new name.
 */
export const readConfig = (
  env: Readonly<Record<string, string | undefined>>,
): E.Either<ReadonlyArray<string>, Config> => {
  const key = env['SUPABASE_ANON_KEY'] || env['SUPABASE_PUBLISHABLE_KEY'];
  const decoded = Settings.decode({ ...env, SUPABASE_ANON_KEY: key });
  if (E.isLeft(decoded)) return E.left(decoded.left.map(describe));
  const problems = contradictions(decoded.right);
  return problems.length > 0 ? E.left(problems) : E.right(decoded.right);
};
