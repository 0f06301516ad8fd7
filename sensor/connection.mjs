// @ts-check
import mqtt from 'mqtt';

/** @typedef {ReturnType<typeof import('./settings.mjs').readSettings>} Settings */

export const RETAINED = /** @type {const} */ ({ qos: 1, retain: true });

/** How a broker of MQTT 3.1.1, and one of MQTT 5, refuses the version. */
const WRONG_VERSION = [1, 0x84];
/** The lowest reason code of MQTT 5 that is a refusal. */
const REFUSED = 0x80;

/** @param {Error} problem @returns {number} of the broker; 0 where the problem is none of its */
const reasonOf = (problem) => ('code' in problem ? Number(problem.code) || 0 : 0);

/** @param {Error} problem */
export const isRefusal = (problem) => reasonOf(problem) >= REFUSED;

/** @param {string} topic @param {Error} problem */
export const refusalText = (topic, { message }) =>
  `${topic} is refused by the broker (${message}): STORE_NAME must be as the pipeline's, SENSOR_ID ` +
  "the name in this sensor's certificate or MQTT_USERNAME, and the broker's acl must let it publish there";

/**
 * Each connection begins in MQTT 5, for only there a broker tells that it refused a message; 3.1.1
 * has it acknowledge what it threw away. A broker that speaks no MQTT 5 gets 3.1.1 the next time.
 *
 * @param {import('mqtt').MqttClient} client
 */
const agreeOnVersion = (client) => {
  /** @type {4 | 5} */
  let next = 5;
  client.on('error', (problem) => {
    if (WRONG_VERSION.includes(reasonOf(problem))) next = 4;
  });
  client.on('close', () => {
    client.options.protocolVersion = next;
    next = 5;
  });
};

/** @param {string} text */
const decoded = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/**
 * mqtt.js takes a name and a password in a URL apart at the last colon, and drops the brackets of an
 * IPv6 address, which a websocket needs.
 *
 * @param {string} text
 */
const addressOf = (text) => {
  const url = new URL(text);
  const { hostname, protocol, username, password } = url;
  url.username = '';
  url.password = '';
  return {
    url: url.href,
    options: {
      ...(username !== '' && { username: decoded(username) }),
      ...(password !== '' && { password: decoded(password) }),
      ...(protocol.startsWith('ws') && { hostname }),
    },
  };
};

/**
 * A connection that comes back, also where the broker refused it.
 *
 * @param {Settings} settings
 * @param {string} statusTopic
 */
export const connect = ({ url, sensorId, access }, statusTopic) => {
  const address = addressOf(url);
  const client = mqtt.connect(address.url, {
    ...access,
    ...address.options,
    // Brokers give a sensor the client ids that begin with its name, and no others.
    clientId: `${sensorId}/sensor`,
    protocolVersion: 5,
    keepalive: 15,
    reconnectPeriod: 2_000,
    reconnectOnConnackError: true,
    will: { topic: statusTopic, payload: Buffer.from('{"state":"offline"}'), ...RETAINED },
  });
  agreeOnVersion(client);
  return client;
};
