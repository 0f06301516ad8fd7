import { either as E } from 'fp-ts';
import type * as t from 'io-ts';
import { explain } from '../../../supabase/functions/_shared/codec.ts';
import { SensorId } from '../../model/sensorId.ts';
import { type Decoded, type SensorIdOf, statusOf } from './foreign.ts';
import type { Format } from './format.ts';

const TOPIC = /^neuralsense\/sensors\/([^/]+)\/status$/;

/** Our own sensors are called what their ids are. */
const idOf: SensorIdOf = (name) =>
  E.mapLeft((errors: t.Errors) => `sensor_id: ${explain(errors).join('; ')}`)(
    SensorId.decode(name),
  );

/**
 * How a sensor of our own says that it lives: `neuralsense/sensors/<id>/status`, retained,
 * `{"state":"online",…}` again and again, and the last will `{"state":"offline"}`.
 */
export const sensorHealth: Format = {
  topics: ['neuralsense/sensors/+/status'],
  decode: (message): Decoded => statusOf(message, TOPIC.exec(message.topic)?.[1] ?? '', idOf),
};
