import * as t from 'io-ts';
import { Rssi } from '../../supabase/functions/_shared/contract.ts';
import { PhoneId } from './phoneId.ts';
import { SensorId } from './sensorId.ts';
import { UnixSeconds } from './time.ts';

/** One sensor heard one phone once. `rssi` in dBm, `ts` in Unix seconds. */
export const Reading = t.strict(
  { sensor_id: SensorId, phone_id: PhoneId, rssi: Rssi, ts: UnixSeconds },
  'Reading',
);

/** As it is written down: where `ts` was corrected, `sensor_ts` is what the sensor's clock said. */
export const SavedReading = t.intersection(
  [Reading, t.exact(t.partial({ sensor_ts: UnixSeconds }))],
  'SavedReading',
);
export type Reading = t.TypeOf<typeof SavedReading>;

/** What makes two deliveries the same reading: its `ts` as the sensor sent it. */
export type Identity = Pick<Reading, 'sensor_id' | 'phone_id' | 'ts' | 'sensor_ts'>;

/** Of what this program itself wrote down: nothing but the shape is checked. */
export const isIdentity = (value: unknown): value is Identity => {
  const { sensor_id, phone_id, ts } = Object(value);
  return typeof sensor_id === 'string' && typeof phone_id === 'string' && typeof ts === 'number';
};
