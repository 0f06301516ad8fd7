import { either as E } from 'fp-ts';
import type { Message } from '../../model/message.ts';
import {
  type Decoded,
  instantOf,
  NOTHING,
  readFields,
  readingOf,
  type SensorIdOf,
  sensorIds,
  statusOf,
} from './foreign.ts';
import type { Format } from './format.ts';

const readingIn = (message: Message, sensor: string, device: string, idOf: SensorIdOf): Decoded => {
  const fields = readFields(message);
  if (E.isLeft(fields)) return fields.left;
  const { id, rssi, timestamp, confidence, status } = fields.right;
  if (status !== undefined) return statusOf(message, sensor, idOf);
  // Every value is a string; without a strength, or gone (confidence 0), nothing was heard.
  if (rssi === undefined || rssi === '' || Number(confidence) === 0) return NOTHING;
  return [
    readingOf(message, { sensor, phone: id ?? device, rssi, ts: instantOf(timestamp) }, idOf),
  ];
};

/**
 * monitor (monitor.sh), a script for a Pi: `<base>/<sensor>/<device>` holds one reading whose values
 * are all strings, `{"id":"…","confidence":"100","rssi":"-63","timestamp":"Tue Mar 03 2026 12:00:00
 * GMT+0100 (CET)"}`; what is retained may be of any age. `<base>/<sensor>/status`, or
 * `{"status":"offline"}` on a device's topic, is the sensor's word or its last will.
 */
export const monitor = (base: string, idOf = sensorIds()): Format => ({
  topics: [`${base}/+/+`],
  decode: (message) => {
    const [sensor, device, ...deeper] = message.topic.slice(base.length + 1).split('/');
    if (sensor === undefined || device === undefined || deeper.length > 0) return NOTHING;
    // What its users say to it, and no sensor's name.
    if (sensor === 'scan' || sensor === 'setup') return NOTHING;
    if (device === 'status') return statusOf(message, sensor, idOf);
    return message.isRetained === true ? NOTHING : readingIn(message, sensor, device, idOf);
  },
});
