import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { either as E } from 'fp-ts';
import { type Config, readConfig, SETTING_NAMES } from '../../../src/config.ts';
import { missingForUploads } from '../../../src/uploadNeeds.ts';

const UUID = '6d3aed9e-f6fb-5dcb-8859-dfce59635c54';
const SECRET = 'hunter2/and-some-more';

const PROJECT = {
  SUPABASE_URL: 'https://example.supabase.co',
  SUPABASE_ANON_KEY: 'sb_publishable_x',
  STORE_ID: UUID,
  ORG_ID: UUID,
  INGEST_TOKEN: 'nsit_x',
  PHONE_HASH_SECRET: SECRET,
};

type Given = Readonly<Record<string, string | undefined>>;

const settingsOf = (env: Given): Config => {
  const config = readConfig(env);
  if (E.isLeft(config)) throw new Error(config.left.join('\n'));
  return config.right;
};

const problemsOf = (env: Given): ReadonlyArray<string> => {
  const config = readConfig(env);
  return E.isLeft(config) ? config.left : [];
};

describe('readConfig', () => {
  it('needs nothing', () => {
    const { MQTT_URL, SUPABASE_URL, ...config } = settingsOf({});
    expect([MQTT_URL, SUPABASE_URL]).toEqual([undefined, undefined]);
    expect(config).toMatchObject({
      MQTT_TOPIC: 'neuralsense/rssi,neuralsense/rssi/+,neuralsense/rssi/+/+',
      MQTT_PROTOCOL: '5',
      MQTT_FORMATS: [{ name: 'native' }],
      ENABLE_UPLOAD: true,
      UPLOAD_BATCH_SIZE: 50,
      UPLOAD_INTERVAL_SEC: 30,
      UPLOAD_MAX_RETRIES: 3,
      ZONES_FILE: 'zones.csv',
      SENSORS_FILE: 'sensors.csv',
      OUTPUT_DIR: 'output',
      WINDOW_GRACE_SEC: 1,
      MAX_CLOCK_SKEW_SEC: 600,
      LOG_LEVEL: 'info',
    });
  });

  it('counts an empty setting, and one of spaces, as not given', () => {
    const names = [...SETTING_NAMES, 'SUPABASE_PUBLISHABLE_KEY'];
    const all = (value: string) => Object.fromEntries(names.map((name) => [name, value]));
    expect(settingsOf(all(''))).toEqual(settingsOf({}));
    expect(settingsOf(all('  '))).toEqual(settingsOf({}));
  });

  it('reads numbers, flags and words as people write them', () => {
    expect(
      settingsOf({
        UPLOAD_BATCH_SIZE: ' 500 ',
        WINDOW_GRACE_SEC: '0.5',
        ENABLE_UPLOAD: 'FALSE',
        LOG_LEVEL: 'Debug',
        MQTT_PROTOCOL: '3.1.1',
      }),
    ).toMatchObject({
      UPLOAD_BATCH_SIZE: 500,
      WINDOW_GRACE_SEC: 0.5,
      ENABLE_UPLOAD: false,
      LOG_LEVEL: 'debug',
      MQTT_PROTOCOL: '3.1.1',
    });
  });

  it('takes no notice of what is not its own', () => {
    expect(settingsOf({ PATH: '/bin', MQTT_ULR: 'typo' })).toEqual(settingsOf({}));
  });

  it.each([
    ['MQTT_URL', 'broker.local:1883', 'give a URL such as mqtt://host'],
    ['MQTT_URL', 'https://broker', 'give a URL such as mqtt://host'],
    ['SUPABASE_URL', 'example.supabase.co', 'give a URL such as https://host'],
    ['STORE_ID', 'store-1', 'give the uuid (lower case) as it stands in the database'],
    ['STORE_NAME', 'down/town', 'give 1…64 characters without / + # or spaces'],
    ['ENABLE_UPLOAD', 'yes', 'give true or false'],
    ['UPLOAD_BATCH_SIZE', '0', 'give a whole number of rows from 1 to 500'],
    ['UPLOAD_BATCH_SIZE', '501', 'give a whole number of rows from 1 to 500'],
    ['UPLOAD_BATCH_SIZE', '2.5', 'give a whole number of rows from 1 to 500'],
    ['UPLOAD_INTERVAL_SEC', 'thirty', 'give seconds from 1 to 3600'],
    ['UPLOAD_MAX_RETRIES', '-1', 'give a whole number of retries from 0 to 20'],
    ['ROTATE_MB', 'Infinity', 'give megabytes from 0.001 to 10000'],
    ['MQTT_PROTOCOL', '4', 'give one of 3.1.1, 5'],
    [
      'MQTT_FORMATS',
      'esp',
      'give one or more of native, espresense, openmqttgateway, theengs, room-assistant, monitor, separated by commas',
    ],
    ['LOG_LEVEL', 'verbose', 'give one of error, warn, info, debug'],
  ])('says what to do about %s=%s', (name, value, advice) => {
    expect(problemsOf({ [name]: value })).toContain(`${name}: ${advice} (it is "${value}")`);
  });

  it('reports all mistakes together: unreadable, missing and contradictory ones', () => {
    const problems = problemsOf({
      SUPABASE_URL: 'example.supabase.co',
      STORE_ID: 'store-1',
      UPLOAD_BATCH_SIZE: 'many',
      DWELL_GAP_SEC: '600',
      VISIT_GAP_SEC: '300',
      MQTT_CERT_FILE: 'client.pem',
      MQTT_BROKER_PORT: '70000',
    });
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual([
      'MQTT_BROKER_PORT',
      'MQTT_CERT_FILE, MQTT_KEY_FILE',
      'STORE_ID',
      'SUPABASE_URL',
      'UPLOAD_BATCH_SIZE',
      'VISIT_GAP_SEC, DWELL_GAP_SEC',
    ]);
  });

  it('lets no prefix stand where the exposed broker would refuse its topics', () => {
    expect(problemsOf({ EMBEDDED_MQTT_HOST: '0.0.0.0', MQTT_TOPIC_PREFIX: 'shop' })).toEqual([
      expect.stringMatching(/^EMBEDDED_MQTT_HOST, MQTT_TOPIC_PREFIX: .*give one of them/),
    ]);
  });

  it('blames nothing on a setting that it could not read', () => {
    const problems = problemsOf({ DWELL_GAP_SEC: '1200', VISIT_GAP_SEC: 'long' });
    expect(problems).toEqual(['VISIT_GAP_SEC: give seconds from 5 to 86400 (it is "long")']);
  });

  it('asks for STORE_ID with SUPABASE_URL, saying where it is', () => {
    const without = { ...PROJECT, STORE_ID: '' };
    expect(problemsOf(without)).toEqual([
      'STORE_ID: needed with SUPABASE_URL: select id, store_name from stores;',
    ]);
    expect(problemsOf({ ...without, SUPABASE_URL: 'typo' })).toHaveLength(2);
    expect(problemsOf({ ...without, ENABLE_UPLOAD: 'false' })).toEqual([]);
    expect(problemsOf({ ...without, SUPABASE_URL: '' })).toEqual([]);
  });

  it.each(['SUPABASE_ANON_KEY', 'ORG_ID', 'INGEST_TOKEN', 'PHONE_HASH_SECRET'])(
    'starts without %s, which uploads wait for, and says where it is',
    (name) => {
      const without = { ...PROJECT, [name]: '' };
      expect(missingForUploads(settingsOf(without))).toEqual([
        { setting: name, from: expect.stringMatching(/.{10,}/) },
      ]);
      expect(missingForUploads(settingsOf({ ...without, ENABLE_UPLOAD: 'false' }))).toEqual([]);
      expect(missingForUploads(settingsOf({ ...without, SUPABASE_URL: '' }))).toEqual([]);
      expect(problemsOf({ ...without, LAYOUT_SOURCE: 'database' })).toEqual([
        expect.stringMatching(new RegExp(`^${name}: needed with LAYOUT_SOURCE=database: .{10,}`)),
      ]);
    },
  );

  it('holds nothing where everything is given', () => {
    expect(missingForUploads(settingsOf(PROJECT))).toEqual([]);
  });

  it.each([
    ['', 'new'],
    ['  ', 'new'],
    ['old', 'old'],
  ])(
    'reads SUPABASE_PUBLISHABLE_KEY where SUPABASE_ANON_KEY is "%s"',
    (SUPABASE_ANON_KEY, expected) => {
      const env = { ...PROJECT, SUPABASE_ANON_KEY, SUPABASE_PUBLISHABLE_KEY: 'new' };
      expect(settingsOf(env).SUPABASE_ANON_KEY).toBe(expected);
    },
  );

  it('shows no secret, whatever is wrong', () => {
    const problems = problemsOf({
      MQTT_URL: `htp://sensor:${SECRET}@broker`,
      SUPABASE_URL: `postgres:${SECRET}@host`,
      PHONE_HASH_SECRET: SECRET.slice(0, 15),
      INGEST_TOKEN: SECRET,
      MQTT_PASSWORD: SECRET,
      SUPABASE_ANON_KEY: SECRET,
      LOG_LEVEL: 'loud',
    });
    expect(problems.length).toBeGreaterThan(3);
    expect(problems.join('\n')).not.toContain(SECRET.slice(0, 15));
    expect(problems.join('\n')).toContain('broker');
  });
});

describe('.env.example', () => {
  const example = parseEnv(readFileSync('.env.example', 'utf8'));

  it('names every setting and nothing else', () => {
    expect(Object.keys(example).sort()).toEqual([...SETTING_NAMES].sort());
  });

  it.each(['README.md', 'README.ko.md'])('%s has a row for every setting', (file) => {
    const text = readFileSync(file, 'utf8');
    expect(SETTING_NAMES.filter((name) => !text.includes(`| \`${name}\` |`))).toEqual([]);
  });

  it('changes nothing when it is copied as it is', () => {
    expect(settingsOf(example)).toEqual(settingsOf({}));
  });
});
