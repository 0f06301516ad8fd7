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
export type Reading = t.TypeOf<typeof Reading>;

/** What makes two deliveries the same reading. */
export type Identity = Pick<Reading, 'sensor_id' | 'phone_id' | 'ts'>;

/** Of what this program itself wrote down: nothing but the shape is checked. */
export const isIdentity = (value: unknown): value is Identity => {
  const { sensor_id, phone_id, ts } = Object(value);
  return typeof sensor_id === 'string' && typeof phone_id === 'string' && typeof ts === 'number';
};
