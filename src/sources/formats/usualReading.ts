import type { Reading } from '../../model/reading.ts';

const SENSOR = /^[a-z\d_.:-]{1,64}$/;
const ADDRESS = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;
/** From here on a number of seconds would be taken for milliseconds. */
const MILLISECONDS = 1e11;

/**
 * The reading of an element as nearly all of them are: everything there, in the form in which it is
 * kept. Undefined for all else, good or bad: that is for the codec to say, which gives the same reading
 * for these, at a multiple of the cost.
 */
export const usualReading = (element: unknown): Reading | undefined => {
  if (typeof element !== 'object' || element === null) return undefined;
  const { sensor_id, rpi_id, phone_id, mac, rssi, ts } = element as Readonly<
    Record<string, unknown>
  >;
  const sensor = sensor_id ?? rpi_id;
  const phone = phone_id ?? mac;
  return typeof sensor === 'string' &&
    typeof phone === 'string' &&
    typeof rssi === 'number' &&
    typeof ts === 'number' &&
    rssi >= -120 &&
    rssi < 0 &&
    ts > 0 &&
    ts < MILLISECONDS &&
    SENSOR.test(sensor) &&
    ADDRESS.test(phone)
    ? { sensor_id: sensor, phone_id: phone, rssi, ts }
    : undefined;
};
