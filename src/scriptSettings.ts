import { isIPv4, isIPv6 } from 'node:net';
import { SensorId, sensorName } from './model/sensorId.ts';
import { RSSI_TOPIC } from './model/topic.ts';
import { matching, optional, reading, whole, withDefault } from './setting.ts';

const isHost = (text: string): boolean =>
  /^[\d.]+$/.test(text) ? isIPv4(text) : /^[a-z\d]([\w.-]*[a-z\d])?$/i.test(text);

const host = reading(
  'host',
  (input) => {
    const text = input.replace(/^\[(.*)\]$/, '$1');
    if (isIPv6(text)) return text.includes('%') ? undefined : `[${text}]`;
    return isHost(text) ? text : undefined;
  },
  'give the address or the name of the broker alone; a whole URL goes into MQTT_URL',
);

const idsIn = (text: string): ReadonlyArray<string> => [
  ...new Set(
    sensorName(text)
      .split(/[\s,]+/)
      .filter((id) => id !== ''),
  ),
];

const sensorIds = reading<ReadonlyArray<string>>(
  'sensor ids',
  (input) => {
    const ids = idsIn(input);
    return ids.length > 0 && ids.every(SensorId.is) ? ids : undefined;
  },
  'give the ids of the sensors, separated by commas, such as pi5,pi7,pi8',
);

/** The names under which the Python script that this program replaces has the same settings. */
export const SCRIPT_SETTINGS = {
  MQTT_BROKER_IP: optional(host),
  MQTT_BROKER_PORT: optional(whole('port', 1, 65_535)),
  MQTT_TOPIC_PREFIX: optional(
    matching(
      /^[^/+#\s]+(\/[^/+#\s]+)*$/,
      'give the beginning of the topics, without + # or spaces, and no / at its end',
    ),
  ),
  PI_IDS: withDefault(sensorIds, []),
} as const;

interface OfBroker {
  readonly MQTT_BROKER_IP?: string | undefined;
  readonly MQTT_BROKER_PORT?: number | undefined;
}

/** The broker that the script's names point to; undefined where they name none. */
export const brokerOfScript = ({
  MQTT_BROKER_IP,
  MQTT_BROKER_PORT,
}: OfBroker): string | undefined =>
  MQTT_BROKER_IP === undefined && MQTT_BROKER_PORT === undefined
    ? undefined
    : `mqtt://${MQTT_BROKER_IP ?? '127.0.0.1'}:${MQTT_BROKER_PORT ?? 1883}`;

interface OfTopics {
  readonly MQTT_TOPIC_PREFIX?: string | undefined;
}

/** The level above stores and sensors, such as `neuralsense/rssi`. */
export const rssiTopicOf = ({ MQTT_TOPIC_PREFIX }: OfTopics): string =>
  MQTT_TOPIC_PREFIX === undefined ? RSSI_TOPIC : `${MQTT_TOPIC_PREFIX}/rssi`;

/** Topic filters of readings: of no store in particular, of a store, of one sensor of it. */
export const topicsOfScript = (given: OfTopics): string => {
  const base = rssiTopicOf(given);
  return [base, `${base}/+`, `${base}/+/+`].join(',');
};
