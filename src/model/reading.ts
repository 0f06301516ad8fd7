import * as t from 'io-ts';
import { Rssi, SensorId } from '../../supabase/functions/_shared/contract.ts';
import { PhoneId } from './phoneId.ts';
import { UnixSeconds } from './time.ts';

/** One sensor heard one phone once. `rssi` in dBm, `ts` in Unix seconds. */
export const Reading = t.strict(
  { sensor_id: SensorId, phone_id: PhoneId, rssi: Rssi, ts: UnixSeconds },
  'Reading',
);
export type Reading = t.TypeOf<typeof Reading>;
