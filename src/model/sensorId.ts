import * as t from 'io-ts';
import { SensorId as WrittenId } from '../../supabase/functions/_shared/contract.ts';

/** What a sensor is called, in lower case: whoever writes `PI5` means `pi5`. */
export const SensorId = new t.Type<string, string, unknown>(
  'SensorId',
  (value): value is string => WrittenId.is(value) && value === value.toLowerCase(),
  (input, context) => {
    const decoded = WrittenId.validate(input, context);
    return decoded._tag === 'Left' ? decoded : t.success(decoded.right.toLowerCase());
  },
  t.identity,
);
