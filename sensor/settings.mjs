// @ts-check
import { readFileSync } from 'node:fs';

/** @typedef {Readonly<Record<string, string | undefined>>} Environment */

/** Everything that is wrong, at once. */
export class Misconfigured extends Error {}

const CAPTURE =
  "tcpdump -i $INTERFACE -y IEEE802_11_RADIO -s 256 -U -w - 'type mgt subtype probe-req'";

/**
 * @template A
 * @param {A} values
 * @returns {{ [K in keyof A]?: NonNullable<A[K]> }}
 */
const withoutAbsent = (values) =>
  /** @type {any} */ (
    Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== undefined))
  );

/**
 * The settings of sensor.env.example.
 *
 * @param {Environment} env
 */
export const readSettings = (env) => {
  /** @type {string[]} */
  const problems = [];
  const text = (/** @type {string} */ name) => {
    const value = env[name]?.trim();
    return value === '' ? undefined : value;
  };
  /** @param {string} name @param {RegExp} form @param {string} advice @param {string} [absent] */
  const needed = (name, form, advice, absent = '') => {
    const value = text(name) ?? absent;
    if (!form.test(value)) problems.push(`${name}: ${advice}`);
    return value;
  };
  /** @param {string} name @param {number} absent @param {number} least */
  const number = (name, absent, least) => {
    const value = Number(text(name) ?? absent);
    if (!(value >= least)) problems.push(`${name}: give a number from ${least}`);
    return value;
  };
  /** @param {string} name */
  const file = (name) => {
    const path = text(name);
    try {
      return path === undefined ? undefined : readFileSync(path);
    } catch (problem) {
      problems.push(`${name}: ${problem instanceof Error ? problem.message : problem}`);
      return undefined;
    }
  };
  const secret = text('HASH_SECRET');
  if (secret !== undefined && secret.length < 16)
    problems.push('HASH_SECRET: give the PHONE_HASH_SECRET of the store, 16 characters or more');
  const sensorId = needed(
    'SENSOR_ID',
    /^[\p{L}\p{M}\p{N}_.:-]{1,64}$/u,
    'give 1…64 letters, digits or . : _ -',
  );
  const store = needed(
    'STORE_NAME',
    /^[^/+#\s]{1,64}$/,
    'give 1…64 characters without / + # or spaces',
    'demo',
  );
  const settings = {
    sensorId,
    url: needed('MQTT_URL', /^(mqtts?|wss?):\/\/./, 'give a URL such as mqtts://192.168.0.10:8883'),
    topic: `neuralsense/rssi/${store}/${sensorId}`,
    /** What proves to the broker who we are; only what was given. */
    access: withoutAbsent({
      username: text('MQTT_USERNAME'),
      password: text('MQTT_PASSWORD'),
      ca: file('MQTT_CA_FILE'),
      cert: file('MQTT_CERT_FILE'),
      key: file('MQTT_KEY_FILE'),
    }),
    secret,
    capture: (text('CAPTURE_COMMAND') ?? CAPTURE).replaceAll(
      '$INTERFACE',
      text('INTERFACE') ?? 'wlan1',
    ),
    queueDir: text('QUEUE_DIR') ?? text('STATE_DIRECTORY') ?? 'queue',
    queueBytes: number('QUEUE_MB', 64, 0.001) * 1_000_000,
    publishMs: number('PUBLISH_EVERY_MS', 1_000, 10),
    heartbeatMs: number('HEARTBEAT_SEC', 20, 0.1) * 1_000,
  };
  if (problems.length > 0) throw new Misconfigured(problems.join('\n'));
  return settings;
};
