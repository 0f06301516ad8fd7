import { type Decoded, statusOf } from './foreign.ts';
import type { Format } from './format.ts';

const TOPIC = /^neuralsense\/sensors\/([^/]+)\/status$/;

/**
 * How a sensor of our own says that it lives: `neuralsense/sensors/<id>/status`, retained,
 * `{"state":"online",…}` again and again, and the last will `{"state":"offline"}`.
 */
export const sensorHealth: Format = {
  topics: ['neuralsense/sensors/+/status'],
  decode: (message): Decoded => statusOf(message, TOPIC.exec(message.topic)?.[1] ?? ''),
};
