import { either as E } from 'fp-ts';
import type { Message } from '../../model/message.ts';
import {
  type Decoded,
  DISTANCE_ALONE,
  healthOf,
  NOTHING,
  readFields,
  readingOf,
  refuse,
  type SensorIdOf,
  sensorIds,
  statusOf,
} from './foreign.ts';
import type { Format } from './format.ts';
import type { Fields } from './payload.ts';

/**
 * Ids that ESPresense makes of a device's kind or of its address: the first are shared by many
 * phones, and behind the second stands the address itself (src/BleFingerprint.cpp there).
 */
const OF_A_KIND =
  /^(ad|sd|md|name|apple|msft|exp|smarttag|known|tile|sonos|itag|itrack|trackr|tractive|vanmoof|meater|nut|flora|dexa|mitherm|garmin|mifit|samsung):/i;

/** Every node is an iBeacon too, and the others name it by its room. */
const OF_A_NODE = /^(node:|ibeacon:e5ca1ade-f007-ba11-0000-)/i;

const isOfNode = ({ id }: Fields): boolean => typeof id === 'string' && OF_A_NODE.test(id);

const phoneOf = ({ id, mac }: Fields): unknown =>
  typeof id === 'string' && id !== '' && !(OF_A_KIND.test(id) && typeof mac === 'string')
    ? id
    : mac;

const readingIn = (message: Message, sensor: string, idOf: SensorIdOf): Decoded => {
  const fields = readFields(message);
  if (E.isLeft(fields)) return fields.left;
  const { rssi, distance } = fields.right;
  if (isOfNode(fields.right)) return NOTHING;
  if (rssi === undefined) return distance === undefined ? NOTHING : refuse(message, DISTANCE_ALONE);
  const phone = phoneOf(fields.right);
  return [readingOf(message, { sensor, phone, rssi, ts: undefined }, idOf)];
};

/**
 * ESPresense, firmware for ESP32 nodes: `<base>/devices/<device>/<node>` holds one reading,
 * `{"mac":"a87650e92820","id":"phone:anna","rssi":-71.00,…}`, without a time; deeper topics hold
 * other things. `<base>/rooms/<node>/status` is online or the last will offline, retained;
 * `<base>/rooms/<node>/telemetry` comes every 15 s and counts as a heartbeat.
 */
export const espresense = (base: string, idOf = sensorIds()): Format => ({
  topics: [`${base}/devices/+/+`, `${base}/rooms/+/status`, `${base}/rooms/+/telemetry`],
  decode: (message) => {
    const [kind, device, last, ...deeper] = message.topic.slice(base.length + 1).split('/');
    if (device === undefined || last === undefined || deeper.length > 0) return NOTHING;
    if (kind === 'devices') return readingIn(message, last, idOf);
    if (kind !== 'rooms') return NOTHING;
    if (last === 'status') return statusOf(message, device, idOf);
    return last === 'telemetry' && message.isRetained !== true
      ? healthOf(message, device, true, idOf)
      : NOTHING;
  },
});
