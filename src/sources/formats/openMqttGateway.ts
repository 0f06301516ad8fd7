import { either as E } from 'fp-ts';
import type { Message } from '../../model/message.ts';
import {
  type Decoded,
  DISTANCE_ALONE,
  instantOf,
  NOTHING,
  readFields,
  readingOf,
  refuse,
  type SensorIdOf,
  sensorIds,
  statusOf,
} from './foreign.ts';
import type { Format } from './format.ts';

const readingIn = (message: Message, sensor: string, idOf: SensorIdOf): Decoded => {
  const fields = readFields(message);
  if (E.isLeft(fields)) return fields.left;
  const { id, rssi, distance, unixtime, UTCtime, time } = fields.right;
  // Sensor values and {"presence":…} come on the same topics.
  if (id === undefined) return NOTHING;
  if (rssi === undefined) return distance === undefined ? NOTHING : refuse(message, DISTANCE_ALONE);
  const ts = instantOf(unixtime) ?? instantOf(UTCtime) ?? instantOf(time);
  return [readingOf(message, { sensor, phone: id, rssi, ts }, idOf)];
};

/**
 * OpenMQTTGateway, firmware for ESP32 gateways, and Theengs Gateway, the same for Linux:
 * `<base>/<gateway>/BTtoMQTT/<address>` holds one reading, `{"id":"45:e1:74:12:6e:00","rssi":-89,…}`;
 * `unixtime` or `UTCtime` where the gateway knows the time. With presenceUseBeaconUuid `id` is an
 * iBeacon's uuid, which outlives the phone's address. `<base>/<gateway>/LWT` is online or the last
 * will offline, retained.
 */
export const openMqttGateway = (base: string, idOf = sensorIds()): Format => ({
  topics: [`${base}/+/BTtoMQTT/+`, `${base}/+/LWT`],
  decode: (message) => {
    const [gateway, kind, device, ...deeper] = message.topic.slice(base.length + 1).split('/');
    if (gateway === undefined || deeper.length > 0) return NOTHING;
    if (kind === 'LWT' && device === undefined) return statusOf(message, gateway, idOf);
    return kind === 'BTtoMQTT' && device !== undefined
      ? readingIn(message, gateway, idOf)
      : NOTHING;
  },
});
