import { either as E } from 'fp-ts';
import * as t from 'io-ts';
import { brokerOfScript, SCRIPT_SETTINGS, topicsOfScript } from './scriptSettings.ts';
import {
  amount,
  flag,
  matching,
  oneOf,
  optional,
  reading,
  text,
  url,
  whole,
  withDefault,
} from './setting.ts';
import { FORMAT_NAMES, readFormats } from './sources/formats/choose.ts';
import { missingForUploads } from './uploadNeeds.ts';

const uuid = matching(
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'give the uuid (lower case) as it stands in the database',
);

const formats = reading(
  'formats',
  readFormats,
  `give one or more of ${FORMAT_NAMES.join(', ')}, separated by commas`,
);

/** Every setting, its form and its default; .env.example explains each. */
const Settings = t.strict({
  MQTT_URL: optional(url('mqtt:', 'mqtts:', 'ws:', 'wss:')),
  MQTT_TOPIC: optional(text),
  MQTT_FORMATS: withDefault(formats, [{ name: 'native' }]),
  MQTT_USERNAME: optional(text),
  MQTT_PASSWORD: optional(text),
  MQTT_CLIENT_ID: optional(text),
  MQTT_CA_FILE: optional(text),
  MQTT_CERT_FILE: optional(text),
  MQTT_KEY_FILE: optional(text),
  MQTT_PROTOCOL: withDefault(oneOf('3.1.1', '5'), '5'),
  ...SCRIPT_SETTINGS,
  EMBEDDED_MQTT_HOST: optional(
    matching(/^[\da-f.:]+$|^[a-z\d.-]+$/i, 'give an address of this machine, or 0.0.0.0 for all'),
  ),
  EMBEDDED_MQTT_PORT: withDefault(whole('port', 0, 65_535), 8883),
  EMBEDDED_MQTT_CERTIFICATES: withDefault(text, 'certificates'),
  EMBEDDED_MQTT_CLIENTS: withDefault(oneOf('certificate', 'password'), 'certificate'),

  SUPABASE_URL: optional(url('https:', 'http:')),
  SUPABASE_ANON_KEY: optional(text),
  STORE_ID: optional(uuid),
  STORE_NAME: optional(
    matching(/^[^/+#\s]{1,64}$/, 'give 1…64 characters without / + # or spaces'),
  ),
  ORG_ID: optional(uuid),
  INGEST_TOKEN: optional(text),
  PHONE_HASH_SALT: optional(text),
  PHONE_HASH_SECRET: optional(
    matching(/^.{16,}$/, 'give at least 16 characters, for example from: npm run secret'),
  ),

  EMBEDDED_HOST: withDefault(
    matching(/^[\da-fA-F.:]+$/, 'give an IP address of this machine, 0.0.0.0 for all of them'),
    '127.0.0.1',
  ),
  EMBEDDED_PORT: withDefault(whole('port', 0, 65_535), 54_321),

  ENABLE_UPLOAD: withDefault(flag, true),
  ENABLE_LIVE: withDefault(flag, true),
  UPLOAD_BATCH_SIZE: withDefault(whole('rows', 1, 500), 50),
  UPLOAD_INTERVAL_SEC: withDefault(amount('seconds', 1, 3600), 30),
  UPLOAD_MAX_RETRIES: withDefault(whole('retries', 0, 20), 3),
  UPLOAD_TIMEOUT_SEC: withDefault(amount('seconds', 1, 300), 20),

  LAYOUT_SOURCE: withDefault(oneOf('files', 'database'), 'files'),
  LAYOUT_POLL_SEC: withDefault(amount('seconds', 5, 86_400), 60),
  ZONES_FILE: withDefault(text, 'zones.csv'),
  SENSORS_FILE: withDefault(text, 'sensors.csv'),
  CALIBRATION_FILE: optional(text),
  INFRASTRUCTURE_FILE: withDefault(text, 'infrastructure.csv'),
  OUTPUT_DIR: withDefault(text, 'output'),
  ROTATE_MB: withDefault(amount('megabytes', 0.001, 10_000), 64),
  OUTPUT_MAX_MB: withDefault(amount('megabytes', 1, 10_000_000), 10_000),
  RETENTION_DAYS: withDefault(amount('days', 1, 3650), 30),

  WINDOW_GRACE_SEC: withDefault(amount('seconds', 0, 60), 1),
  SENSOR_CLOCKS: withDefault(oneOf('auto', 'kept'), 'auto'),
  MAX_CLOCK_SKEW_SEC: withDefault(amount('seconds', 1, 31_536_000), 600),
  MAX_SENSOR_RATE: withDefault(amount('readings per second', 1, 1_000_000), 5_000),
  MAX_WINDOW_READINGS: withDefault(whole('readings', 20, 1_000_000), 20),
  DWELL_CONFIRM: withDefault(whole('windows', 1, 100), 2),
  DWELL_GAP_SEC: withDefault(amount('seconds', 5, 86_400), 300),
  VISIT_GAP_SEC: withDefault(amount('seconds', 5, 86_400), 900),

  LOG_LEVEL: withDefault(oneOf('error', 'warn', 'info', 'debug'), 'info'),
});
type Given = t.TypeOf<typeof Settings>;

/** Settings with what follows from the script's names where ours are not given. */
export interface Config extends Given {
  readonly MQTT_TOPIC: string;
}

const complete = (given: Given): Config => ({
  ...given,
  MQTT_URL: given.MQTT_URL ?? brokerOfScript(given),
  MQTT_TOPIC: given.MQTT_TOPIC ?? topicsOfScript(given),
});

export const SETTING_NAMES: ReadonlyArray<string> = Object.keys(Settings.type.props);

const SECRETS = new Set([
  'MQTT_PASSWORD',
  'SUPABASE_ANON_KEY',
  'INGEST_TOKEN',
  'PHONE_HASH_SALT',
  'PHONE_HASH_SECRET',
]);

/** What is wrong with which settings, and what to do about it. */
interface Problem {
  readonly settings: ReadonlyArray<string>;
  readonly advice: string;
}

/** A URL may carry a name and a password before its @. */
const withoutCredentials = (value: string): string => value.replace(/.*@/s, '…@');

const unreadable = (error: t.ValidationError): Problem => {
  const name = error.context[1]?.key ?? '';
  const given = SECRETS.has(name) ? '' : ` (it is "${withoutCredentials(String(error.value))}")`;
  return { settings: [name], advice: `${error.message ?? 'cannot be read'}${given}` };
};

/** Without them nothing can be kept for a later upload, or read from the database. */
const missing = (config: Config, hasProject: boolean): ReadonlyArray<Problem> => [
  ...(hasProject && config.ENABLE_UPLOAD && config.STORE_ID === undefined
    ? [
        {
          settings: ['STORE_ID'],
          advice: 'needed with SUPABASE_URL: select id, store_name from stores;',
        },
      ]
    : []),
  ...(config.LAYOUT_SOURCE === 'database' ? missingForUploads(config) : []).map(
    ({ setting, from }) => ({
      settings: [setting],
      advice: `needed with LAYOUT_SOURCE=database: ${from}`,
    }),
  ),
];

const brokerSetting = (config: Config): string =>
  config.MQTT_URL === brokerOfScript(config) ? 'MQTT_BROKER_IP' : 'MQTT_URL';

/** One of each stream is appended to, and one is just being closed. */
const FILES_AT_LEAST = 10;

const contradictions = (config: Config): ReadonlyArray<Problem> => [
  ...((config.MQTT_CERT_FILE === undefined) === (config.MQTT_KEY_FILE === undefined)
    ? []
    : [
        {
          settings: ['MQTT_CERT_FILE', 'MQTT_KEY_FILE'],
          advice: 'give both or neither: a certificate proves nothing alone',
        },
      ]),
  ...(config.EMBEDDED_MQTT_HOST !== undefined && config.MQTT_URL !== undefined
    ? [
        {
          settings: ['EMBEDDED_MQTT_HOST', brokerSetting(config)],
          advice: 'give one of them: with a broker of your own there is no embedded one',
        },
      ]
    : []),
  ...(config.EMBEDDED_MQTT_HOST !== undefined && config.MQTT_TOPIC_PREFIX !== undefined
    ? [
        {
          settings: ['EMBEDDED_MQTT_HOST', 'MQTT_TOPIC_PREFIX'],
          advice:
            'the exposed embedded broker lets sensors publish below neuralsense/rssi alone: give one of them',
        },
      ]
    : []),
  ...(config.LAYOUT_SOURCE === 'database' && !config.ENABLE_UPLOAD
    ? [
        {
          settings: ['LAYOUT_SOURCE', 'ENABLE_UPLOAD'],
          advice: 'without uploads nothing is asked of the database: take zones from files',
        },
      ]
    : []),
  ...(config.OUTPUT_MAX_MB < FILES_AT_LEAST * config.ROTATE_MB
    ? [
        {
          settings: ['OUTPUT_MAX_MB', 'ROTATE_MB'],
          advice: `the first must be at least ${FILES_AT_LEAST} times the second: only rotated files are deleted`,
        },
      ]
    : []),
  ...(config.VISIT_GAP_SEC < config.DWELL_GAP_SEC
    ? [
        {
          settings: ['VISIT_GAP_SEC', 'DWELL_GAP_SEC'],
          advice: 'the first must not be smaller: a visit cannot end before its last dwell',
        },
      ]
    : []),
];

const isGiven = (value: string | undefined): boolean => value !== undefined && value.trim() !== '';

/**
 * Settings from environment variables. Left: every problem at once, each with what to do, and
 * without the value where it is a secret. SUPABASE_PUBLISHABLE_KEY is SUPABASE_ANON_KEY's new name.
 */
export const readConfig = (
  env: Readonly<Record<string, string | undefined>>,
): E.Either<ReadonlyArray<string>, Config> => {
  const key = [env['SUPABASE_ANON_KEY'], env['SUPABASE_PUBLISHABLE_KEY']].find(isGiven);
  const given = { ...env, SUPABASE_ANON_KEY: key };
  const decoded = Settings.decode(given);
  const wrong = E.isLeft(decoded) ? decoded.left.map(unreadable) : [];
  // What can be read is judged as well, so that nobody mends one mistake to be told the next.
  const unread = new Set(wrong.flatMap(({ settings }) => settings));
  const readable = Object.entries(given).filter(([name]) => !unread.has(name));
  const rest = E.isLeft(decoded) ? Settings.decode(Object.fromEntries(readable)) : decoded;
  const config = E.Functor.map(rest, complete);
  const further = E.isLeft(config)
    ? []
    : [
        ...missing(config.right, isGiven(env['SUPABASE_URL'])),
        ...contradictions(config.right),
      ].filter(({ settings }) => !settings.some((name) => unread.has(name)));
  const problems = [...wrong, ...further].map(
    ({ settings, advice }) => `${settings.join(', ')}: ${advice}`,
  );
  return E.isLeft(config) || problems.length > 0 ? E.left(problems) : config;
};
