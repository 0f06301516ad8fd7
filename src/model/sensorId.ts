import * as t from 'io-ts';
import { SensorId as WrittenId } from '../../supabase/functions/_shared/contract.ts';

/** What a sensor is called, however it is written: in lower case, and composed (Unicode's NFC). */
export const sensorName = (written: string): string => written.normalize('NFC').toLowerCase();

/** What a sensor is called: whoever writes `PI5` means `pi5`. */
export const SensorId = new t.Type<string, string, unknown>(
  'SensorId',
  (value): value is string => WrittenId.is(value) && value === sensorName(value),
  (input, context) => {
    const decoded = WrittenId.validate(
      typeof input === 'string' ? input.normalize('NFC') : input,
      context,
    );
    return decoded._tag === 'Left' ? decoded : t.success(sensorName(decoded.right));
  },
  t.identity,
);
